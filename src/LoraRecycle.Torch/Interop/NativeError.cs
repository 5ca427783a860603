using System.Runtime.InteropServices;

namespace TorchSharp.Interop;

/// <summary>The one place where a native failure becomes a .NET exception.</summary>
internal static unsafe class NativeError
{
    private const int OutOfMemory = 1;

    public static void Check(int failed)
    {
        if (failed != 0) Throw();
    }

    private static void Throw()
    {
        var message = Marshal.PtrToStringUTF8((IntPtr)Native.lr_last_error(out var kind)) ?? "unknown error in libtorch";
        throw kind == OutOfMemory
            ? new LoraRecycle.Torch.DeviceMemoryException($"{message}. Use a smaller batch, or free tensors earlier (NewDisposeScope).")
            : new LoraRecycle.Torch.TorchException(Advice.AddTo(message));
    }
}
