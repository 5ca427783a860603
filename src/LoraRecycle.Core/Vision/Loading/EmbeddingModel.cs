using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Loading;

/// <summary>
/// A foundation model, with or without an adapter merged into it, ready to turn pictures into embeddings. To be used by
/// one thread at a time.
/// </summary>
public sealed class EmbeddingModel : IDisposable
{
    private readonly nn.Module<Tensor, Tensor> _embedder;

    internal EmbeddingModel(
        string id,
        string files,
        string? adapterRevision,
        VisionTransformerConfig config,
        FusedEmbedder embedder,
        ImagePreprocessor preprocessor
    )
    {
        (FoundationRevision, AdapterRevision, Revision) = (
            files,
            adapterRevision,
            ModelRevision.Of(files, adapterRevision, embedder.Precision)
        );
        (Id, Config, Preprocessor) = (id, config, preprocessor);
        (_embedder, Device, Precision) = (Ready(embedder), embedder.Device, embedder.Precision);
    }

    /// <summary>The directory's name.</summary>
    public string Id { get; }

    /// <summary>SHA-256, in hex, over all that decides an embedding: configuration, weights, preprocessing, adapter, precision.</summary>
    public string Revision { get; }

    /// <summary>SHA-256, in hex, over the foundation model's configuration, preprocessing and weights.</summary>
    public string FoundationRevision { get; }

    /// <summary>The revision of the adapter that is merged into it; null for the bare model.</summary>
    public string? AdapterRevision { get; }

    public VisionTransformerConfig Config { get; }

    public int EmbeddingLength => Config.EmbeddingLength;

    public Device Device { get; }

    /// <summary>The dtype of weights and activations.</summary>
    public ScalarType Precision { get; }

    public ImagePreprocessor Preprocessor { get; }

    /// <param name="directory">A Hugging Face model directory.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="adapterPath">An adapter to merge, or null for the bare model.</param>
    /// <param name="precision">In what to compute.</param>
    /// <exception cref="ModelException">The directory cannot be used.</exception>
    /// <exception cref="AdapterException">The adapter does not fit the model.</exception>
    public static EmbeddingModel Load(
        string directory,
        Device device,
        string? adapterPath = null,
        ComputePrecision precision = ComputePrecision.Auto
    )
    {
        using var foundation = FoundationModel.Load(directory, device, precision);
        using var adapter = adapterPath is null ? null : AdapterCatalog.Default.Load(adapterPath, foundation.AdaptableLayers);
        return foundation.WithAdapter(adapter);
    }

    /// <summary>Embeds decoded pictures in one batch.</summary>
    /// <returns>One vector of <see cref="EmbeddingLength"/> an image.</returns>
    public float[][] Embed(IReadOnlyList<DecodedImage> images)
    {
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        var embeddings = Embed(Preprocessor.Preprocess(images, Device)).cpu();
        var values = embeddings.data<float>().ToArray();
        return [.. Enumerable.Range(0, images.Count).Select(index => values.AsSpan(index * EmbeddingLength, EmbeddingLength).ToArray())];
    }

    /// <param name="pixelValues">[batch, 3, height, width], normalised.</param>
    /// <returns>[batch, embedding], float32, on the model's device; owned by the caller.</returns>
    public Tensor Embed(Tensor pixelValues) => _embedder.call(pixelValues);

    public void Dispose() => _embedder.Dispose();

    /// <summary>An embedder as it is run: on a GPU, where they can be made, as recorded CUDA graphs. Takes the embedder over.</summary>
    internal static nn.Module<Tensor, Tensor> Ready(FusedEmbedder embedder) =>
        embedder.Device.type == TorchSharp.DeviceType.CUDA && CudaGraph.Unavailable is null ? new GraphedEmbedder(embedder) : embedder;
}
