using System.Runtime.InteropServices;
using TorchSharp;

namespace LoraRecycle.Core.Devices;

/// <summary>How much memory a device has, and how its want of more is told.</summary>
public static class DeviceMemory
{
    /// <returns>Bytes in all, whoever uses them now; null where that cannot be told, as on a CPU.</returns>
    public static long? TotalBytes(torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
#if TORCHSHARP
        return null;
#else
        return device.type == DeviceType.CUDA ? Torch.Libtorch.CudaTotalMemory(device.index) : null;
#endif
    }

    /// <returns>Bytes that the tensors of this process take now; null where that cannot be told, as on a CPU.</returns>
    public static long? AllocatedBytes(torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
#if TORCHSHARP
        return null;
#else
        return device.type == DeviceType.CUDA ? Torch.Libtorch.CudaMemory(device.index).Allocated : null;
#endif
    }

    /// <summary>
    /// Whether an operation failed for want of memory, so that a smaller one may succeed. libtorch says so in a type of its
    /// own for a CUDA device, and only in the text of its message for host memory and for what CUDA's libraries allocate.
    /// </summary>
    public static bool IsExhausted(Exception exception) => exception is OutOfMemoryException
#if !TORCHSHARP
        || exception is Torch.DeviceMemoryException
#endif
        || exception is ExternalException && Array.Exists(Messages, message => exception.Message.Contains(message, StringComparison.OrdinalIgnoreCase));

    /// <summary>The same in 1.13 and 2.x, where only the words between differ.</summary>
    private static readonly string[] Messages =
    [
        "out of memory",       // "CUDA out of memory. Tried to allocate ...", "CUDA error: out of memory"
        "DefaultCPUAllocator", // "DefaultCPUAllocator: can't allocate memory: you tried to allocate ...", on Windows "not enough memory"
        "ALLOC_FAILED",        // "CUBLAS_STATUS_ALLOC_FAILED when calling ...", "cuDNN error: CUDNN_STATUS_ALLOC_FAILED"
    ];
}
