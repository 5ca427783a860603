using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Losses;

/// <summary>KaSA's terms (arXiv 2412.06071), in the r x r form, which can reach zero.</summary>
internal static class FactorPenalties
{
    /// <summary>|B^T B - I| + |A A^T - I|, in the Frobenius norm.</summary>
    public static Tensor Orthogonal(Tensor a, Tensor b) => Distance(b.T.mm(b)).add(Distance(a.mm(a.T)));

    private static Tensor Distance(Tensor gram) =>
        gram.sub(eye(gram.shape[0], device: gram.device)).square().sum().add(1e-12).sqrt();
}
