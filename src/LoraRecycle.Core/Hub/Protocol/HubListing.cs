using System.Text.Json;
using System.Text.Json.Serialization;

namespace LoraRecycle.Core.Hub.Protocol;

/// <summary>What the hub says of a repository at a revision.</summary>
/// <param name="Id">Its name, which differs from the one that was asked for where it was renamed.</param>
/// <param name="Sha">The commit.</param>
/// <param name="Siblings">Its files.</param>
internal sealed record HubListing(string? Id, string? Sha, IReadOnlyList<HubListing.Entry>? Siblings)
{
    /// <param name="Rfilename">Its path in the repository.</param>
    /// <param name="BlobId">What git calls its content: of a large file, of the pointer to it.</param>
    /// <param name="Lfs">Of a large file: its content.</param>
    internal sealed record Entry(string? Rfilename, string? BlobId, LargeFile? Lfs);

    internal sealed record LargeFile(string? Sha256);
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(HubListing))]
internal sealed partial class HubListingJson : JsonSerializerContext;
