using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Method.Inversion.Pools;
using LoraRecycle.Core.Vision.ResNet;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Inversion.Optimization;

/// <summary>
/// LoRA Inversion (LoRA Recycle, section 3.1): images out of LoRAs and their heads alone, by gradient descent on the
/// pixels. Several LoRAs of as many classes run in one batch, none of which notices the others. To be used by one thread
/// at a time; the LoRAs are attached to the model meanwhile, and nothing is afterwards.
/// </summary>
public sealed class LoraInverter : IDisposable
{
    private readonly VisionTransformer _model;
    private readonly BatchNormPrior? _prior;
    private readonly PixelSpace _pixels;
    private readonly InversionSettings _settings;

    /// <param name="model">On the device and in the precision to compute in; not owned.</param>
    /// <param name="preprocessor">How the model wants its pixels.</param>
    /// <param name="prior">On the same device; not owned. Null for no R_BN.</param>
    /// <param name="settings">How to invert.</param>
    /// <exception cref="InversionException">A setting is out of its range, or does not fit the model.</exception>
    public LoraInverter(VisionTransformer model, PreprocessorConfig preprocessor, BatchNormPrior? prior, InversionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(settings);
        (_model, _prior, _settings) = (model, prior, settings.Validated(model.Config));
        _pixels = new PixelSpace(preprocessor, model.Embeddings.Weight.device, prior?.Preprocessor);
    }

    public VisionTransformer Model => _model;

    /// <summary>
    /// Called before each iteration: it may wait, so that others get the device. When cancelled it returns early and does not
    /// throw, so that the last checkpoint is still written.
    /// </summary>
    public Action<CancellationToken>? Pace { get; init; }

    /// <summary>Why the last batch's iterations were launched kernel by kernel and not as a recorded CUDA graph; null where they were
    /// recorded.</summary>
    public string? NotRecorded { get; private set; }

    private int Canvas => _settings.Canvas == 0 ? _model.Config.ImageSize : _settings.Canvas;

    /// <summary>Inverts LoRAs in one batch.</summary>
    /// <param name="sources">LoRAs of as many classes each.</param>
    /// <param name="checkpointPath">Where to keep and from where to take up unfinished work; null for nowhere. The caller deletes it once
    /// the pools are safe.</param>
    /// <param name="progress">Told every <see cref="InversionSettings.ReportEvery"/> iterations.</param>
    /// <param name="cancellation">Ends the work after a last checkpoint.</param>
    /// <returns>One outcome a source, in their order.</returns>
    /// <exception cref="InversionException">A source cannot be inverted, or they differ in their number of classes.</exception>
    public IReadOnlyList<InversionOutcome> Invert(
        IReadOnlyList<InversionSource> sources,
        string? checkpointPath = null,
        IProgress<InversionProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        ArgumentNullException.ThrowIfNull(sources);
        foreach (var source in sources) source.Validated(_model.Config);
        if (sources.Select(source => source.Classes.Count).Distinct().ToArray() is not [var classes])
            throw new InversionException(
                "Expected at least one LoRA, and the same number of classes for all LoRAs of a batch. Invert LoRAs with another number "
                    + "of classes separately."
            );

        using var scope = NewDisposeScope();
        // One adapter may be of any family; several must be plain LoRAs.
        var adapters = sources.Select(source => source.Adapter).ToArray();
        using var group = sources is [{ IsPlain: false }]
            ? null
            : LoraGroup.Stack(adapters, _model.AdaptableLayers, _pixels.Device, _model.Embeddings.Weight.dtype);
        using var attached = _model.Attach(group ?? adapters[0]);
        var targets = InversionTargets.Of(classes, _settings);
        using var objective = new InversionObjective(
            _model,
            _prior,
            _pixels,
            [.. sources.Select(source => source.Adapter.Head!)],
            targets,
            _settings
        );
        var fingerprint = Fingerprint(sources);
        using var state = (checkpointPath is null ? null : InversionState.Resume(checkpointPath, fingerprint, _pixels.Device))
            ?? InversionState.Start(Noise(sources, targets.shape[0]));
        Iterate(state, objective, checkpointPath, fingerprint, progress, cancellation);
        return Outcomes(sources, state, targets);
    }

    public void Dispose() => _pixels.Dispose();

