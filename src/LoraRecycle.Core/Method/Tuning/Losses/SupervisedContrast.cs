using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Losses;

/// <summary>Supervised contrastive loss (Khosla et al. 2020, equation 2): an image is to be more alike to the others of its class than to
/// the rest of the batch.</summary>
internal static class SupervisedContrast
{
    /// <param name="embeddings"><c>[images, embedding]</c>; views of one picture are images of one class.</param>
    /// <param name="labels"><c>[images]</c>.</param>
    /// <param name="temperature">Above 0.</param>
    /// <returns>The mean over images; one that is alone in its class counts nothing.</returns>
    public static Tensor Of(Tensor embeddings, Tensor labels, double temperature)
    {
        using var scope = NewDisposeScope();
        var unit = nn.functional.normalize(embeddings, p: 2, dim: 1);
        var itself = eye(unit.shape[0], dtype: ScalarType.Bool, device: unit.device);
        var alike = unit.mm(unit.T).div(temperature).masked_fill(itself, -1e9);
        var chances = alike.sub(alike.logsumexp(1, keepdim: true));
        var positive = labels.unsqueeze(0).eq(labels.unsqueeze(1)).logical_and(itself.logical_not()).to(ScalarType.Float32);
        var own = chances.mul(positive).sum(1).div(positive.sum(1).clamp(1));
        return own.mean().neg().MoveToOuterDisposeScope();
    }
}
