using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Service.Serving;

/// <summary>A loaded model on its device. It is loaded, used and disposed by one thread, that of its <see cref="ModelRuntime"/>.</summary>
public interface IVisionModel : IDisposable
{
    ModelDescription Description { get; }

    /// <summary>One forward pass.</summary>
    /// <returns><c>[images][embedding]</c></returns>
    float[][] Embed(IReadOnlyList<DecodedImage> images);
}

/// <summary>Loads the model that serves. Called once, on the thread that will use it.</summary>
public delegate IVisionModel LoadVisionModel();
