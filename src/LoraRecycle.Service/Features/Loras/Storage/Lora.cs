namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>Where a LoRA of the market comes from.</summary>
internal enum LoraOrigin
{
    /// <summary>Somebody sent it.</summary>
    Uploaded,

    /// <summary>It came with the server and is never changed.</summary>
    Shipped,
}

/// <summary>One LoRA of the market, all of it checked.</summary>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Directory">A PEFT directory, or one with a single file of the paper's layout.</param>
/// <param name="Facts">What it is.</param>
internal sealed record Lora(LoraOrigin Origin, string Directory, LoraFacts Facts)
{
    /// <summary>SHA-256 over its files, in hex: the same LoRA always has the same one.</summary>
    public string Id => Facts.Id;
}

/// <summary>What is known of a LoRA: what the check of its files found, and is kept beside them.</summary>
/// <param name="Id">SHA-256 over its files, in hex.</param>
/// <param name="Name">What people call it; null for none.</param>
/// <param name="Model">The name of the model that it was checked against.</param>
/// <param name="Family">The adapter's family: <c>lora</c>.</param>
/// <param name="Rank">The largest of its layers'; null where it is not known.</param>
/// <param name="Targets">The layers of a block that it changes: <c>q</c>, <c>v</c>.</param>
/// <param name="Parameters">How many numbers its layers have; null where it is not known.</param>
/// <param name="ClassCount">The width of its head; null without one.</param>
/// <param name="Classes">The names of its head's classes; none where they are not known.</param>
/// <param name="Bytes">What its files take.</param>
/// <param name="Added">When it was uploaded, or tuned.</param>
/// <param name="Sequence">Grows with each upload: the order of lists. 0 of a shipped one, and where an older version kept it.</param>
internal sealed record LoraFacts(
    string Id, string? Name, string Model, string Family, long? Rank, IReadOnlyList<string> Targets, long? Parameters,
    long? ClassCount, IReadOnlyList<string> Classes, long Bytes, DateTimeOffset Added, long Sequence = 0);
