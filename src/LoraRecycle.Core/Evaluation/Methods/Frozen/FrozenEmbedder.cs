using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Evaluation.Methods.Harness;
using LoraRecycle.Core.Vision.Fused;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Evaluation.Methods.Frozen;

/// <summary>Embeds the images of episodes with a model that no task changes: each image once, however many episodes of whatever shapes it
/// is in.</summary>
/// <param name="images">The images.</param>
/// <param name="embed">[images, 3, height, width] to [images, embedding].</param>
/// <param name="owned">What computes it; disposed with this.</param>
internal sealed class FrozenEmbedder(PreparedImages images, Func<Tensor, Tensor> embed, IDisposable owned) : IDisposable
{
    private const int BatchSize = 512;

    // Rows of the embeddings, by image.
    private readonly Dictionary<long, long> _places = [];

    private Tensor? _embeddings;

    /// <param name="bench">The model and the images.</param>
    /// <param name="adapter">What is merged into the model; null for the bare model.</param>
    public static FrozenEmbedder Of(Bench bench, Adapter? adapter)
    {
        using var attached = bench.Model.Attach(adapter);
        var embedder = new FusedEmbedder(bench.Model, bench.Device);
        return new FrozenEmbedder(bench.Images, embedder.call, embedder);
    }

    /// <returns>[episodes, ways * shots, embedding] and [episodes, ways * queries, embedding], float32.</returns>
    public (Tensor Support, Tensor Queries) Embed(EpisodeSet episodes, CancellationToken cancellation)
    {
        using var scope = NewDisposeScope();
        var rows = cat([episodes.Support.flatten(), episodes.Queries.flatten()]).cpu().data<long>().ToArray();
        var embeddings = Known(rows, cancellation);
        var indices = tensor([.. rows.Select(row => _places[row])], device: embeddings.device);
        var supports = episodes.Support.numel();
        return (Of(0, supports).MoveToOuterDisposeScope(), Of(supports, rows.Length - supports).MoveToOuterDisposeScope());

        Tensor Of(long start, long count) =>
            embeddings.index_select(0, indices.narrow(0, start, count)).view(episodes.Count, -1, embeddings.shape[1]);
    }

    public void Dispose()
    {
        _embeddings?.Dispose();
        owned.Dispose();
    }

    /// <summary>The embeddings of all images so far, these among them.</summary>
    private Tensor Known(long[] rows, CancellationToken cancellation)
    {
        var missing = rows.Distinct().Where(row => !_places.ContainsKey(row)).Order().ToArray();
        if (missing.Length > 0)
        {
            var fresh = missing.Chunk(BatchSize).Select(batch => Embed(batch, cancellation)).ToArray();
            var grown = cat(_embeddings is null ? fresh : [_embeddings, .. fresh]).DetachFromDisposeScope();
            _embeddings?.Dispose();
            _embeddings = grown;
            foreach (var row in missing) _places[row] = _places.Count;
        }
        return _embeddings!;
    }

    private Tensor Embed(long[] batch, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        using var withoutGrad = no_grad();
        // A clone outside of inference mode: heads are tuned on these, and autograd refuses inference tensors.
        return embed(images.Pixels.index_select(0, tensor(batch, device: images.Pixels.device))).clone().MoveToOuterDisposeScope();
    }
}
