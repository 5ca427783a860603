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

    /// <summary>Whether an operation failed for want of memory, so that a smaller one may succeed.</summary>
    public static bool IsExhausted(Exception exception) =>
#if TORCHSHARP
        exception is ExternalException && exception.Message.Contains("out of memory", StringComparison.OrdinalIgnoreCase);
#else
        exception is ExternalException and Torch.DeviceMemoryException;
#endif
}
