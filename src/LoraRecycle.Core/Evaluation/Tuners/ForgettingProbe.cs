using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Evaluation.Methods.Frozen;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Vision.Loading;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>What nearest prototypes lose on classes that a LoRA was not tuned on, while it is attached.</summary>
internal sealed class ForgettingProbe(FrozenModel model, ImageDataSet data, IReadOnlyList<string> classes, TunerProbe probe)
{
    private const int Shots = 5, Queries = 5;

    private readonly Dictionary<string, double> _bare = new(StringComparer.Ordinal);

    /// <returns>A fraction of 1; null where the other classes make no episodes.</returns>
    public double? Measure(LoraTask task, Adapter adapter, CancellationToken cancellation)
    {
        ImageClass[] others =
        [
            .. data.Select([.. classes.Except(task.Classes, StringComparer.Ordinal)]).Where(one => one.Images.Count >= Shots + Queries),
        ];
        if (others.Length < probe.Ways || probe.ForgettingEpisodes == 0) return null;
        var shape = new EpisodeShape(probe.Ways, Shots, Queries);
        var sampler = new EpisodeSampler(others, shape, probe.Seed);
        var used = Enumerable.Range(0, probe.ForgettingEpisodes)
            .SelectMany(number => sampler.Draw(number).Classes)
            .SelectMany(one => one.Support.Concat(one.Queries).Select(image => others[one.Class].Images[image]))
            .ToHashSet(StringComparer.Ordinal);
        using var images = PreparedImages.Load(used, data.Read, model.Preprocessor, model.Device, cancellation: cancellation);
        using var scope = NewDisposeScope();
        var episodes = EpisodeSet.Draw(others, shape, probe.ForgettingEpisodes, probe.Seed, images);
        var bench = new Bench(model.Transformer, model.Preprocessor.Config, images, [], []);
        if (!_bare.TryGetValue(task.Name, out var bare)) _bare[task.Name] = bare = Accuracy(null);
        return bare - Accuracy(adapter);

        double Accuracy(Adapter? attached)
        {
            using var embedder = FrozenEmbedder.Of(bench, attached);
            var (support, queries) = embedder.Embed(episodes, cancellation);
            var logits = Prototypes.Logits(support, queries, shape.Ways);
            return logits.argmax(-1).eq(episodes.QueryLabels).to(ScalarType.Float64).mean().item<double>();
        }
    }
}
