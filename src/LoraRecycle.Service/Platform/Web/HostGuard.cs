using System.Net;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Security;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Web;

/// <summary>
/// Without keys, answers only to names of this machine. A page can let its own name point at 127.0.0.1, and is of the same origin as
/// the server then; but what it sends as <c>Host</c> stays its own name.
/// </summary>
internal static class HostGuard
{
    private const string Setting = "AllowedHosts";
    private const string Local = "localhost";

    /// <summary>After what makes answers of problems. Names in the settings are the framework's to check, and then count alone.</summary>
    public static IApplicationBuilder UseHostGuard(this IApplicationBuilder app)
    {
        var services = app.ApplicationServices;
        var names = services.GetRequiredService<IConfiguration>()[Setting]?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [];
        if (services.GetRequiredService<IOptions<SecurityOptions>>().Value.AllowAnonymous || (names.Length > 0 && !names.Contains("*")))
            return app;
        var keys = services.GetRequiredService<LiveApiKeys>();
        return app.Use((context, next) =>
            context.Features.Get<SentOrigin>() is not { Host: { HasValue: true } host } || IsThisMachine(host.Host) || keys.Any
                ? next(context)
                : throw new ProblemException(
                    Problems.ForeignHost,
                    $"Expected localhost, 127.0.0.1 or [::1] as host, since the server has no keys; found another name. Use one of these, "
                        + $"or let the administrator name the host in {Setting} or make keys.",
                    "Host"
                )
        );
    }

    private static bool IsThisMachine(string host)
    {
        var name = host.TrimEnd('.');
        return name.Equals(Local, StringComparison.OrdinalIgnoreCase)
            || name.EndsWith($".{Local}", StringComparison.OrdinalIgnoreCase)
            || (Uri.CheckHostName(name) is UriHostNameType.IPv4 or UriHostNameType.IPv6
                && IPAddress.TryParse(name, out var address)
                && IPAddress.IsLoopback(address));
    }
}
