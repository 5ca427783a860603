namespace LoraRecycle.Client.Contracts;

/// <summary>The synthetic images that a job has made so far.</summary>
/// <param name="Images">The images, by number.</param>
/// <param name="Next">Pass as <c>from</c> to get the next page; null when there is none yet.</param>
public sealed record JobImagesResponse(IReadOnlyList<JobImage> Images, int? Next);

/// <summary>A synthetic image. Numbers are fixed when the job is accepted, and images appear as units end.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Lora">The id of the LoRA it was inverted from.</param>
/// <param name="LoraName">The name of that LoRA.</param>
/// <param name="Label">The class it shows, as an index into the LoRA's head.</param>
/// <param name="Class">The name of that class.</param>
/// <param name="Image">The path of the image.</param>
/// <param name="Mask">The path of its mask; kept patches are white.</param>
public sealed record JobImage(
    int Number,
    string Lora,
    string? LoraName,
    int Label,
    string Class,
    string Image,
    string Mask
);
