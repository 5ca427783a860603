using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Losses;

/// <summary>Nearest prototypes of a batch, each image left out of its own class's (Snell et al. 2017, on cosines).</summary>
internal static class PrototypeLoss
{
    private const double Temperature = 0.1;

    /// <param name="embeddings"><c>[images, embedding]</c>; at least two of every class that is there.</param>
    /// <param name="labels"><c>[images]</c>.</param>
    /// <param name="classes">How many there are in all.</param>
    /// <returns>The mean cross-entropy. Classes that no image of the batch is of are no answers.</returns>
    public static Tensor Of(Tensor embeddings, Tensor labels, int classes)
    {
        using var scope = NewDisposeScope();
        var unit = nn.functional.normalize(embeddings, p: 2, dim: 1);
        var members = nn.functional.one_hot(labels, classes).to(unit.dtype);
        var counts = members.sum(dim: 0);
        var sums = members.T.mm(unit);
        // An image's own class without it; the other classes whole.
        var prototypes = nn.functional.normalize(sums.unsqueeze(0).sub(members.unsqueeze(2).mul(unit.unsqueeze(1))), p: 2, dim: 2);
        var logits = prototypes.mul(unit.unsqueeze(1)).sum(2).div(Temperature).masked_fill(counts.eq(0).unsqueeze(0), -1e9);
        return nn.functional.cross_entropy(logits, labels).MoveToOuterDisposeScope();
    }
}
