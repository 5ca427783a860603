using LoraRecycle.Core.Method.Tuning.Options;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Losses;

/// <summary>The objective and the terms beside it.</summary>
internal static class TuningLoss
{
    /// <param name="seen">What the step saw.</param>
    /// <param name="other">The labels that images were mixed with, and how much of an image is its own; null where none were.</param>
    /// <param name="settings">Which terms count.</param>
    public static Tensor Of(Seen seen, (Tensor Labels, double Own)? other, TuningSettings settings)
    {
        var penalty = settings.Penalty;
        var loss = settings.Objective == Objective.Prototypes
            ? PrototypeLoss.Of(seen.Embeddings, seen.Labels, seen.Classes)
            : CrossEntropy(seen.Logits, seen.Labels, other);
        if (penalty.Contrast > 0)
            loss = loss.mul(1 - penalty.Contrast)
                .add(SupervisedContrast.Of(seen.Embeddings, seen.Labels, penalty.ContrastTemperature), penalty.Contrast);
        if (penalty.Near > 0) loss = loss.add(OutputPenalties.Near(seen.Embeddings, seen.Bare()), penalty.Near);
        if (penalty.Spread > 0) loss = loss.add(OutputPenalties.Spread(seen.Embeddings), penalty.Spread);
        if (penalty.LowRank > 0) loss = loss.add(OutputPenalties.LowRank(seen.Logits), penalty.LowRank);
        if (penalty.Diagonal > 0 || penalty.Orthogonal > 0) loss = loss.add(Factors(seen, penalty).div(seen.Layers.Count));
        return loss;
    }

    private static Tensor CrossEntropy(Tensor logits, Tensor labels, (Tensor Labels, double Own)? other) =>
        other is { } mixed
            ? nn.functional.cross_entropy(logits, labels).mul(mixed.Own)
                .add(nn.functional.cross_entropy(logits, mixed.Labels), 1 - mixed.Own)
            : nn.functional.cross_entropy(logits, labels);

    private static Tensor Factors(Seen seen, PenaltySettings penalty)
    {
        var sum = zeros([], device: seen.Logits.device);
        foreach (var layer in seen.Layers)
        {
            if (layer.Find("lora_diag") is { } diagonal && penalty.Diagonal > 0) sum = sum.add(diagonal.square().sum(), penalty.Diagonal);
            if (layer is { A: { } a, B: { } b } && penalty.Orthogonal > 0)
                sum = sum.add(FactorPenalties.Orthogonal(a, b), penalty.Orthogonal);
        }
        return sum;
    }
}
