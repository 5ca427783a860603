using System.Net;
using LoraRecycle.Service.Platform.Http.Links;
using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Options;
using IPNetwork = System.Net.IPNetwork;

namespace LoraRecycle.Service.Platform.Web;

/// <summary>What proxies tell of the address that clients sent a request to, and of the client's own: believed of those that the settings
/// name. The latter counts for rate limits.</summary>
internal static class TrustedProxies
{
    public static IServiceCollection AddTrustedProxies(this IServiceCollection services)
    {
        services
            .AddSingleton<IValidateOptions<SecurityOptions>, TrustedProxiesAreAddresses>()
            .AddOptions<ForwardedHeadersOptions>()
            .Configure<IOptions<SecurityOptions>>((forwarded, security) =>
            {
                forwarded.ForwardedHeaders = ForwardedHeaders.All;
                forwarded.KnownProxies.Clear();
                forwarded.KnownIPNetworks.Clear();
                foreach (var proxy in security.Value.TrustedProxies)
                    if (TryParse(proxy, out var network))
                        forwarded.KnownIPNetworks.Add(network);
            });
        return services;
    }

    /// <summary>After <see cref="SentOrigins.UseSentOrigin"/>.</summary>
    public static IApplicationBuilder UseTrustedProxies(this IApplicationBuilder app)
    {
        if (app.ApplicationServices.GetRequiredService<IOptions<SecurityOptions>>().Value.TrustedProxies.Length == 0)
            return app;
        return app.UseForwardedHeaders()
            .Use((context, next) =>
            {
                if (SentOrigin.Of(context.Request) != context.Features.Get<SentOrigin>())
                    context.Features.Set(new ForwardedOrigin());
                return next(context);
            });
    }

    /// <param name="text">An address, or a network such as <c>10.0.0.0/8</c>.</param>
    /// <param name="network">The network; of a single address one that has no other.</param>
    private static bool TryParse(string text, out IPNetwork network)
    {
        if (IPNetwork.TryParse(text, out network))
            return true;
        if (!IPAddress.TryParse(text, out var address))
            return false;
        network = new IPNetwork(address, address.GetAddressBytes().Length * 8);
        return true;
    }

    private sealed class TrustedProxiesAreAddresses : IValidateOptions<SecurityOptions>
    {
        public ValidateOptionsResult Validate(string? name, SecurityOptions options) =>
            Array.Find(options.TrustedProxies, proxy => !TryParse(proxy, out _)) is { } wrong
                ? ValidateOptionsResult.Fail(
                    "Security:TrustedProxies: Expected addresses such as 10.1.2.3, or networks such as 10.1.0.0/16. "
                        + $"Found '{wrong}'."
                )
                : ValidateOptionsResult.Success;
    }
}
