using LoraRecycle.Core.Foundation.Tensors;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Harness;

/// <summary>A linear classifier for each episode, started as torch starts a linear layer.</summary>
internal sealed class LinearHeads : IDisposable
{
    private readonly Parameter _weight;
    private readonly Parameter _bias;

    /// <param name="generators">The episodes'.</param>
    /// <param name="embedding">The length of embeddings.</param>
    /// <param name="ways">Classes of an episode.</param>
    public LinearHeads(EpisodeGenerators generators, int embedding, int ways)
    {
        var bound = 1 / Math.Sqrt(embedding);
        _weight = LiveTensors.Parameter(generators.Uniform([embedding, ways], bound));
        _bias = LiveTensors.Parameter(generators.Uniform([1, ways], bound));
    }

    /// <summary>[episodes, embedding, ways] and [episodes, 1, ways].</summary>
    public Parameter[] Parameters => [_weight, _bias];

    /// <param name="embeddings">[episodes, n, embedding].</param>
    /// <returns>[episodes, n, ways].</returns>
    public Tensor Logits(Tensor embeddings) => BatchedProduct.Add(_bias, embeddings, _weight);

    public void Dispose()
    {
        _weight.Dispose();
        _bias.Dispose();
    }

    /// <summary>The cross-entropy of each episode, averaged over its images and summed over episodes: each has the gradient that it has
    /// alone.</summary>
    /// <param name="embeddings">[episodes, n, embedding].</param>
    /// <param name="labels">[n], the same in every episode.</param>
    public Tensor Loss(Tensor embeddings, Tensor labels)
    {
        using var scope = NewDisposeScope();
        var logits = Logits(embeddings).flatten(0, 1);
        return nn
            .functional.cross_entropy(logits, labels.repeat(embeddings.shape[0]), reduction: nn.Reduction.Sum)
            .div(labels.shape[0])
            .MoveToOuterDisposeScope();
    }
}
