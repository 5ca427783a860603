using System.Runtime.InteropServices;
using LoraRecycle.Core.FewShot;
using LoraRecycle.Service.Features.Classification.Episodes;
using LoraRecycle.Service.Platform.Http.Errors;

namespace LoraRecycle.Service.Features.StoredTasks.Storage;

/// <summary>What a task's images are, and what a change leaves of them.</summary>
internal static class TaskSupport
{
    /// <summary>The images by class; classes in the order of their first image, images in that of their numbers.</summary>
    public static IEnumerable<IGrouping<string, StoredImage>> ByClass(IEnumerable<StoredImage> images) =>
        images.OrderBy(image => image.Number).GroupBy(image => image.Label, StringComparer.Ordinal);

    /// <summary>The support set that the embeddings are.</summary>
    public static SupportSet Of(IEnumerable<StoredImage> images) => new(
        [.. ByClass(images).Select(one => new SupportClass(one.Key, [.. one.Select(image => FromBytes(image.Embedding))]))]);

    /// <summary>The images that stay.</summary>
    /// <exception cref="ProblemException">A class or image is to be dropped that is not there.</exception>
    public static IReadOnlyList<StoredImage> Kept(
        IReadOnlyList<StoredImage> images,
        IReadOnlySet<string> dropClasses,
        IReadOnlySet<long> dropImages
    )
    {
        if (dropClasses.Except(images.Select(image => image.Label), StringComparer.Ordinal).FirstOrDefault() is { } label)
            throw new ProblemException(
                TaskProblems.UnknownClass,
                $"Expected labels of the task's classes to drop; no class is named '{label}'.",
                RequestMemberNames.DropClasses
            );
        var unknown = dropImages.Except(images.Select(image => image.Number)).ToArray();
        if (unknown.Length > 0)
            throw new ProblemException(
                TaskProblems.UnknownImage,
                $"Expected ids of the task's images to drop; no image has the id {unknown[0]}. GET the task for its ids.",
                RequestMemberNames.DropImages
            );
        return [.. images.Where(image => !dropClasses.Contains(image.Label) && !dropImages.Contains(image.Number))];
    }

    public static byte[] ToBytes(float[] embedding) => MemoryMarshal.AsBytes(embedding.AsSpan()).ToArray();

    private static float[] FromBytes(byte[] bytes) => MemoryMarshal.Cast<byte, float>(bytes).ToArray();
}
