using System.Runtime.InteropServices;
using TorchSharp;

namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>How much memory a device has, and how its want of more is told.</summary>
public static class DeviceMemory
{
    /// <returns>Bytes in all, whoever uses them now; null where that cannot be told, as on a CPU.</returns>
    public static long? TotalBytes(torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return CudaMemory.Of(device)?.Total;
    }

    /// <returns>Bytes that are in use now, by this process (what libtorch keeps for later tensors included) and others; null where that
    /// cannot be told, as on a CPU.</returns>
    public static long? UsedBytes(torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return CudaMemory.Of(device) is { } memory ? memory.Total - memory.Free : null;
    }

    /// <returns>Bytes that the tensors of this process held at most since the last reset; null on a CPU, and without the plug-in that asks
    /// libtorch for it.</returns>
    internal static long? PeakBytes(torch.Device device, bool reset) =>
        device.type == DeviceType.CUDA && CudaGraphLibrary.Missing is null
            ? CudaGraphLibrary.MemoryPeak(Math.Max(0, device.index), reset ? 1 : 0)
            : null;

    /// <summary>
    /// Whether an operation failed for want of memory, so that a smaller one may succeed. libtorch's errors reach
    /// .NET as one type, so the text of the message is all there is to go by.
    /// </summary>
    public static bool IsExhausted(Exception exception) =>
        exception is OutOfMemoryException
        || exception is ExternalException
            && Array.Exists(Messages, message => exception.Message.Contains(message, StringComparison.OrdinalIgnoreCase));

    private static readonly string[] Messages =
    [
        "out of memory",       // "CUDA out of memory. Tried to allocate ...", "CUDA error: out of memory"
        "DefaultCPUAllocator", // "DefaultCPUAllocator: can't allocate memory: you tried to allocate ...", on Windows "not enough memory"
        "ALLOC_FAILED",        // "CUBLAS_STATUS_ALLOC_FAILED when calling ...", "cuDNN error: CUDNN_STATUS_ALLOC_FAILED"
    ];
}
