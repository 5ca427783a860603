using static TorchSharp.torch;

namespace LoraRecycle.Core.Foundation.Tensors;

/// <summary>
/// Matrix products as <c>torch.matmul</c> has them. TorchSharp 0.107's own is not used: alone among its native functions of
/// tensors it catches nothing, so a wrong shape, or memory that runs out, would end the process.
/// </summary>
internal static class MatrixProduct
{
    /// <summary><paramref name="a"/> times <paramref name="b"/>.</summary>
    /// <param name="a">[..., rows, inner].</param>
    /// <param name="b">[..., inner, columns], whose leading dimensions are broadcast with those of <paramref name="a"/>; or
    /// [inner].</param>
    /// <returns>[..., rows, columns]; [..., rows] where <paramref name="b"/> is one vector.</returns>
    public static Tensor Times(this Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        var product = b.dim() switch
        {
            1 => nn.functional.linear(a, b.unsqueeze(0)).squeeze(-1),
            2 => a.dim() == 2 ? a.mm(b) : nn.functional.linear(a, b.T),
            _ => Batched(a, b),
        };
        return product.MoveToOuterDisposeScope();
    }

    private static Tensor Batched(Tensor a, Tensor b)
    {
        long[] leading = Broadcast(a.shape[..^2], b.shape[..^2]);
        var product = Flat(a, leading).bmm(Flat(b, leading));
        return product.view([.. leading, product.shape[1], product.shape[2]]);
    }

    private static Tensor Flat(Tensor matrices, long[] leading) =>
        matrices.expand([.. leading, matrices.shape[^2], matrices.shape[^1]]).reshape(-1, matrices.shape[^2], matrices.shape[^1]);

    private static long[] Broadcast(long[] a, long[] b)
    {
        var count = Math.Max(a.Length, b.Length);
        return [.. Enumerable.Range(0, count).Select(i => Math.Max(At(a, count - i), At(b, count - i)))];

        static long At(long[] shape, int fromEnd) => fromEnd <= shape.Length ? shape[^fromEnd] : 1;
    }
}
