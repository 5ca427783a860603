using LoraRecycle.Service.Platform.Security;

namespace LoraRecycle.Cli.Output;

/// <summary>A key without its hash.</summary>
internal sealed record ListedKey(
    string Id, string Name, IReadOnlyList<string> Scopes, DateTimeOffset Created, DateTimeOffset? Rotated, DateTimeOffset? Revoked)
{
    public static ListedKey Of(ApiKey key) => new(key.Id, key.Name, key.Scopes, key.Created, key.Rotated, key.Revoked);
}

/// <summary>A key with its token, the only time that it is shown.</summary>
internal sealed record ShownKey(string Id, string Name, IReadOnlyList<string> Scopes, string Token);
