using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.FewShot.Episodes;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Tuned;

/// <summary>Every weight of the model and a linear head tuned on each support set; each episode has a model of its own.</summary>
public sealed class FullTuning(AdamSteps tuning) : IFewShotMethod
{
    public string Name => "full";

    public string Title => "full fine-tuning";

    public DataUse Uses => DataUse.SupportTuning;

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(tuning.Described);

    public IFewShotLearner Prepare(Bench bench, IProgress<string>? progress, CancellationToken cancellation) => new Learner(bench, tuning);

    private sealed class Learner(Bench bench, AdamSteps tuning) : IFewShotLearner
    {
        public int BatchSize(EpisodeShape shape) => bench.Copies(shape);

        public Tensor Logits(EpisodeSet episodes, CancellationToken cancellation)
        {
            using var scope = NewDisposeScope();
            using var generators = new EpisodeGenerators(episodes);
            using var models = new EpisodeTransformers(bench.Model, episodes.Count);
            using var heads = new LinearHeads(generators, bench.Model.Config.EmbeddingLength, episodes.Shape.Ways);
            var (support, labels) = (bench.Pixels(episodes.Support), episodes.SupportLabels);
            tuning.Minimise(models.Parameters, heads, () => heads.Loss(models.Embed(support), labels), cancellation);
            using var withoutGrad = no_grad();
            return heads.Logits(models.Embed(bench.Pixels(episodes.Queries))).MoveToOuterDisposeScope();
        }

        public void Dispose() { }
    }
}
