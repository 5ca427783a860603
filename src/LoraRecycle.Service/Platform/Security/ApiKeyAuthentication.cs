using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using LoraRecycle.Service.Platform.Http.Errors;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;

namespace LoraRecycle.Service.Platform.Security;

/// <summary>
/// Who a request comes from, by the token in <c>Authorization: Bearer</c> or <c>X-Api-Key</c>. Without one it is let in as
/// anonymous where that is allowed: by the setting, or from this machine while no key was ever made. A wrong token is
/// refused also there, because whoever sent it expects it to count. What is open to everybody looks at no token, so that a probe of
/// health does not fail while the keys cannot be read.
/// </summary>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options,
    ILoggerFactory logging,
    UrlEncoder encoder,
    LiveApiKeys keys,
    IOptions<SecurityOptions> security
) : AuthenticationHandler<AuthenticationSchemeOptions>(options, logging, encoder)
{
    public const string SchemeName = "ApiKey";
    public const string Header = "X-Api-Key";
    public const string KeyClaim = "key";
    public const string ScopeClaim = "scope";

    /// <summary>What is stored of the token that the key had; tells whether it still has it.</summary>
    public const string HashClaim = "hash";

    private const string Realm = "Bearer realm=\"lora-recycle\"";
    private const string Bearer = "Bearer ";

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
        Context.GetEndpoint()?.Metadata.GetMetadata<IAllowAnonymous>() is null ? Authenticate() : AuthenticateResult.NoResult());

    private AuthenticateResult Authenticate()
    {
        return Tokens() switch
        {
            [] when AnonymousIsAllowed() => Admit([.. ApiScopes.All.Select(scope => new Claim(ScopeClaim, scope))]),
            [] => AuthenticateResult.NoResult(),
            [var token] when keys.Find(token) is { } key => Admit([
                new Claim(KeyClaim, key.Id),
                new Claim(HashClaim, key.Hash),
                .. key.Scopes.Select(scope => new Claim(ScopeClaim, scope)),
            ]),
            [_] => AuthenticateResult.Fail("Expected the token of a valid key; this one is unknown, revoked, or replaced by rotation."),
            _ => AuthenticateResult.Fail(
                $"Expected one key; found several different ones in Authorization and {Header}. Send only the one to use."
            ),
        };
    }

    /// <summary>
    /// The keys that were sent, each once. Other schemes of Authorization than Bearer are somebody else's, such as those of a proxy
    /// that asks for a password; and so is a bearer's token beside <c>X-Api-Key</c> that has not the form of a key.
    /// </summary>
    private string[] Tokens()
    {
        string[] named = [.. Request.Headers[Header].OfType<string>()];
        var bearers = Request
            .Headers.Authorization.OfType<string>()
            .Where(value => value.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
            .Select(value => value[Bearer.Length..].Trim())
            .Where(token => named.Length == 0 || ApiKeyToken.IdOf(token) is not null);
        return [.. named.Concat(bearers).Distinct(StringComparer.Ordinal)];
    }

    private bool AnonymousIsAllowed() =>
        security.Value.AllowAnonymous
        || (Context.Connection.RemoteIpAddress is var address && (address is null || IPAddress.IsLoopback(address)) && !keys.Any);

    private AuthenticateResult Admit(Claim[] claims) =>
        AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(claims, Scheme.Name)), Scheme.Name));

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var failure = (await HandleAuthenticateOnceSafeAsync()).Failure;
        throw new ProblemException(
            Problems.Unauthorized,
            failure?.Message ?? $"Expected a key, as 'Authorization: Bearer <token>' or '{Header}: <token>'; found none."
        )
        {
            Headers = { [HeaderNames.WWWAuthenticate] = failure is null ? Realm : $"{Realm}, error=\"invalid_token\"" },
        };
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties)
    {
        var needed = string.Join(
            ' ',
            Context.GetEndpoint()?.Metadata.GetOrderedMetadata<IAuthorizeData>().Select(data => data.Policy).OfType<string>() ?? []
        );
        throw new ProblemException(
            Problems.Forbidden,
            $"Expected a key with the scope '{needed}'; this key does not have that scope. Use another key, or create one with that scope."
        )
        {
            Headers = { [HeaderNames.WWWAuthenticate] = $"{Realm}, error=\"insufficient_scope\", scope=\"{needed}\"" },
        };
    }
}
