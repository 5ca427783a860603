using LoraRecycle.Core.Imaging;

namespace LoraRecycle.Service.Serving.Models;

/// <summary>A model on its device, ready to embed: the foundation model, bare or with a meta-LoRA merged into it.</summary>
/// <param name="description">What it is.</param>
/// <param name="pass">One forward pass of images, to <c>[images][embedding]</c>.</param>
/// <param name="owned">Disposed with it.</param>
internal sealed class DeviceModel(
    ModelDescription description,
    Func<IReadOnlyList<DecodedImage>, float[][]> pass,
    IDisposable owned
) : IDisposable
{
    public ModelDescription Description => description;

    /// <summary>One forward pass.</summary>
    /// <returns><c>[images][embedding]</c></returns>
    public float[][] Embed(IReadOnlyList<DecodedImage> images) => pass(images);

    public void Dispose() => owned.Dispose();
}
