using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Distillation;

namespace LoraRecycle.Core.Evaluation.Baselines;

/// <summary>A meta-LoRA trained on real episodes of the training classes, then nearest prototypes: what data would have given.</summary>
public static class RealMetaLora
{
    /// <param name="training">How to train.</param>
    /// <param name="rank">The meta-LoRA's.</param>
    /// <param name="targets">Its target layers.</param>
    /// <param name="seed">Of its start and the episodes.</param>
    public static IFewShotMethod Of(RealEpisodes training, int rank, IReadOnlyList<string> targets, long seed) => new NearestPrototype(new FrozenModelChoice(
        "real-meta", "meta-LoRA of real data", DataUse.RealData,
        (bench, progress, cancellation) => Train(bench, training, rank, targets, seed, progress, cancellation),
        new Dictionary<string, string>([.. training.Described, new("rank", AdamSteps.Text(rank)), new("targets", string.Join(',', targets))])));

    private static Adapter Train(
        Bench bench, RealEpisodes training, int rank, IReadOnlyList<string> targets, long seed, IProgress<string>? progress, CancellationToken cancellation)
    {
        var start = new DistillationSettings { Rank = rank, Alpha = rank, Targets = targets, Seed = unchecked((int)seed) };
        var meta = MetaLora.Zero(bench.Model, start, bench.Device);
        try
        {
            bench.Model.Wear(meta);
            training.Train(
                bench, seed, meta.Layers.Values.SelectMany(layer => layer.parameters()), pixels => bench.Model.call(pixels).Embedding, progress, cancellation);
            return meta;
        }
        catch
        {
            meta.Dispose();
            throw;
        }
        finally
        {
            bench.Model.Wear(null);
        }
    }
}
