using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Lora;

/// <summary>The best approximation of a matrix by the product of two thin ones (Eckart and Young).</summary>
/// <param name="A">[rank, in].</param>
/// <param name="B">[out, rank].</param>
/// <param name="Lost">The share of the matrix's squared Frobenius norm that the product lacks, 0 to 1.</param>
public readonly record struct LowRank(Tensor A, Tensor B, double Lost)
{
    /// <param name="matrix">[out, in].</param>
    /// <param name="rank">At least 1; more than the matrix has is filled with zeros.</param>
    public static LowRank Of(Tensor matrix, int rank)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rank, 1);
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        var (u, s, vh) = linalg.svd(matrix.detach().to(ScalarType.Float32), fullMatrices: false);
        var kept = Math.Min(rank, (int)s.shape[0]);
        var energy = s.to(ScalarType.Float64).square();
        var whole = energy.sum().item<double>();
        var lost = whole == 0 ? 0 : Math.Max(0, 1 - (energy.narrow(0, 0, kept).sum().item<double>() / whole));

        // Both factors take the root of the singular values, so that neither learns much faster than the other.
        var root = s.narrow(0, 0, kept).sqrt();
        var (a, b) = (zeros([rank, matrix.shape[1]], device: matrix.device), zeros([matrix.shape[0], rank], device: matrix.device));
        a.narrow(0, 0, kept).copy_(vh.narrow(0, 0, kept).mul(root.unsqueeze(1)));
        b.narrow(1, 0, kept).copy_(u.narrow(1, 0, kept).mul(root));
        return new LowRank(a.MoveToOuterDisposeScope(), b.MoveToOuterDisposeScope(), lost);
    }
}
