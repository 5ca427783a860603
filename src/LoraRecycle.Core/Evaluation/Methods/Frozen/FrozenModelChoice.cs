using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Frozen;

/// <summary>The model that a method works with, where no task changes it: bare, or with an adapter merged into it.</summary>
/// <param name="Name">The method's name.</param>
/// <param name="Title">The row's title.</param>
/// <param name="Uses">What making the adapter uses.</param>
/// <param name="Make">Makes the adapter, which this then owns, or gives null for the bare model.</param>
/// <param name="Settings">What the adapter is, for the record.</param>
public sealed record FrozenModelChoice(
    string Name,
    string Title,
    DataUse Uses,
    Func<Bench, IProgress<string>?, CancellationToken, Adapter?> Make,
    IReadOnlyDictionary<string, string> Settings
)
{
    public static FrozenModelChoice Bare(string name, string title) =>
        new(name, title, DataUse.None, (_, _, _) => null, new Dictionary<string, string>());

    /// <summary>The deltas of the market's LoRAs, averaged.</summary>
    public static FrozenModelChoice Average(string name, string title) =>
        new(
            name,
            title,
            DataUse.Market,
            (bench, _, _) => AdapterSum.Of(bench.Model.FrozenLayers, bench.Loras, 1.0 / bench.Loras.Count),
            new Dictionary<string, string>()
        );

    internal FrozenEmbedder Prepare(Bench bench, IProgress<string>? progress, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var adapter = Make(bench, progress, cancellation);
        return FrozenEmbedder.Of(bench, adapter);
    }
}
