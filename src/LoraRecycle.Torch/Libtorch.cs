using System.Runtime.InteropServices;
using TorchSharp.Interop;

namespace LoraRecycle.Torch;

/// <summary>Facts about the libtorch in use that TorchSharp does not tell.</summary>
public static unsafe class Libtorch
{
    /// <summary>For example <c>1.13.1</c> or <c>2.11.0</c>.</summary>
    public static string Version => Marshal.PtrToStringUTF8((IntPtr)Native.lr_libtorch_version())!;

    /// <summary>True when the shim was built against a CUDA libtorch.</summary>
    public static bool HasCuda => Native.lr_is_cuda_build() != 0;

    /// <summary>libtorch's own description of how it was built and how it is threaded.</summary>
    public static string Configuration
    {
        get
        {
            NativeError.Check(Native.lr_libtorch_configuration(out var text));
            return Marshal.PtrToStringUTF8((IntPtr)text)!;
        }
    }

    /// <summary>
    /// The reference BLAS that this process has loaded, or null. Debian's libtorch takes whatever provides libblas.so.3,
    /// and the reference one is some thirty times slower than OpenBLAS.
    /// </summary>
    public static string? ReferenceBlas
    {
        get
        {
            _ = Native.lr_thread_count();
            if (!File.Exists("/proc/self/maps")) return null;
            var libraries = File.ReadLines("/proc/self/maps").Select(line => line.Split(' ', 6)[^1].Trim()).Where(path => path.StartsWith('/')).ToHashSet();
            return libraries.FirstOrDefault(path => path.Contains("/blas/libblas.so", StringComparison.Ordinal));
        }
    }

    /// <summary>Bytes of device memory: held by tensors now, at most since the last reset, and kept by libtorch's allocator.</summary>
    public static (long Allocated, long Peak, long Reserved) CudaMemory(int device, bool resetPeak = false)
    {
        NativeError.Check(Native.lr_cuda_memory(device, resetPeak ? 1 : 0, out var allocated, out var peak, out var reserved));
        return (allocated, peak, reserved);
    }

    /// <summary>Bytes of memory of a CUDA device, whoever uses them; -1 is the current one.</summary>
    public static long CudaTotalMemory(int device)
    {
        NativeError.Check(Native.lr_cuda_total_memory(device, out var total));
        return total;
    }
}
