using static LoraRecycle.Core.Method.Tuning.Options.TuningException;

namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>Terms of the loss beside the objective, each with its weight; 0 for none.</summary>
public sealed record PenaltySettings
{
    /// <summary>Supervised contrast between embeddings (Khosla et al. 2020); the objective keeps the rest of 1.</summary>
    public double Contrast { get; init; }

    /// <summary>Of the contrast.</summary>
    public double ContrastTemperature { get; init; } = 0.1;

    /// <summary>BA-LoRA's consistency: embeddings stay near the bare model's.</summary>
    public double Near { get; init; }

    /// <summary>BA-LoRA's diversity: dimensions of the embeddings do not vary together.</summary>
    public double Spread { get; init; }

    /// <summary>BA-LoRA's last term: a batch's logits have few large singular values.</summary>
    public double LowRank { get; init; }

    /// <summary>KaSA's beta: d stays small.</summary>
    public double Diagonal { get; init; }

    /// <summary>KaSA's gamma: B's columns and A's rows become orthonormal.</summary>
    public double Orthogonal { get; init; }

    internal void Validate()
    {
        Require(Contrast is >= 0 and <= 1, "a weight of 0 to 1 for contrast", Contrast);
        Require(ContrastTemperature is > 0 and <= 100, "a temperature of contrast above 0 and at most 100", ContrastTemperature);
        foreach (var (name, weight) in new[]
            {
                (nameof(Near), Near), (nameof(Spread), Spread), (nameof(LowRank), LowRank), (nameof(Diagonal), Diagonal),
                (nameof(Orthogonal), Orthogonal),
            })
            Require(weight is >= 0 and <= 1e6, $"a weight of 0 to 1000000 for {name}", weight, name);
    }
}
