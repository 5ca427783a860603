using LoraRecycle.Core.Imaging;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Serving.Devices;

/// <summary>A forward pass whose result is looked at before anybody uses it.</summary>
internal static class ForwardPass
{
    /// <summary>A picture that proves that a model works, and says nothing.</summary>
    public static DecodedImage Blank => new(8, 8, new byte[8 * 8 * DecodedImage.Channels]);

    /// <summary>One pass of a picture that cannot be at fault. The first of a process pays for code, threads and memory that all later
    /// ones share.</summary>
    /// <exception cref="Exception">The model, or its device, does not work.</exception>
    public static void Prove(DeviceModel model) => Run(model, [Blank]);

    /// <returns><c>[images][embedding]</c>, all of them finite.</returns>
    /// <exception cref="ModelFailureException">The model gave what are no embeddings; what it throws itself passes through.</exception>
    public static float[][] Run(DeviceModel model, IReadOnlyList<DecodedImage> images)
    {
        var embeddings = model.Embed(images);
        if (embeddings.Length != images.Count)
            throw new ModelFailureException($"Expected {images.Count} embeddings; the model returned {embeddings.Length}.");
        foreach (var embedding in embeddings)
            if (
                embedding.Length != model.Description.EmbeddingLength
                || embedding.AsSpan().ContainsAnyExceptInRange(float.MinValue, float.MaxValue)
            )
                throw new ModelFailureException(
                    $"Expected {model.Description.EmbeddingLength} finite values; the model returned {embedding.Length}, or some that "
                        + "are not finite."
                );
        return embeddings;
    }
}
