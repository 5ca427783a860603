using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Models;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Distillation;

/// <summary>
/// Distils many LoRAs into one by meta-learning on their synthetic images (the paper's section 3.3): the model with the
/// meta-LoRA must predict queries from support prototypes as the teachers do.
/// </summary>
/// <param name="model">The model; it wears the meta-LoRA while this trains, and nothing afterwards.</param>
/// <param name="pools">At least one.</param>
/// <param name="settings">How to train.</param>
public sealed class MetaLoraTrainer(VisionTransformer model, IReadOnlyList<TeacherPool> pools, DistillationSettings settings)
{
    private const int ReportEvery = 25;

    private readonly SyntheticEpisodeSampler _sampler = new(pools, settings);

    /// <param name="meta">The adapter to train, in place.</param>
    /// <param name="progress">Told every 25 steps.</param>
    /// <param name="cancellation">Checked before every step.</param>
    /// <returns>The loss, averaged over each 25 steps.</returns>
    /// <exception cref="DistillationException">The loss is not finite any more.</exception>
    public IReadOnlyList<double> Train(Adapter meta, IProgress<DistillationProgress>? progress = null, CancellationToken cancellation = default)
    {
        var schedule = new CyclicSchedule(settings.FloorLearningRate, settings.PeakLearningRate, settings.WarmUp, settings.Decay);
        using var optimiser = optim.Adam(meta.Layers.Values.SelectMany(layer => layer.parameters()), settings.PeakLearningRate);
        using var total = zeros([], device: model.Embeddings.Weight.device);
        var curve = new List<double>();
        model.Wear(meta);
        try
        {
            for (var step = 1; step <= settings.Iterations; step++)
            {
                cancellation.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                foreach (var group in optimiser.ParamGroups) group.LearningRate = schedule[step - 1];
                optimiser.zero_grad();
                var loss = Loss(_sampler.Step(step));
                loss.backward();
                optimiser.step();
                total.add_(loss.detach());
                if (step % ReportEvery != 0 && step != settings.Iterations) continue;

                // The only place that waits for the device.
                var mean = total.item<float>() / (step - (curve.Count * ReportEvery));
                if (!double.IsFinite(mean))
                    throw new DistillationException($"The loss is not finite after {step} steps. Lower the learning rate ({settings.PeakLearningRate}) or raise the temperature ({settings.Temperature}).");
                total.zero_();
                curve.Add(mean);
                progress?.Report(new DistillationProgress(step, settings.Iterations, mean));
            }
            meta.Revise();
            return curve;
        }
        finally
        {
            model.Wear(null);
        }
    }

    /// <summary>The mean loss of several episodes, whose images go through the transformer in one batch.</summary>
    private Tensor Loss(IReadOnlyList<SyntheticEpisode> episodes)
    {
        var drawn = episodes.SelectMany(episode => episode.Support.Concat(episode.Queries)).ToArray();
        var positions = settings.Masked > 0 ? Gather(drawn, pool => pool.Positions) : null;
        var embeddings = model.Run(Gather(drawn, pool => pool.Images), positions: positions).Embedding;
        var (losses, offset) = (new List<Tensor>(), 0);
        foreach (var episode in episodes)
        {
            var support = embeddings.narrow(0, offset, episode.Support.Count);
            var queries = embeddings.narrow(0, offset + episode.Support.Count, episode.Queries.Count);
            offset += episode.Support.Count + episode.Queries.Count;
            var logits = PrototypeLogits.Of(support, queries, episode.Ways, settings.Temperature);
            losses.Add(episode.Teacher is { } teacher
                ? nn.functional.kl_div(
                    logits.log_softmax(1), Gather(episode.Queries, pool => pool.LogProbabilities), log_target: true, reduction: nn.Reduction.Sum) / episode.Queries.Count
                : nn.functional.cross_entropy(logits, tensor(episode.Labels, device: logits.device)));
        }
        return stack(losses).mean();
    }

    /// <summary>The rows of several pools' tensors [2, count, ...] that images stand for, in their order.</summary>
    private Tensor Gather(IReadOnlyList<DrawnImage> drawn, Func<TeacherPool, Tensor> of)
    {
        var device = model.Embeddings.Weight.device;
        var byPool = drawn.Index().GroupBy(entry => entry.Item.Pool).ToArray();
        var rows = cat([.. byPool.Select(group =>
        {
            var source = of(pools[group.Key]).flatten(0, 1);
            var count = source.shape[0] / 2;
            return source.index_select(0, tensor(group.Select(entry => entry.Item.Image + (entry.Item.Mirrored ? count : 0)).ToArray(), device: device));
        })]);
        var order = new long[drawn.Count];
        foreach (var (row, index) in byPool.SelectMany(group => group.Select(entry => entry.Index)).Index()) order[index] = row;
        return rows.index_select(0, tensor(order, device: device));
    }
}
