using TorchSharp;

namespace LoraRecycle.Core.Foundation.Tensors;

/// <summary>A tensor's numbers as an array.</summary>
internal static class TensorValues
{
    /// <summary>Those of a tensor in host memory that may be empty, which TorchSharp's accessor refuses.</summary>
    public static T[] ToValues<T>(this torch.Tensor tensor) where T : unmanaged => tensor.numel() == 0 ? [] : tensor.data<T>().ToArray();
}
