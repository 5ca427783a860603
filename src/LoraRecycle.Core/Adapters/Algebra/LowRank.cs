using static TorchSharp.torch;

namespace LoraRecycle.Core.Adapters.Algebra;

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
        return Of(matrix, _ => rank);
    }

    /// <summary>The smallest rank whose product is within an error, or else the largest that is allowed.</summary>
    /// <param name="matrix">[out, in].</param>
    /// <param name="error">In the Frobenius norm, relative to the matrix's.</param>
    /// <param name="largest">At least 1.</param>
    public static LowRank Within(Tensor matrix, double error, int largest)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(largest, 1);
        return Of(matrix, energy =>
        {
            var (allowed, tail, rank) = (error * error * energy.Sum(), 0.0, energy.Count);
            while (rank > 1 && tail + energy[rank - 1] <= allowed)
                tail += energy[--rank];
            return Math.Min(rank, largest);
        });
    }

    /// <param name="matrix">[out, in].</param>
    /// <param name="choose">Gives the rank for the squares of the singular values, the largest first.</param>
    private static LowRank Of(Tensor matrix, Func<IReadOnlyList<double>, int> choose)
    {
        using var withoutGrad = no_grad();
        using var scope = NewDisposeScope();
        var (u, s, vh) = linalg.svd(matrix.detach().to(ScalarType.Float32), fullMatrices: false);
        double[] energy = [.. s.to(ScalarType.Float64).square().cpu().data<double>()];
        var rank = choose(energy);
        var kept = Math.Min(rank, energy.Length);
        var whole = energy.Sum();
        var lost = whole == 0 ? 0 : energy.Skip(kept).Sum() / whole;

        // Both factors take the root of the singular values, so that neither learns much faster than the other.
        var root = s.narrow(0, 0, kept).sqrt();
        var (a, b) = (zeros([rank, matrix.shape[1]], device: matrix.device), zeros([matrix.shape[0], rank], device: matrix.device));
        a.narrow(0, 0, kept).copy_(vh.narrow(0, 0, kept).mul(root.unsqueeze(1)));
        b.narrow(1, 0, kept).copy_(u.narrow(1, 0, kept).mul(root));
        return new LowRank(a.MoveToOuterDisposeScope(), b.MoveToOuterDisposeScope(), lost);
    }
}
