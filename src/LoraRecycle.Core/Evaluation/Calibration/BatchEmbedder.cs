using LoraRecycle.Core.DataSets;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Decoding;
using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Loading;

namespace LoraRecycle.Core.Evaluation.Calibration;

/// <summary>Embeds many encoded images: a batch is decoded on all cores, then goes through the model at once.</summary>
public sealed class BatchEmbedder(EmbeddingModel model, ImageDecoder decoder, int batchSize = 32)
{
    /// <summary>Makes another picture of one before it is embedded; null for the picture itself.</summary>
    public Func<DecodedImage, DecodedImage>? View { get; init; }

    /// <summary>An embedding, <c>[embedding]</c>, for each image.</summary>
    /// <param name="images">The images' names, each once.</param>
    /// <param name="read">The encoded bytes of a name; called for one at a time.</param>
    /// <param name="progress">Told how many are done, after each batch.</param>
    /// <param name="cancellation">Checked before each batch.</param>
    /// <exception cref="DataSetException">An image cannot be decoded; the message names it.</exception>
    /// <exception cref="ModelException">The model makes no finite embedding of one.</exception>
    public IReadOnlyDictionary<string, float[]> Embed(
        IEnumerable<string> images, Func<string, byte[]> read, IProgress<int>? progress = null, CancellationToken cancellation = default)
    {
        var embeddings = new Dictionary<string, float[]>(StringComparer.Ordinal);
        // In order, so that a batch holds the same images in every run.
        foreach (
            var (names, decoded) in new DecodedBatches(decoder, batchSize).Of(images.Order(StringComparer.Ordinal), read, cancellation)
        )
        {
            var vectors = model.Embed(View is null ? decoded : [.. decoded.Select(View)]);
            for (var i = 0; i < names.Count; i++)
                embeddings.Add(names[i], Finite(vectors[i], names[i]));
            progress?.Report(embeddings.Count);
        }
        return embeddings;
    }

    /// <summary>Finite weights may be so large that what they make of a picture is not.</summary>
    private float[] Finite(float[] embedding, string name) => Array.TrueForAll(embedding, float.IsFinite)
        ? embedding
        : throw new ModelException(
            $"The model '{model.Id}' gives '{name}' embeddings with values that are NaN or infinite; expected finite ones. Its weights, or "
                + "those of the adapter, are too large: get them again from where they were published."
        );
}
