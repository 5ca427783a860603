using System.Runtime.InteropServices;

namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>
/// A recorded sequence of kernels. A replay runs them all with one launch on the same memory, so that small batches no
/// longer wait for the host. TorchSharp has no counterpart: a plug-in makes them, and without it callers launch kernel by kernel.
/// </summary>
internal sealed class CudaGraph : SafeHandle
{
    private CudaGraph(IntPtr recording) : base(IntPtr.Zero, ownsHandle: true) => SetHandle(recording);

    /// <summary>Why nothing can be recorded: no plug-in beside the program, one that does not load, or <c>LORA_RECYCLE_CUDA_GRAPHS=0</c>;
    /// null where it can.</summary>
    public static string? Unavailable => CudaGraphLibrary.Missing;

    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <summary>
    /// Records what <paramref name="work"/> launches. It must read and write only tensors that outlive the graph, must not
    /// synchronise, and should have run before, so that libraries are initialised.
    /// </summary>
    /// <param name="device">The CUDA device's number.</param>
    /// <param name="work">What to record.</param>
    /// <param name="sharing">
    /// A graph whose memory for intermediate results this one uses too: the two must not run at the same time, and what one
    /// leaves is gone once the other has run.
    /// </param>
    /// <exception cref="CudaGraphException">The device did not record; what <paramref name="work"/> threw is thrown as it is.</exception>
    public static CudaGraph Record(int device, Action work, CudaGraph? sharing = null)
    {
        CudaGraphLibrary.Check(CudaGraphLibrary.Begin(device, sharing?.handle ?? IntPtr.Zero, out var recording));
        GC.KeepAlive(sharing);
        var graph = new CudaGraph(recording);
        try
        {
            work();
        }
        catch
        {
            // The capture must end before the graph may go; the first error is the one that counts.
            _ = CudaGraphLibrary.End(recording);
            graph.Dispose();
            throw;
        }
        var ended = CudaGraphLibrary.End(recording);
        if (ended != 0)
        {
            graph.Dispose();
            CudaGraphLibrary.Check(ended);
        }
        return graph;
    }

    public void Replay()
    {
        CudaGraphLibrary.Check(CudaGraphLibrary.Replay(handle));
        GC.KeepAlive(this);
    }

    protected override bool ReleaseHandle()
    {
        CudaGraphLibrary.Free(handle);
        return true;
    }
}
