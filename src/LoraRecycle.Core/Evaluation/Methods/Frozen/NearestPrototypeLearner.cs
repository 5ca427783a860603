using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.FewShot.Episodes;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Frozen;

/// <summary>Answers by nearest prototypes over the embeddings of a model that no task changes.</summary>
/// <param name="embedder">Taken over.</param>
internal sealed class NearestPrototypeLearner(FrozenEmbedder embedder) : IFewShotLearner
{
    public int BatchSize(EpisodeShape shape) => int.MaxValue;

    public Tensor Logits(EpisodeSet episodes, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var (support, queries) = embedder.Embed(episodes, cancellation);
        // In double precision, so that no tie is made or broken by the order of a product's sums.
        return Prototypes.Logits(support.to(float64), queries.to(float64), episodes.Shape.Ways).MoveToOuterDisposeScope();
    }

    public void Dispose() => embedder.Dispose();
}
