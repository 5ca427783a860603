using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>One reference to a native object. The runtime keeps it alive across native calls and frees it exactly once.</summary>
internal abstract class NativeHandle : SafeHandle
{
    protected NativeHandle(IntPtr native) : base(IntPtr.Zero, ownsHandle: true) => SetHandle(native);

    public override bool IsInvalid => handle == IntPtr.Zero;

    /// <summary>The pointer, which stays valid until <see cref="SafeHandle.DangerousRelease"/>.</summary>
    public IntPtr Borrow()
    {
        var added = false;
        DangerousAddRef(ref added);
        return handle;
    }
}

/// <summary>A reference to a libtorch tensor.</summary>
internal sealed class TensorHandle : NativeHandle
{
    private static long _alive, _peak;

    public TensorHandle(IntPtr tensor) : base(tensor)
    {
        var alive = Interlocked.Increment(ref _alive);
        if (alive > Volatile.Read(ref _peak)) Volatile.Write(ref _peak, alive);
    }

    /// <summary>Handles that are not yet freed, in the whole process.</summary>
    public static long Alive => Volatile.Read(ref _alive);

    /// <summary>The most handles that were alive at once; approximate when several threads create tensors.</summary>
    public static long Peak => Volatile.Read(ref _peak);

    protected override bool ReleaseHandle()
    {
        Native.lr_tensor_free(handle);
        Interlocked.Decrement(ref _alive);
        return true;
    }
}

/// <summary>A random number generator of libtorch's.</summary>
internal sealed class GeneratorHandle(IntPtr generator) : NativeHandle(generator)
{
    protected override bool ReleaseHandle()
    {
        Native.lr_generator_free(handle);
        return true;
    }
}

/// <summary>A recorded CUDA graph with the stream it was recorded on.</summary>
internal sealed class CudaGraphHandle(IntPtr graph) : NativeHandle(graph)
{
    protected override bool ReleaseHandle()
    {
        Native.lr_cuda_graph_free(handle);
        return true;
    }
}
