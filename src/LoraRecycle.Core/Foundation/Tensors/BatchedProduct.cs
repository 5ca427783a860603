using static TorchSharp.torch;

namespace LoraRecycle.Core.Foundation.Tensors;

/// <summary>
/// <c>input + a @ b</c> for batches of matrices. TorchSharp's <c>torch.baddbmm(input, a, b)</c> computes <c>b + input @ a</c>:
/// its native function takes the summand last, and the managed one passes it first.
/// </summary>
internal static class BatchedProduct
{
    /// <param name="input">Broadcast to [batch, rows, columns].</param>
    /// <param name="a">[batch, rows, inner].</param>
    /// <param name="b">[batch, inner, columns].</param>
    /// <returns>[batch, rows, columns].</returns>
    public static Tensor Add(Tensor input, Tensor a, Tensor b) => a.baddbmm(b, input);
}
