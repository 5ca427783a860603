using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Service.Serving.Models;

/// <summary>A model on its device, ready to embed: the foundation model, bare or with a meta-LoRA merged into it.</summary>
public interface IVisionModel : IDisposable
{
    ModelDescription Description { get; }

    /// <summary>One forward pass.</summary>
    /// <returns><c>[images][embedding]</c></returns>
    float[][] Embed(IReadOnlyList<DecodedImage> images);
}
