using LoraRecycle.Core.Imaging;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Serving;
using LoraRecycle.Service.Serving.Embedding;
using LoraRecycle.Service.Serving.Models;

namespace LoraRecycle.Service.Features.Classification.Episodes;

/// <summary>Images of a request into embeddings; what fails is a problem that names the image in the client's own terms.</summary>
internal static class EpisodeImages
{
    /// <exception cref="ProblemException">An image cannot be used, or the model failed.</exception>
    public static Task<EmbeddedImages> EmbedAsync(
        this ImageEmbedder embedder,
        IReadOnlyList<EpisodeImage> images,
        ServedAdapter adapter,
        CancellationToken cancellation
    ) =>
        ServingProblems.TranslateAsync(
            embedder,
            async () =>
            {
                try
                {
                    return await embedder.EmbedAsync([.. images.Select(image => image.Encoded)], adapter, cancellation);
                }
                catch (UnusableImageException exception)
                {
                    throw new ProblemException(KindOf(exception.Cause.Fault), exception.Message, images[exception.Index].Field);
                }
            }
        );

    private static ProblemKind KindOf(ImageFault fault) => fault switch
    {
        ImageFault.UnsupportedFormat => Problems.UnsupportedImageFormat,
        ImageFault.TooLarge => Problems.ImageTooLarge,
        ImageFault.TooCostly => Problems.ImageTooCostly,
        ImageFault.Empty => Problems.EmptyImage,
        _ => Problems.DamagedImage,
    };
}
