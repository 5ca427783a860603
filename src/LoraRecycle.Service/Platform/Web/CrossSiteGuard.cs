using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Web;

/// <summary>
/// Refuses what a page of another origin makes a browser send to change something. A key cannot be sent by such a page; without one,
/// being able to reach the server is all that it takes, and a form of any page can.
/// </summary>
internal static class CrossSiteGuard
{
    private const string FetchSite = "Sec-Fetch-Site";

    /// <summary>After authentication, which tells whether a key came.</summary>
    public static IApplicationBuilder UseCrossSiteGuard(this IApplicationBuilder app)
    {
        var named = app.ApplicationServices.GetRequiredService<IOptions<SecurityOptions>>().Value.CorsOrigins;
        return app.Use((context, next) =>
            ChangesSomething(context.Request.Method) && IsLetInWithoutKey(context) && ForeignHeader(context.Request, named) is { } header
                ? throw new ProblemException(
                    Problems.ForeignOrigin,
                    "Expected a request of this server's own page, or one that does not come from a page; found a page of another origin. "
                        + "Send a key, or let the administrator name the origin in Security:CorsOrigins.",
                    header
                )
                : next(context)
        );
    }

    private static bool ChangesSomething(string method) =>
        !(HttpMethods.IsGet(method) || HttpMethods.IsHead(method) || HttpMethods.IsOptions(method) || HttpMethods.IsTrace(method));

    private static bool IsLetInWithoutKey(HttpContext context) =>
        context.User.Identity?.IsAuthenticated == true && !context.User.HasClaim(claim => claim.Type == ApiKeyAuthentication.KeyClaim);

    /// <returns>The header that tells of another origin; null when none does.</returns>
    private static string? ForeignHeader(HttpRequest request, string[] named)
    {
        var origins = request.Headers.Origin;
        var isNamed = origins is [{ } only] && named.Contains(only, StringComparer.OrdinalIgnoreCase);
        if (!isNamed && origins.Count > 0 && !(origins is [{ } origin] && IsOwn(origin, request)))
            return CorsConstants.Origin;
        var sites = request.Headers[FetchSite];
        return isNamed || sites.All(site => site is "same-origin" or "none") ? null : FetchSite;
    }

    /// <summary>Whether an origin is the one that the request was sent to. A proxy may speak TLS for this server, but not undo
    /// it.</summary>
    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && !request.IsHttps))
        && uri.UserInfo.Length == 0
        && uri.GetLeftPart(UriPartial.Authority).Equals(origin, StringComparison.OrdinalIgnoreCase)
        && Uri.TryCreate($"{uri.Scheme}://{request.Host.ToUriComponent()}", UriKind.Absolute, out var own)
        && uri.Host.Equals(own.Host, StringComparison.OrdinalIgnoreCase)
        && uri.Port == own.Port;
}
