using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Losses;

/// <summary>BA-LoRA's three terms (arXiv 2408.04556), in its form for classification.</summary>
internal static class OutputPenalties
{
    private const int Largest = 3;

    /// <summary>Consistency: the mean square of what unit embeddings differ from the bare model's.</summary>
    public static Tensor Near(Tensor embeddings, Tensor bare) =>
        nn.functional.normalize(embeddings, p: 2, dim: 1).sub(nn.functional.normalize(bare, p: 2, dim: 1)).square().mean();

    /// <summary>Diversity: the squares of the covariances between dimensions, summed and divided by their number.</summary>
    /// <param name="embeddings"><c>[images, embedding]</c>, at least two images.</param>
    public static Tensor Spread(Tensor embeddings)
    {
        using var scope = NewDisposeScope();
        var centred = embeddings.sub(embeddings.mean([0], keepdim: true));
        var covariance = centred.T.mm(centred).div(embeddings.shape[0] - 1);
        return covariance.square().sum().sub(covariance.diagonal().square().sum()).div(embeddings.shape[1]).MoveToOuterDisposeScope();
    }

    /// <summary>Minus the share that the three largest singular values have in the sum of all: -1 where the rank is no more than
    /// that.</summary>
    /// <param name="logits"><c>[images, classes]</c>.</param>
    public static Tensor LowRank(Tensor logits)
    {
        using var scope = NewDisposeScope();
        var values = linalg.svdvals(logits);
        return values.narrow(0, 0, Math.Min(Largest, values.shape[0])).sum().div(values.sum()).neg().MoveToOuterDisposeScope();
    }
}
