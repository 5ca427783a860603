using TorchSharp;

namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>How many threads a forward pass on the CPU takes.</summary>
public static class ComputeThreads
{
    /// <summary>
    /// Sets the number for this thread and for those that have not computed yet; 0 means every processor this process may
    /// use. libtorch's own choice counts physical cores, which on a virtual machine can be half of what it was given.
    /// OpenMP keeps the number a thread, so the thread that runs a model calls this.
    /// </summary>
    /// <exception cref="DeviceException">There is no libtorch to compute with.</exception>
    public static void Use(int threads)
    {
        TorchLibrary.Load();
        torch.set_num_threads(threads > 0 ? threads : Environment.ProcessorCount);
    }
}
