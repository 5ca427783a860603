using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Loading;

/// <summary>
/// A foundation model's own weights in host memory, read once: the models that serve are made from them, one bare and one
/// for each adapter. To be used by one thread at a time.
/// </summary>
public sealed class FoundationModel : IDisposable
{
    private readonly VisionTransformer _transformer;
    private readonly ImagePreprocessor _preprocessor;
    private readonly Device _device;
    private readonly ScalarType _precision;
    private readonly string _revision;

    private FoundationModel(
        string id,
        VisionTransformer transformer,
        ImagePreprocessor preprocessor,
        Device device,
        ScalarType precision,
        string revision
    )
    {
        (Id, _transformer, _preprocessor, _device, _precision, _revision) = (id, transformer, preprocessor, device, precision, revision);
    }

    /// <summary>The directory's name.</summary>
    public string Id { get; }

    /// <summary>SHA-256, in hex, over configuration, preprocessing and weights.</summary>
    public string Revision => _revision;

    /// <summary>Every layer that an adapter may change.</summary>
    public IReadOnlyList<AdaptableLayer> AdaptableLayers => _transformer.AdaptableLayers;

    /// <param name="directory">A Hugging Face model directory.</param>
    /// <param name="device">Where the models made from it compute.</param>
    /// <param name="precision">In what they compute.</param>
    /// <exception cref="ModelException">The directory cannot be used.</exception>
    public static FoundationModel Load(string directory, Device device, ComputePrecision precision = ComputePrecision.Auto)
    {
        var files = ModelFiles.Read(directory, CPU, ScalarType.Float32);
        return new FoundationModel(
            files.Id, files.Transformer, files.Preprocessor, device, precision.On(device), files.Hash);
    }

    /// <summary>Makes a model that serves. It has weights of its own, so it takes as much memory as the foundation model.</summary>
    /// <param name="adapter">What to merge into the weights, or null for the bare model; it may go afterwards.</param>
    /// <exception cref="AdapterException">The adapter does not fit the model.</exception>
    public EmbeddingModel WithAdapter(Adapter? adapter)
    {
        using var attached = _transformer.Attach(adapter);
        return new EmbeddingModel(
            Id, _revision, adapter?.Revision, _transformer.Config, new FusedEmbedder(_transformer, _device, _precision), _preprocessor);
    }

    public void Dispose() => _transformer.Dispose();
}
