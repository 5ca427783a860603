using System.Globalization;
using LoraRecycle.Core.Foundation.Randomness;
using LoraRecycle.Core.Method.Tuning.Methods;
using LoraRecycle.Core.Method.Tuning.Options;

namespace LoraRecycle.Core.Markets;

/// <summary>Which LoRAs a market is to have: random N-way tasks, each with a rank drawn from a list.</summary>
public sealed record MarketPlan
{
    public required int Loras { get; init; }

    public int Ways { get; init; } = 5;

    /// <summary>One is drawn for each LoRA.</summary>
    public IReadOnlyList<int> Ranks { get; init; } = [4];

    /// <summary>Target layers; one list is drawn for each LoRA.</summary>
    public IReadOnlyList<IReadOnlyList<string>> Targets { get; init; } = [["q", "v"]];

    public long Seed { get; init; }

    /// <summary>One is drawn for each LoRA, and sets the parts of its tuner.</summary>
    public IReadOnlyList<TuningMethod> Methods { get; init; } = [TuningMethods.Of(TuningMethods.Plain)];

    /// <summary>How every LoRA is tuned, but for what the plan draws: rank, targets, seed and method.</summary>
    public TuningSettings Settings { get; init; } = new();

    /// <summary>Task <c>i</c> depends on the seed, <c>i</c> and the classes alone: a longer plan begins as a shorter one.</summary>
    /// <param name="prefix">What names begin with: the data set's.</param>
    /// <param name="classes">The classes to draw from.</param>
    /// <exception cref="TuningException">The plan asks for nothing, or for more classes than there are.</exception>
    public IReadOnlyList<LoraTask> Draw(string prefix, IReadOnlyList<string> classes)
    {
        if (Loras < 1)
            throw new TuningException($"Expected at least 1 LoRA to build; got {Loras}.");
        if (Ways < 2 || Ways > classes.Count)
            throw new TuningException($"Expected 2 to {classes.Count} ways for {classes.Count} classes; got {Ways}.");
        if (Ranks.Count == 0 || Targets.Count == 0 || Methods.Count == 0)
            throw new TuningException("Expected at least one rank, one list of target layers and one method to draw from.");
        return [.. Enumerable.Range(0, Loras).Select(number => DrawOne(prefix, classes, number))];
    }

    private LoraTask DrawOne(string prefix, IReadOnlyList<string> classes, int number)
    {
        // Mixed twice, so that neighbouring seeds and numbers do not share a stretch of the sequence.
        var random = new SplitMix64(new SplitMix64(new SplitMix64((ulong)Seed).Next() + (ulong)number).Next());
        var chosen = random.Choose(Ways, classes.Count);
        var drawn = Settings with
        {
            Rank = Ranks[random.Below(Ranks.Count)],
            Targets = Targets[random.Below(Targets.Count)],
            Seed = (long)(random.Next() >> 1),
        };
        return new LoraTask(
            $"{prefix}-{number.ToString("D3", CultureInfo.InvariantCulture)}",
            [.. chosen.Select(index => classes[index])],
            Methods[random.Below(Methods.Count)].On(drawn));
    }
}
