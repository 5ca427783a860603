using LoraRecycle.Core.Devices;
using LoraRecycle.Core.Imaging;
using LoraRecycle.Core.Models;

namespace LoraRecycle.Service.Serving.Models;

/// <summary>A model on libtorch.</summary>
internal sealed class TorchVisionModel(EmbeddingModel model) : IVisionModel
{
    public ModelDescription Description { get; } = new(
        model.Id, model.Revision, model.EmbeddingLength, model.Device.ToString(), model.Precision.ToString().ToLowerInvariant(), model.FoundationRevision);

    public float[][] Embed(IReadOnlyList<DecodedImage> images) => TorchException.Guard(() => model.Embed(images));

    public void Dispose() => model.Dispose();
}
