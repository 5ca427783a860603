using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Method.Distillation.Episodes;
using LoraRecycle.Core.Method.Distillation.Steps;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Optimization;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Distillation.Training;

/// <summary>What distillation gave; the caller owns the adapter.</summary>
/// <param name="MetaLora">In host memory.</param>
/// <param name="Settings">Those of the run, with what it chose itself.</param>
/// <param name="Losses">Averaged over each <see cref="DistillationSettings.ReportEvery"/> steps.</param>
/// <param name="Seconds">Time spent on the steps, earlier runs that this one resumed included.</param>
public sealed record DistillationResult(Adapter MetaLora, DistillationSettings Settings, IReadOnlyList<double> Losses, double Seconds)
    : IDisposable
{
    public void Dispose() => MetaLora.Dispose();
}

/// <summary>
/// Distils many LoRAs into one by meta-learning on their synthetic images (the paper's section 3.3): the model with the
/// meta-LoRA must predict queries from support prototypes as the teachers do. Several devices each take some of a step's
/// episodes, and their gradients are averaged.
/// </summary>
/// <param name="models">One a device, the same model on each, bare before and after. The first asks the teachers.</param>
/// <param name="preprocessor">How the model wants its pixels.</param>
/// <param name="sources">Images with their teachers, which are on the first model's device.</param>
/// <param name="settings">How to train.</param>
public sealed class Distiller(
    IReadOnlyList<VisionTransformer> models,
    PreprocessorConfig preprocessor,
    IReadOnlyList<TrainingSource> sources,
    DistillationSettings settings
)
{
    private readonly VisionTransformer _first = models[0];

    /// <summary>Called before each step, as <see cref="LoraInverter.Pace"/> is before each iteration.</summary>
    public Action<CancellationToken>? Pace { get; init; }

    /// <param name="checkpointPath">Where to save what was learnt, and to go on from if it is of this very run; null for nowhere. At the
    /// end it holds the result, until the caller, who has stored that, deletes it.</param>
    /// <param name="progress">Told every <see cref="DistillationSettings.ReportEvery"/> steps.</param>
    /// <param name="cancellation">Ends the work after a last checkpoint.</param>
    /// <exception cref="DistillationException">Nothing can be learnt from the sources, or the loss is not finite any more.</exception>
    public DistillationResult Run(
        string? checkpointPath = null,
        IProgress<DistillationProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        settings.Validated();
        var device = _first.Embeddings.Weight.device;
        using var pixels = new PixelSpace(preprocessor, device);
        using var set = TrainingSet.Of(_first, pixels, sources, settings, cancellation);
        var chosen = settings with { Temperature = settings.Temperature ?? TrainingTemperature.Of(_first, pixels, set.Images) };
        using var start = MetaLoraFactory.Start(_first, [.. sources.Select(source => source.Teacher).OfType<Adapter>()], settings, device);
        var replicas = models
            .Take(settings.EpisodesPerStep)
            .Select(model => new Replica(model, start, set, preprocessor, chosen))
            .ToArray();
        try
        {
            var sampler = new TrainingEpisodeSampler(set, chosen, _first.Config.ImageSize, _first.Config.PatchCount);
            using var state = new DistillationState(replicas[0].Adapter.Values);
            var fingerprint = checkpointPath is null ? "" : Fingerprint(set);
            if (checkpointPath is not null) state.Resume(checkpointPath, fingerprint);
            var run = new DistillationRun(replicas, sampler, state, chosen, Pace);
            run.ToTheEnd(checkpointPath, fingerprint, progress, cancellation);
            return new DistillationResult(replicas[0].Adapter.ToAdapter(), chosen, state.Curve, state.Seconds);
        }
        finally
        {
            foreach (var replica in replicas) replica.Dispose();
        }
    }

    /// <summary>What decides the result: a checkpoint with another fingerprint belongs to another run.</summary>
    private string Fingerprint(TrainingSet set)
    {
        using var scope = NewDisposeScope();
        var weights = _first.Embeddings.Weight.to(ScalarType.Float32).abs().sum().item<float>();
        var images = Convert.ToHexStringLower(SHA256.HashData(set.Images.bytes));
        var text = JsonSerializer.Serialize(settings with { CheckpointEvery = 1 }, DistillationJson.Default.DistillationSettings)
            + FormattableString.Invariant($"|{_first.Config}|{weights:R}|{images}|")
            + string.Join('+', sources.Select(source => $"{source.Name}:{source.Teacher?.Revision}:{string.Join(',', source.Classes)}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
