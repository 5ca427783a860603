using LoraRecycle.Core.Method.Distillation;
using LoraRecycle.Core.Method.Distillation.Episodes;
using LoraRecycle.Core.Method.Distillation.Training;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Pools;
using LoraRecycle.Core.Tests.Inversion;
using LoraRecycle.Core.Tests.Models;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Distillation;

/// <summary>Small pools of two LoRAs of the golden CLIP.</summary>
internal sealed class DistillationFixture : IDisposable
{
    public static readonly DistillationSettings Settings = new()
    {
        Iterations = 10,
        EpisodesPerStep = 2,
        Shots = [1, 2],
        Queries = 2,
        Temperature = 5,
        Rank = 4,
        Alpha = 4,
        Targets = ["q", "v"],
        InterpolationShare = 0.5,
        InterpolationWays = 5,
        Start = MetaLoraStart.Zero,
        Augmentation = new(),
        PeakLearningRate = 1e-2,
        ReportEvery = 5,
        CheckpointEvery = 5,
        Seed = 4,
    };

    private readonly InversionFixture _inversion = new();
    private readonly List<SyntheticPool> _pools = [];
    private readonly List<GoldenTransformer> _copies = [];

    /// <param name="canvas">Side of the images; 0 for the model's input.</param>
    /// <param name="names">Class names of the LoRAs, where they have any.</param>
    public DistillationFixture(int canvas = 0, params string[][] names)
    {
        Sources =
        [
            .. new[] { "lora_qv", "rslora_all" }.Select(
                (name, index) =>
                {
                    var source = _inversion.Source(name);
                    if (names.Length > index)
                        source.Adapter.Attach(source.Adapter.Head!, names[index]);
                    var pool = _inversion
                        .Invert(InversionFixture.Settings with { Iterations = 3, ImagesPerClass = 4, Canvas = canvas }, source)[0]
                        .Pool!;
                    _pools.Add(pool);
                    return TrainingSource.Of(pool, source.Adapter);
                }
            ),
        ];
    }

    public IReadOnlyList<TrainingSource> Sources { get; }

    public IReadOnlyList<SyntheticPool> Pools => _pools;

    public VisionTransformer Model => _inversion.Model;

    public TrainingSet Set(DistillationSettings? settings = null)
    {
        using var pixels = new PixelSpace(InversionFixture.Preprocessor, CPU);
        return TrainingSet.Of(Model, pixels, Sources, settings ?? Settings, CancellationToken.None);
    }

    public TrainingEpisodeSampler Sampler(TrainingSet set, DistillationSettings settings) =>
        new(set, settings, Model.Config.ImageSize, Model.Config.PatchCount);

    public DistillationResult Run(
        DistillationSettings settings,
        int devices = 1,
        string? checkpoint = null,
        IProgress<DistillationProgress>? progress = null,
        CancellationTokenSource? cancelling = null
    )
    {
        while (_copies.Count < devices - 1)
            _copies.Add(new GoldenTransformer("clip"));
        return new Distiller(
            [Model, .. _copies.Take(devices - 1).Select(copy => copy.Model)],
            InversionFixture.Preprocessor,
            Sources,
            settings
        ).Run(checkpoint, progress, cancelling?.Token ?? CancellationToken.None);
    }

    public void Dispose()
    {
        _copies.ForEach(model => model.Dispose());
        _pools.ForEach(pool => pool.Dispose());
        _inversion.Dispose();
    }
}
