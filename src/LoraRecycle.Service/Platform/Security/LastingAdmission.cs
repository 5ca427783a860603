using System.Security.Claims;

namespace LoraRecycle.Service.Platform.Security;

/// <summary>Whether whoever began a long answer may still have the rest of it.</summary>
internal sealed class LastingAdmission(LiveApiKeys keys)
{
    /// <summary>False once the key that the request came with is revoked or replaced. Who came without one stays.</summary>
    public bool Holds(ClaimsPrincipal user) =>
        (user.FindFirst(ApiKeyAuthentication.KeyClaim)?.Value, user.FindFirst(ApiKeyAuthentication.HashClaim)?.Value)
            is not ({ } id, { } hash)
        || keys.IsStillGood(id, hash);
}
