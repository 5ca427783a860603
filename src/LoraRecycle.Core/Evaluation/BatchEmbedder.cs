using System.Runtime.ExceptionServices;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Models;

namespace LoraRecycle.Core.Evaluation;

/// <summary>Embeds many encoded images: a batch is decoded on all cores, then goes through the model at once.</summary>
public sealed class BatchEmbedder(EmbeddingModel model, ImageDecoder decoder, int batchSize = 32)
{
    // Large photographs go in smaller batches: 32 of them, decoded, would be gigabytes.
    private const long MaxEncodedBytesOfBatch = 8L << 20;

    /// <summary>An embedding, <c>[embedding]</c>, for each image.</summary>
    /// <param name="images">The images' names, each once.</param>
    /// <param name="read">The encoded bytes of a name; called for one at a time.</param>
    /// <param name="progress">Told how many are done, after each batch.</param>
    /// <param name="cancellation">Checked before each batch.</param>
    /// <exception cref="DataSetException">An image cannot be decoded; the message names it.</exception>
    public IReadOnlyDictionary<string, float[]> Embed(
        IEnumerable<string> images, Func<string, byte[]> read, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        var embeddings = new Dictionary<string, float[]>(StringComparer.Ordinal);
        // Sorted, so that a batch holds the same images in every run and rounding cannot differ between two of them.
        foreach (var batch in Batches(images.Order(StringComparer.Ordinal), read))
        {
            cancellation.ThrowIfCancellationRequested();
            var vectors = model.Embed(Decode(batch));
            for (var i = 0; i < batch.Count; i++)
                embeddings.Add(batch[i].Name, vectors[i]);
            progress?.Report(embeddings.Count);
        }
        return embeddings;
    }

    private IEnumerable<List<(string Name, byte[] Encoded)>> Batches(IEnumerable<string> images, Func<string, byte[]> read)
    {
        var batch = new List<(string, byte[])>();
        long bytes = 0;
        foreach (var name in images)
        {
            var encoded = read(name);
            if (batch.Count == batchSize || (batch.Count > 0 && bytes + encoded.Length > MaxEncodedBytesOfBatch))
            {
                yield return batch;
                batch = [];
                bytes = 0;
            }
            batch.Add((name, encoded));
            bytes += encoded.Length;
        }
        if (batch.Count > 0)
            yield return batch;
    }

    private DecodedImage[] Decode(List<(string Name, byte[] Encoded)> batch)
    {
        var decoded = new DecodedImage[batch.Count];
        try
        {
            Parallel.For(0, batch.Count, i => decoded[i] = Decode(batch[i].Name, batch[i].Encoded));
        }
        catch (AggregateException e)
        {
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }
        return decoded;
    }

    private DecodedImage Decode(string name, byte[] encoded)
    {
        try
        {
            return decoder.Decode(encoded);
        }
        catch (ImageException e)
        {
            throw new DataSetException($"Image '{name}' cannot be used. {e.Message}", e);
        }
    }
}
