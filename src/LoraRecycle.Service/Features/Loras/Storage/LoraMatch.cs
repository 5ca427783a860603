using System.IO.Enumeration;

namespace LoraRecycle.Service.Features.Loras.Storage;

/// <summary>LoRAs that have all of this; what is null is not asked for.</summary>
/// <param name="Name">A pattern, in which * stands for any characters and ? for one.</param>
/// <param name="Family">The adapter's family.</param>
/// <param name="Rank">The largest rank of its layers.</param>
/// <param name="Origin">Where it comes from.</param>
internal sealed record LoraMatch(string? Name, string? Family, long? Rank, LoraOrigin? Origin)
{
    public const int LongestPattern = 1000;

    public bool Fits(Lora lora) =>
        (Name is null || FileSystemName.MatchesSimpleExpression(Name, lora.Facts.Name ?? "", ignoreCase: false))
        && (Family is null || lora.Facts.Family == Family)
        && (Rank is null || lora.Facts.Rank == Rank)
        && (Origin is null || lora.Origin == Origin);
}
