using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Methods.Frozen;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Vision.Loading;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>What nearest prototypes lose, while a LoRA is attached, on the classes that its task does not have.</summary>
internal sealed class ForgettingProbe : IDisposable
{
    private const int Shots = 5, Queries = 5;

    private readonly DrawnEpisodes _episodes;
    private readonly double _bare;

    private ForgettingProbe(DrawnEpisodes episodes, CancellationToken cancellation)
    {
        _episodes = episodes;
        _bare = Accuracy(null, cancellation);
    }

    /// <returns>Null where the other classes make no episodes, or none are asked for.</returns>
    public static ForgettingProbe? Of(
        FrozenModel model, ImageDataSet data, IReadOnlyList<string> classes, LoraTask task, TunerProbe probe,
        CancellationToken cancellation)
    {
        ImageClass[] others =
        [
            .. data.Select([.. classes.Except(task.Classes, StringComparer.Ordinal)]).Where(one => one.Images.Count >= Shots + Queries),
        ];
        if (others.Length < probe.Ways || probe.ForgettingEpisodes == 0) return null;
        var shape = new EpisodeShape(probe.Ways, Shots, Queries);
        return new ForgettingProbe(
            new DrawnEpisodes(model, data, others, shape, probe.ForgettingEpisodes, probe.Seed, cancellation), cancellation);
    }

    /// <returns>A fraction of 1.</returns>
    public double Measure(Adapter adapter, CancellationToken cancellation) => _bare - Accuracy(adapter, cancellation);

    public void Dispose() => _episodes.Dispose();

    private double Accuracy(Adapter? attached, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var embedder = FrozenEmbedder.Of(_episodes.Bench, attached);
        var (support, queries) = embedder.Embed(_episodes.Set, cancellation);
        var logits = Prototypes.Logits(support, queries, _episodes.Set.Shape.Ways);
        return logits.argmax(-1).eq(_episodes.Set.QueryLabels).to(ScalarType.Float64).mean().item<double>();
    }
}
