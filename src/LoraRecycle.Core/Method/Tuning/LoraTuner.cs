using System.Runtime.InteropServices;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Method.Tuning.Checkpoints;
using LoraRecycle.Core.Method.Tuning.Gradients;
using LoraRecycle.Core.Method.Tuning.Losses;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Method.Tuning.Probing;
using LoraRecycle.Core.Method.Tuning.Updates;
using LoraRecycle.Core.Method.Tuning.Views;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning;

/// <summary>
/// Tunes a LoRA and the linear head over it on labelled images, the model itself frozen: the "pre-tuned LoRAs" that the
/// method starts from. The same seed on the same device gives the same LoRA.
/// </summary>
/// <param name="model">The model, bare before and after; its device is where tuning runs.</param>
public sealed class LoraTuner(VisionTransformer model)
{
    /// <summary>Where to keep what was learnt, and to go on from if it is of this very run; null for nowhere. A run that was interrupted
    /// and went on gives the same LoRA as one that was not. Searches before the first step begin again.</summary>
    public TuningCheckpoint? Checkpoint { get; init; }

    /// <summary>Called before each step; may wait, so that others get at the device.</summary>
    public Action<CancellationToken>? Pace { get; init; }

    /// <param name="images">On any device; batches are moved to the model's.</param>
    /// <param name="settings">How to tune.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancellation">Checked before every step; ends the work after a last checkpoint.</param>
    /// <returns>The LoRA and its head; the caller owns them.</returns>
    /// <exception cref="TuningException">A setting cannot be used with this model or these images.</exception>
    /// <exception cref="DivergenceException">The loss is not finite any more.</exception>
    public TunedLora Tune(
        LabelledImages images,
        TuningSettings settings,
        IProgress<TuningProgress>? progress = null,
        CancellationToken cancellation = default
    )
    {
        using var generator = new Generator((ulong)settings.Seed);
        var start = new TuningStart(model, images, settings);
        using var tuned = start.Make(generator, cancellation);
        using var attached = model.Attach(tuned.Attached);
        var losses = Learn(tuned, images, settings, generator, start.NoiseSeed, progress, cancellation);
        // Prototypes taught it; a classifier over it is found afterwards.
        if (settings.Objective == Objective.Prototypes) HeadFitting.Fit(tuned.Head, model, images, settings.Flips, cancellation);
        var (lora, lost) = tuned.Store(settings);
        return new TunedLora(lora, losses, lost, start.Shares);
    }

    private List<double> Learn(
        TunedAdapter tuned, LabelledImages images, TuningSettings settings, Generator generator, ulong seed,
        IProgress<TuningProgress>? progress, CancellationToken cancellation)
    {
        using var views = new TrainingViews(images, settings, model.Embeddings.Weight.device, generator, seed);
        using var updates = new TuningUpdates(tuned.Layers, settings);
        using var optimiser = new TuningOptimiser(tuned, settings, model.Config.LayerCount);
        using var noise = new Generator(seed);
        var rule = RuleOf(tuned, settings.Gradient, noise);
        using var ownedByRule = rule as IDisposable;
        var losses = new List<double>();
        IResumable[] parts = [.. new object[] { tuned, views, optimiser, updates, rule }.OfType<IResumable>()];
        var kept = new CheckpointKeeper(Checkpoint, () => TuningFingerprint.Of(model, images, settings), losses, parts);
        for (var step = 1 + kept.Resume(); step <= settings.Steps; step++)
        {
            Pace?.Invoke(cancellation);
            if (cancellation.IsCancellationRequested) kept.Save(step - 1);
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var batch = views.Next();
            optimiser.Prepare(step);
            try
            {
                var value = rule.Take(() => LossOf(tuned, batch, settings, images.ClassNames.Count));
                if (!double.IsFinite(value)) throw new DivergenceException(step, settings.Steps, value);
                updates.Before(step);
                losses.Add(value);
            }
            catch (ExternalException) when (tuned.HasDiverged)
            {
                // Decompositions, which some methods take, refuse what is not finite before there is a loss.
                throw new DivergenceException(step, settings.Steps, double.NaN);
            }
            optimiser.Step();
            updates.After(step);
            progress?.Report(new TuningProgress(step, settings.Steps, losses[^1]));
            kept.SaveWhenDue(step);
        }
        return losses;
    }

    private Tensor LossOf(TunedAdapter tuned, Batch batch, TuningSettings settings, int classes)
    {
        var embeddings = model.call(batch.Pixels).Embedding;
        var seen = new Seen(embeddings, tuned.Head.call(embeddings), batch.Labels, classes, tuned.Layers, Bare);
        return TuningLoss.Of(seen, batch.Other, settings);

        Tensor Bare()
        {
            using var frozen = no_grad();
            model.Detach();
            try
            {
                return model.call(batch.Pixels).Embedding;
            }
            finally
            {
                _ = model.Attach(tuned.Attached); // until the whole tuning ends
            }
        }
    }

    private static IGradientRule RuleOf(TunedAdapter tuned, GradientSettings settings, Generator noise) =>
        settings switch
        {
            { Flat: > 0 } => new FlatGradient(tuned.Parameters, settings.Flat, settings.FlatShare),
            { HasNoise: true } => new NoisyGradient(
                tuned.Layers, tuned.Noisy, settings.Noise, settings.GradientNoise, noise),
            _ => new PlainGradient(),
        };
}
