using TorchSharp.Interop;

namespace LoraRecycle.Torch;

/// <summary>
/// A recorded sequence of kernels. A replay runs them all with one launch on the same memory, so that small batches no
/// longer wait for the host. TorchSharp has no counterpart.
/// </summary>
public sealed class CudaGraph : IDisposable
{
    private readonly CudaGraphHandle _graph;

    /// <summary>False where the environment says <c>LORA_RECYCLE_CUDA_GRAPHS=0</c>: every kernel is launched on its own, as a debugger wants it.</summary>
    public static bool Enabled { get; } = Environment.GetEnvironmentVariable("LORA_RECYCLE_CUDA_GRAPHS") != "0";

    private CudaGraph(CudaGraphHandle graph) => _graph = graph;

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
    public static CudaGraph Record(int device, Action work, CudaGraph? sharing = null)
    {
        NativeError.Check(Native.lr_cuda_graph_begin(device, sharing?._graph.DangerousGetHandle() ?? IntPtr.Zero, out var pointer));
        GC.KeepAlive(sharing);
        var graph = new CudaGraphHandle(pointer);
        try
        {
            work();
        }
        catch
        {
            // The capture must end before the graph may go; the first error is the one that counts.
            _ = Native.lr_cuda_graph_end(graph);
            graph.Dispose();
            throw;
        }
        if (Native.lr_cuda_graph_end(graph) != 0)
        {
            graph.Dispose();
            NativeError.Check(1);
        }
        return new CudaGraph(graph);
    }

    public void Replay() => NativeError.Check(Native.lr_cuda_graph_replay(_graph));

    public void Dispose() => _graph.Dispose();
}
