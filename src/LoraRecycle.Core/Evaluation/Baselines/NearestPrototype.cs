using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Baselines;

/// <summary>
/// Nearest prototypes without any tuning on the task: of the bare model (NN), of the LoRAs' average or sum, or of the
/// model with a meta-LoRA (the paper's own method at test time).
/// </summary>
public sealed class NearestPrototype(FrozenModelChoice model) : IFewShotMethod
{
    public string Name => model.Name;

    public string Title => model.Title;

    public DataUse Uses => model.Uses;

    public IReadOnlyDictionary<string, string> Settings => model.Settings;

    public IFewShotLearner Prepare(Bench bench, IProgress<string>? progress, CancellationToken cancellation) =>
        new Learner(model.Prepare(bench, progress, cancellation));

    private sealed class Learner(FrozenEmbedder embedder) : IFewShotLearner
    {
        public int Together(EpisodeShape shape) => int.MaxValue;

        public Tensor Logits(EpisodeSet episodes, CancellationToken cancellation)
        {
            using var scope = NewDisposeScope();
            var (support, queries) = embedder.Embed(episodes, cancellation);
            // In double precision, so that no tie is made or broken by the order of a product's sums.
            return Prototypes.Logits(support.to(float64), queries.to(float64), episodes.Shape.Ways).MoveToOuterDisposeScope();
        }

        public void Dispose() => embedder.Dispose();
    }
}
