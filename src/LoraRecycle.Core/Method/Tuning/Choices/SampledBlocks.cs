using LoraRecycle.Core.Foundation.Randomness;

namespace LoraRecycle.Core.Method.Tuning.Choices;

/// <summary>LISA (arXiv 2403.17919): a few blocks move for an interval, drawn anew without repetition within it.</summary>
/// <param name="blocks">How many there are.</param>
/// <param name="active">How many move at a time; all of them where that is more.</param>
/// <param name="interval">In steps.</param>
/// <param name="seed">Of the draws.</param>
internal sealed class SampledBlocks(int blocks, int active, int interval, long seed)
{
    /// <summary>Whether the blocks change with this step.</summary>
    /// <param name="step">From 1.</param>
    public bool ChangesAt(int step) => (step - 1) % interval == 0;

    /// <summary>Those that move at a step.</summary>
    /// <param name="step">From 1.</param>
    public IReadOnlySet<int> At(int step) =>
        SplitMix64.OfStream(seed, (step - 1) / interval).Choose(Math.Min(active, blocks), blocks).ToHashSet();
}
