using static LoraRecycle.Core.Method.Tuning.Options.TuningException;

namespace LoraRecycle.Core.Method.Tuning.Options;

/// <summary>What a layer is while it is tuned, and what it starts from.</summary>
public sealed record FormSettings
{
    public LoraForm Kind { get; init; } = LoraForm.Lora;

    /// <summary>Which of them a form takes: <see cref="StartsOf"/>.</summary>
    public FactorStart Start { get; init; } = FactorStart.Uniform;

    /// <summary>LoRA-GA: the factors are scaled by outputs^(1/4) / sqrt(gamma). Less is a larger start.</summary>
    public double Gamma { get; init; } = 16;

    /// <summary>Whether the factors around a core are trained with it; without them, only the core is.</summary>
    public bool TrainsFactors { get; init; } = true;

    /// <summary>Whether the core is the identity and stays it, which makes the form plain LoRA.</summary>
    public bool HasUnitCore { get; init; }

    /// <summary>Comp-LoRA: the share of the weight's energy, in its largest singular directions, that tuning leaves alone; 0 for
    /// none.</summary>
    public double Keep { get; init; }

    /// <summary>LoFiT: how many attention heads get an offset.</summary>
    public int Heads { get; init; } = 5;

    /// <summary>The largest rank of what is stored, where the form has a larger one of its own (RandLoRA, full fine-tuning).</summary>
    public int StoredRank { get; init; } = 32;

    /// <summary>What a form can start from.</summary>
    public static IReadOnlyList<FactorStart> StartsOf(LoraForm form) =>
        form switch
        {
            LoraForm.Lora => [FactorStart.Uniform, FactorStart.Gradient],
            LoraForm.Core => [FactorStart.Uniform, FactorStart.FirstStep, FactorStart.Nystroem, FactorStart.Spectrum],
            _ => [FactorStart.Uniform],
        };

    internal void Validate(int rank, long narrowest)
    {
        var starts = StartsOf(Kind);
        if (!starts.Contains(Start))
            throw new TuningException($"Expected a start of form {Kind} among {string.Join(", ", starts)}; got {Start}.")
            {
                Setting = nameof(Start),
            };
        Require(Gamma is > 0 and < double.PositiveInfinity, "a positive gamma", Gamma);
        Require(Keep is >= 0 and < 1, "a share of 0 to less than 1 of the weight's energy to keep", Keep);
        if (Keep > 0 && Kind != LoraForm.Lora)
            throw new TuningException($"Expected form {LoraForm.Lora} to keep a part of the weight; got {Kind}.")
            {
                Setting = nameof(Keep),
            };
        if (Start == FactorStart.Gradient)
            Require(2 * rank <= narrowest, $"a rank of at most {narrowest / 2}, half the narrowest target layer's width", rank);
        Require(Heads >= 1, "at least 1 attention head", Heads);
        Require(StoredRank >= 1, "a stored rank of at least 1", StoredRank);
    }
}
