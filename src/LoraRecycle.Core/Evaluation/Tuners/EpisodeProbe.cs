using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.Evaluation.Methods.Tuned;
using LoraRecycle.Core.FewShot.Episodes;
using LoraRecycle.Core.Foundation.Tensors;
using LoraRecycle.Core.Method.Tuning;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Vision.Loading;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Tuners;

/// <summary>How well few-shot episodes are answered by a LoRA, with its head, that is tuned on each one's support set.</summary>
internal sealed class EpisodeProbe
{
    private const int UsualShots = 5, Queries = 15;

    private readonly FrozenModel _model;
    private readonly ImageDataSet _data;
    private readonly ImageClass[] _classes;
    private readonly TunerProbe _probe;

    /// <exception cref="DataSetException">The classes cannot fill episodes of that shape; found before anything is tuned.</exception>
    public EpisodeProbe(FrozenModel model, ImageDataSet data, IReadOnlyList<string> classes, TunerProbe probe)
    {
        (_model, _data, _probe) = (model, data, probe);
        Shape = new EpisodeShape(probe.Ways, probe.Shots ?? UsualShots, Queries);
        var all = data.Select(classes);
        ImageClass[] large = [.. all.Where(one => one.Images.Count >= Shape.Shots + Shape.Queries)];
        // Where they are too few, the sampler says of all of them what is missing.
        _classes = large.Length < probe.Ways ? [.. all] : large;
        _ = new EpisodeSampler(_classes, Shape, probe.Seed);
    }

    public EpisodeShape Shape { get; }

    /// <returns>The images, until they are disposed.</returns>
    public DrawnEpisodes Load(CancellationToken cancellation) =>
        new(_model, _data, _classes, Shape, _probe.Episodes, _probe.Seed, cancellation);

    /// <returns>Accuracy, episode by episode.</returns>
    /// <exception cref="DivergenceException">The loss of one is not finite any more.</exception>
    public IReadOnlyList<double> Measure(DrawnEpisodes episodes, TuningMethod method, double rate, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        using var learner = new TunedEpisodes(method, _probe.Settings with { LearningRate = rate })
            .Prepare(episodes.Bench, progress: null, cancellation);
        var right = learner.Logits(episodes.Set, cancellation).argmax(-1).eq(episodes.Set.QueryLabels);
        return right.to(ScalarType.Float64).mean([1]).ToValues<double>();
    }
}
