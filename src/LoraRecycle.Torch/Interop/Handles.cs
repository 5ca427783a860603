using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>One reference to a libtorch tensor. The runtime keeps it alive across native calls and frees it exactly once.</summary>
internal sealed class TensorHandle : SafeHandle
{
    private static long _alive, _peak;

    public TensorHandle(IntPtr tensor) : base(IntPtr.Zero, ownsHandle: true)
    {
        SetHandle(tensor);
        if (tensor == IntPtr.Zero) return;
        var alive = Interlocked.Increment(ref _alive);
        if (alive > Volatile.Read(ref _peak)) Volatile.Write(ref _peak, alive);
    }

    /// <summary>Handles that are not yet freed, in the whole process.</summary>
    public static long Alive => Volatile.Read(ref _alive);

    /// <summary>The most handles that were alive at once; approximate when several threads create tensors.</summary>
    public static long Peak => Volatile.Read(ref _peak);

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        Native.lr_tensor_free(handle);
        Interlocked.Decrement(ref _alive);
        return true;
    }
}

/// <summary>A random number generator of libtorch's.</summary>
internal sealed class GeneratorHandle : SafeHandle
{
    public GeneratorHandle(IntPtr generator) : base(IntPtr.Zero, ownsHandle: true) => SetHandle(generator);

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        Native.lr_generator_free(handle);
        return true;
    }
}

/// <summary>A recorded CUDA graph with the stream it was recorded on.</summary>
internal sealed class CudaGraphHandle : SafeHandle
{
    public CudaGraphHandle(IntPtr graph) : base(IntPtr.Zero, ownsHandle: true) => SetHandle(graph);

    public override bool IsInvalid => handle == IntPtr.Zero;

    protected override bool ReleaseHandle()
    {
        Native.lr_cuda_graph_free(handle);
        return true;
    }
}
