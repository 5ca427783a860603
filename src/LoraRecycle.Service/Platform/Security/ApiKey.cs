namespace LoraRecycle.Service.Platform.Security;

/// <summary>An API key as it is stored: everything but the secret.</summary>
/// <param name="Id">Names the key, in its token and in logs; no secret.</param>
/// <param name="Name">Whose it is.</param>
/// <param name="Scopes">What it may be used for, some of <see cref="ApiScopes.All"/>.</param>
/// <param name="Hash">SHA-256 of the token, in hex. The token has 256 random bits, so a slow or salted hash would add nothing.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Rotated">When its secret was last replaced.</param>
/// <param name="Revoked">When it stopped being good; it stays on the list.</param>
public sealed record ApiKey(
    string Id,
    string Name,
    IReadOnlyList<string> Scopes,
    string Hash,
    DateTimeOffset Created,
    DateTimeOffset? Rotated,
    DateTimeOffset? Revoked
);

/// <summary>A key, and the token that is shown this once.</summary>
public sealed record IssuedApiKey(ApiKey Key, string Token);