    private void Iterate(
        InversionState state,
        InversionObjective objective,
        string? checkpointPath,
        string fingerprint,
        IProgress<InversionProgress>? progress,
        CancellationToken cancellation
    )
    {
        var (before, started) = (state.Seconds, Stopwatch.GetTimestamp());
        using var step = new InversionStep(state, objective, _settings, _pixels, _model.Config.ImageSize);
        while (state.Iteration < _settings.Iterations)
        {
            Pace?.Invoke(cancellation);
            if (cancellation.IsCancellationRequested) Save();
            cancellation.ThrowIfCancellationRequested();

            using var scope = NewDisposeScope();
            var losses = step.Take();
            NotRecorded = step.NotRecorded;
            if (state.Iteration % _settings.ReportEvery == 0 || state.Iteration == _settings.Iterations)
            {
                var read = losses.cpu().data<float>().ToArray();
                state.Seconds = before + Stopwatch.GetElapsedTime(started).TotalSeconds;
                state.Curve.Add(read);
                progress?.Report(new InversionProgress(state.Iteration, _settings.Iterations, read, state.Seconds));
                if (state.FailedAt.ge(0).all().item<bool>()) return;
            }
            if (state.Iteration % _settings.CheckpointEvery == 0 && state.Iteration < _settings.Iterations) Save();
        }

        void Save()
        {
            if (checkpointPath is not null) state.Save(checkpointPath, fingerprint);
        }
    }

    /// <summary>Each LoRA's noise depends on the seed and on itself, not on the company it is inverted in.</summary>
    private Tensor Noise(IReadOnlyList<InversionSource> sources, long images)
    {
        return stack(sources.Select(Of)).clamp(-3, 3).to(_pixels.Device).maximum(_pixels.Low).minimum(_pixels.High);

        Tensor Of(InversionSource source)
        {
            var seed = BitConverter.ToUInt64(
                SHA256.HashData(
                    Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{_settings.Seed}/{source.Adapter.Revision}"))
                )
            );
            using var generator = new Generator(seed, CPU);
            return randn([images, 3, Canvas, Canvas], generator: generator);
        }
    }

    private List<InversionOutcome> Outcomes(IReadOnlyList<InversionSource> sources, InversionState state, Tensor targets)
    {
        using var frozen = no_grad();
        var failedAt = state.FailedAt.cpu().data<long>().ToArray();
        var bestLoss = state.BestLoss.cpu().data<float>().ToArray();
        var perLora = state.Best.shape[1];
        var images = _pixels.ToBytes(state.Best.flatten(0, 1));
        var saliency = new CanvasSaliency(_model, _settings.Pruning).Of(_pixels.FromBytes(images)).cpu();
        var bytes = images.cpu();
        var outcomes = new List<InversionOutcome>();
        for (var i = 0; i < sources.Count; i++)
        {
            if (failedAt[i] >= 0)
            {
                outcomes.Add(
                    new(
                        sources[i].Name,
                        null,
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"its loss or gradient was not finite at iteration {failedAt[i]}; lower the learning rate "
                                + $"({_settings.LearningRate}) or check its weights."
                        )
                    )
                );
                continue;
            }
            var info = new SyntheticPoolInfo
            {
                Name = sources[i].Name,
                LoraRevision = sources[i].Adapter.Revision,
                Classes = sources[i].Classes,
                PatchSize = _model.Config.PatchSize,
                Settings = _settings,
                BestLoss = bestLoss[i],
                Losses = [.. state.Curve.Select(losses => losses[i])],
                Seconds = state.Seconds / sources.Count,
            };
            outcomes.Add(new(sources[i].Name, new SyntheticPool(
                info,
                bytes.narrow(0, i * perLora, perLora).clone(),
                tensor(InversionTargets.Labels(sources[i].Classes.Count, _settings.ImagesPerClass)),
                targets.clone(),
                saliency.narrow(0, i * perLora, perLora).clone()), null));
        }
        return outcomes;
    }

    /// <summary>What decides the result: a checkpoint with another fingerprint belongs to another run.</summary>
    private string Fingerprint(IReadOnlyList<InversionSource> sources)
    {
        using var scope = NewDisposeScope();
        var weights = _model.Embeddings.Weight.to(ScalarType.Float32).abs().sum().item<float>();
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{_settings.Identity}|{_model.Config}|{weights:R}|{_prior?.Layout.ToString() ?? "none"}|"
                + $"{string.Join('+', sources.Select(source => source.Adapter.Revision))}"
        );
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }
}
