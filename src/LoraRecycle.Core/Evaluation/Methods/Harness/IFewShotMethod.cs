using LoraRecycle.Core.FewShot.Episodes;

namespace LoraRecycle.Core.Evaluation.Methods.Harness;

/// <summary>One row of a comparison: a way to classify the queries of few-shot tasks. Found by its name.</summary>
public interface IFewShotMethod
{
    /// <summary>What a command line calls it, unique in a comparison.</summary>
    string Name { get; }

    /// <summary>What a table calls it.</summary>
    string Title { get; }

    DataUse Uses { get; }

    /// <summary>All that decides its answers beside the model, the adapters, the images and the seed; values as text.</summary>
    IReadOnlyDictionary<string, string> Settings { get; }

    /// <summary>Does what is done before the first task comes: adapters are summed, a model is meta-trained.</summary>
    /// <exception cref="Adapters.AdapterException">It cannot work with these adapters.</exception>
    IFewShotLearner Prepare(Bench bench, IProgress<string>? progress, CancellationToken cancellation);
}

/// <summary>A method ready for tasks. Disposing it gives back what its preparation made.</summary>
public interface IFewShotLearner : IDisposable
{
    /// <summary>How many episodes of a shape it takes at once.</summary>
    int BatchSize(EpisodeShape shape);

    /// <summary>Classifies; each episode is answered from its own support set alone.</summary>
    /// <returns>[episodes, ways * queries, ways]: the largest is the prediction.</returns>
    TorchSharp.torch.Tensor Logits(EpisodeSet episodes, CancellationToken cancellation);
}
