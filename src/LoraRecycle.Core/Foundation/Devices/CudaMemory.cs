using System.Runtime.InteropServices;
using TorchSharp;

namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>What CUDA's runtime tells about a device's memory. TorchSharp does not; libtorch has the runtime loaded already.</summary>
internal static unsafe class CudaMemory
{
    /// <summary>The runtime's names, the newest first: whichever is loaded answers to its own.</summary>
    private static readonly string[] Names = OperatingSystem.IsWindows()
        ? ["cudart64_13.dll", "cudart64_12.dll"]
        : ["libcudart.so.13", "libcudart.so.12"];

    private static readonly Lazy<IntPtr> Runtime = new(() =>
        Names
            .Select(name => NativeLibrary.TryLoad(name, out var library) ? library : IntPtr.Zero)
            .FirstOrDefault(library => library != IntPtr.Zero)
    );

    /// <returns>Bytes free and in all; null where there is no CUDA or it does not tell.</returns>
    public static (long Free, long Total)? Of(torch.Device device)
    {
        if (device.type != DeviceType.CUDA || Runtime.Value == IntPtr.Zero) return null;
        if (!NativeLibrary.TryGetExport(Runtime.Value, "cudaMemGetInfo", out var getInfo)
            || !NativeLibrary.TryGetExport(Runtime.Value, "cudaSetDevice", out var setDevice)
            || !NativeLibrary.TryGetExport(Runtime.Value, "cudaGetDevice", out var getDevice)) return null;

        // The current device is the thread's own; libtorch sets it before every launch and expects it as it left it.
        int before;
        nuint free, total;
        if (((delegate* unmanaged<int*, int>)getDevice)(&before) != 0) return null;
        if (((delegate* unmanaged<int, int>)setDevice)(Math.Max(0, device.index)) != 0) return null;
        var failed = ((delegate* unmanaged<nuint*, nuint*, int>)getInfo)(&free, &total);
        _ = ((delegate* unmanaged<int, int>)setDevice)(before);
        return failed == 0 ? ((long)free, (long)total) : null;
    }
}
