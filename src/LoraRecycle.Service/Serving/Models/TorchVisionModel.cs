using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Vision.Loading;

namespace LoraRecycle.Service.Serving.Models;

/// <summary>A model on libtorch.</summary>
internal sealed class TorchVisionModel(EmbeddingModel model) : IVisionModel
{
    public ModelDescription Description { get; } =
        new(
            model.Id,
            model.Revision,
            model.EmbeddingLength,
            model.Device.ToString(),
            model.Precision.ToString().ToLowerInvariant(),
            model.FoundationRevision
        );

    public float[][] Embed(IReadOnlyList<DecodedImage> images) => TorchException.Guard(() => model.Embed(images));

    public void Dispose() => model.Dispose();
}
