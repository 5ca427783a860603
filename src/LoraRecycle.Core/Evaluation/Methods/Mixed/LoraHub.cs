using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Evaluation.Methods.Frozen;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.FewShot.Episodes;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Mixed;

/// <summary>
/// LoRAHub (arXiv 2307.13269): a weighted sum of the LoRAs whose weights are fitted to each support set without gradients,
/// within +-1.5 and with an L1 penalty of 0.05, then a linear head over the fitted model.
/// </summary>
/// <remarks>
/// The loss that chooses the weights is the cross-entropy of nearest prototypes within the support set: each image against
/// prototypes of the others where there are several shots, its mirror image against its prototype where there is one.
/// (A head fitted to the support set would call every choice of weights perfect.)
/// </remarks>
/// <param name="evaluations">How often an episode's loss is computed; LoRAHub's own default is 40.</param>
/// <param name="stepSize">The standard deviation of the search's first steps.</param>
/// <param name="head">How the head is fitted once the weights are.</param>
public sealed class LoraHub(int evaluations, double stepSize, AdamSteps head) : IFewShotMethod
{
    private const double Bound = 1.5;
    private const double Penalty = 0.05;

    public string Name => "lorahub";

    public string Title => "LoRAHub";

    public DataUse Uses => DataUse.Market | DataUse.SupportTuning;

    public IReadOnlyDictionary<string, string> Settings =>
        new Dictionary<string, string>([
            new("search", "(1+1) evolution strategy"),
            new("evaluations", AdamSteps.Text(evaluations)),
            new("stepSize", AdamSteps.Text(stepSize)),
            new("bound", AdamSteps.Text(Bound)),
            new("l1", AdamSteps.Text(Penalty)),
            .. head.Described.Select(entry => KeyValuePair.Create($"head.{entry.Key}", entry.Value)),
        ]);

    public IFewShotLearner Prepare(Bench bench, IProgress<string>? progress, CancellationToken cancellation) =>
        new Learner(bench, MixedLoras.Of(bench.Model, bench.Loras), new EvolutionStrategy(evaluations, stepSize, Bound), head);

    /// <param name="support">[episodes, ways * shots, embedding].</param>
    /// <param name="mirrored">The mirror images' embeddings where there is one shot, else null.</param>
    /// <param name="ways">Classes.</param>
    /// <returns>[episodes].</returns>
    internal static Tensor PrototypeLoss(Tensor support, Tensor? mirrored, int ways)
    {
        using var scope = NewDisposeScope();
        var (episodes, images) = (support.shape[0], support.shape[1]);
        var shots = images / ways;
        var labels = tensor(
            [.. Enumerable.Range(0, ways).SelectMany(way => Enumerable.Repeat((long)way, (int)shots))],
            device: support.device
        );
        var asked = mirrored ?? support;
        var distances = (asked.unsqueeze(2) - Prototypes.Means(support, ways).unsqueeze(1)).square().sum(-1);
        if (mirrored is null)
        {
            // Without an image its class's mean lies shots / (shots - 1) times as far from it, on the same line.
            var own = labels.unsqueeze(1).eq(arange(ways, device: support.device)).to(support.dtype);
            distances = distances * (1 + own * (Math.Pow((double)shots / (shots - 1), 2) - 1));
        }
        return nn.functional.cross_entropy(distances.neg().flatten(0, 1), labels.repeat(episodes), reduction: nn.Reduction.None)
            .view(episodes, images).mean([1]).MoveToOuterDisposeScope();
    }

    private sealed class Learner(Bench bench, Adapter loras, EvolutionStrategy search, AdamSteps head) : IFewShotLearner
    {
        public int BatchSize(EpisodeShape shape) => bench.BatchSize(shape);

        public Tensor Logits(EpisodeSet episodes, CancellationToken cancellation)
        {
            using var scope = NewDisposeScope();
            using var generators = new EpisodeGenerators(episodes);
            using var attached = bench.Model.Attach(loras);
            var (support, queries) = Fit(episodes, generators, cancellation);
            return LinearProbe.Fit(episodes, generators, support, queries, head, cancellation).MoveToOuterDisposeScope();
        }

        public void Dispose() => loras.Dispose();

        /// <summary>The embeddings of support and queries under each episode's best weights.</summary>
        private (Tensor Support, Tensor Queries) Fit(EpisodeSet episodes, EpisodeGenerators generators, CancellationToken cancellation)
        {
            using var withoutGrad = no_grad();
            var support = bench.Pixels(episodes.Support);
            var mirrored = episodes.Shape.Shots == 1 ? support.flip(3) : null;
            var weights = search.Minimise(bench.Loras.Count, generators, Loss, cancellation);
            return (Embed(support, weights), Embed(bench.Pixels(episodes.Queries), weights));

            Tensor Loss(Tensor candidate) =>
                PrototypeLoss(Embed(support, candidate), mirrored is null ? null : Embed(mirrored, candidate), episodes.Shape.Ways)
                + candidate.abs().mean([1]) * Penalty;
        }

        /// <returns>[episodes, n, embedding].</returns>
        private Tensor Embed(Tensor pixels, Tensor weights)
        {
            foreach (var layer in loras.Layers.Values) ((MixedLorasLayer)layer).Weights = weights;
            return bench.Model.call(pixels).Embedding.view(weights.shape[0], -1, bench.Model.Config.EmbeddingLength);
        }
    }
}
