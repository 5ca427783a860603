using LoraRecycle.Core.Evaluation.Methods.Frozen;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.FewShot.Episodes;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Tuned;

/// <summary>
/// P&gt;M&gt;F (arXiv 2204.07305): the whole pre-trained backbone meta-trained on real episodes of the training classes,
/// then nearest prototypes; where it is asked for, fine-tuned on each task with augmented supports as queries.
/// </summary>
/// <param name="training">How to meta-train.</param>
/// <param name="fineTuning">How to fine-tune on a task; no steps for not at all.</param>
/// <param name="seed">Of the training episodes.</param>
public sealed class Pmf(RealEpisodes training, AdamSteps fineTuning, long seed) : IFewShotMethod
{
    public const string MethodName = "pmf";

    public string Name => MethodName;

    public string Title => "P>M>F";

    public DataUse Uses => DataUse.RealData | (fineTuning.Steps > 0 ? DataUse.SupportTuning : DataUse.None);

    public IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string>([
            .. training.Described,
            .. fineTuning.Steps > 0
                ? fineTuning.Described.Select(entry => KeyValuePair.Create($"fineTuning.{entry.Key}", entry.Value))
                : [],
        ]);

    public IFewShotLearner Prepare(Bench bench, IProgress<string>? progress, CancellationToken cancellation)
    {
        var backbone = new EpisodeTransformers(bench.Model, episodes: 1);
        try
        {
            training.Train(bench, seed, backbone.Parameters, pixels => backbone.Embed(pixels).squeeze(0), progress, cancellation);
            return fineTuning.Steps > 0
                ? new TunedLearner(bench, backbone, fineTuning)
                : new NearestPrototypeLearner(new FrozenEmbedder(bench.Images, pixels => backbone.Embed(pixels).squeeze(0), backbone));
        }
        catch
        {
            backbone.Dispose();
            throw;
        }
    }

    private sealed class TunedLearner(Bench bench, EpisodeTransformers backbone, AdamSteps tuning) : IFewShotLearner
    {
        public int BatchSize(EpisodeShape shape) => bench.Copies(shape);

        public Tensor Logits(EpisodeSet episodes, CancellationToken cancellation)
        {
            using var scope = NewDisposeScope();
            using var generators = new EpisodeGenerators(episodes);
            using var models = new EpisodeTransformers(backbone, episodes.Count);
            var (support, labels, step) = (bench.Pixels(episodes.Support), episodes.SupportLabels.repeat(episodes.Count), 0);
            var mirrors = generators.Uniform([tuning.Steps], 1);
            tuning.Minimise(models.Parameters, Loss, cancellation);
            using var withoutGrad = no_grad();
            return Prototypes
                .Logits(models.Embed(support), models.Embed(bench.Pixels(episodes.Queries)), episodes.Shape.Ways)
                .MoveToOuterDisposeScope();

            // The mean over an episode's own images, summed over episodes: each is tuned as it is alone.
            Tensor Loss()
            {
                var logits = Prototypes.Logits(models.Embed(support), models.Embed(Augmented(step++)), episodes.Shape.Ways).flatten(0, 1);
                return nn
                    .functional.cross_entropy(logits, labels, reduction: nn.Reduction.Sum)
                    .div((double)labels.shape[0] / episodes.Count);
            }

            // Rolled by an eighth of the side to and fro, and mirrored or not as the episode's generator says.
            Tensor Augmented(int number)
            {
                var shift = (int)support.shape[3] / 8;
                var rolled = support.roll([(number % 3 - 1) * shift, (number / 3 % 3 - 1) * shift], [2, 3]);
                var perImage = mirrors
                    .narrow(1, number, 1)
                    .gt(0)
                    .expand(episodes.Count, support.shape[0] / episodes.Count)
                    .reshape(-1, 1, 1, 1);
                return where(perImage, rolled.flip(3), rolled);
            }
        }

        public void Dispose() => backbone.Dispose();
    }
}
