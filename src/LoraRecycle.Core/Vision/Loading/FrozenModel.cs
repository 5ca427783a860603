using LoraRecycle.Core.Imaging.Preprocessing;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Loading;

/// <summary>A foundation model in the form that adapters are tuned, inverted and distilled on, with the preprocessing of its
/// images.</summary>
public sealed class FrozenModel : IDisposable
{
    private FrozenModel(string id, string files, string revision, VisionTransformer transformer, ImagePreprocessor preprocessor)
    {
        (Id, FoundationRevision, Revision, Transformer, Preprocessor) = (id, files, revision, transformer, preprocessor);
    }

    /// <summary>The directory's name.</summary>
    public string Id { get; }

    /// <summary>SHA-256, in hex, over configuration, preprocessing and weights.</summary>
    public string FoundationRevision { get; }

    /// <summary>SHA-256, in hex, over configuration, preprocessing, weights and precision.</summary>
    public string Revision { get; }

    public VisionTransformer Transformer { get; }

    public ImagePreprocessor Preprocessor { get; }

    public Device Device => Transformer.Embeddings.Weight.device;

    /// <param name="directory">A Hugging Face model directory.</param>
    /// <param name="device">Where to compute.</param>
    /// <param name="dtype">In what precision its own weights are; adapters are always in float32.</param>
    /// <exception cref="ModelException">The directory cannot be used.</exception>
    public static FrozenModel Load(string directory, Device device, ScalarType dtype = ScalarType.Float32)
    {
        var files = ModelFiles.Read(directory, device, dtype);
        return new FrozenModel(
            files.Id,
            files.Hash,
            ModelRevision.Of(files.Hash, adapterRevision: null, dtype),
            files.Transformer,
            files.Preprocessor
        );
    }

    public void Dispose() => Transformer.Dispose();
}
