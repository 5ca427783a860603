using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.FewShot.Episodes;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Frozen;

/// <summary>A linear classifier fitted to the support set's embeddings, the model frozen: all episodes in one batch.</summary>
public sealed class LinearProbe(FrozenModelChoice model, AdamSteps tuning) : IFewShotMethod
{
    public string Name => model.Name;

    public string Title => model.Title;

    public DataUse Uses => model.Uses | DataUse.SupportTuning;

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>(model.Settings.Concat(tuning.Described));

    public IFewShotLearner Prepare(Bench bench, IProgress<string>? progress, CancellationToken cancellation) =>
        new Learner(model.Prepare(bench, progress, cancellation), tuning);

    /// <summary>Fits a head to each episode's support embeddings and answers its queries.</summary>
    internal static Tensor Fit(
        EpisodeSet episodes,
        EpisodeGenerators generators,
        Tensor support,
        Tensor queries,
        AdamSteps tuning,
        CancellationToken cancellation
    )
    {
        using var scope = NewDisposeScope();
        using var heads = new LinearHeads(generators, (int)support.shape[^1], episodes.Shape.Ways);
        var labels = episodes.SupportLabels;
        tuning.Minimise(heads.Parameters, () => heads.Loss(support, labels), cancellation);
        using var withoutGrad = no_grad();
        return heads.Logits(queries).MoveToOuterDisposeScope();
    }

    private sealed class Learner(FrozenEmbedder embedder, AdamSteps tuning) : IFewShotLearner
    {
        public int BatchSize(EpisodeShape shape) => int.MaxValue;

        public Tensor Logits(EpisodeSet episodes, CancellationToken cancellation)
        {
            using var scope = NewDisposeScope();
            using var generators = new EpisodeGenerators(episodes);
            var (support, queries) = embedder.Embed(episodes, cancellation);
            return Fit(episodes, generators, support, queries, tuning, cancellation).MoveToOuterDisposeScope();
        }

        public void Dispose() => embedder.Dispose();
    }
}
