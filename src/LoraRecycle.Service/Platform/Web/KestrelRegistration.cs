using LoraRecycle.Service.Platform.Http.Limits;
using LoraRecycle.Service.Platform.Security;
using Microsoft.AspNetCore.HostFiltering;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Platform.Web;

internal static class KestrelRegistration
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>The web server: where it listens unless told otherwise, and how long it puts up with slow clients.</summary>
    public static WebApplicationBuilder AddWebServer(this WebApplicationBuilder builder)
    {
        var configuration = builder.Configuration;
        string[] addresses = ["urls", "http_ports", "https_ports"];
        if (addresses.All(key => string.IsNullOrEmpty(configuration[key])) && !configuration.GetSection("Kestrel:Endpoints").Exists())
            builder.WebHost.UseUrls(DefaultUrl);

        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
            kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(10));
            // Who does not take an answer holds its memory, and a place among the requests that are answered at once.
            kestrel.Limits.MinResponseDataRate = new MinDataRate(bytesPerSecond: 32 << 10, gracePeriod: TimeSpan.FromSeconds(10));
        });
        // The framework filters by AllowedHosts before all else; a page of HTML is no answer of an API.
        builder.Services.Configure<HostFilteringOptions>(filtering => filtering.IncludeFailureMessage = false)
            .AddSingleton<IValidateOptions<SecurityOptions>, AllowedHostsAreNames>();
        // Long enough for the requests that were accepted before the stop.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(60));
        return builder;
    }

    /// <summary>
    /// Bounds every body, as sent and again after decompression. It is set on each request and not on the server, which is
    /// made before the configuration is checked.
    /// </summary>
    public static IApplicationBuilder UseBodyLimit(this IApplicationBuilder app) => app.Use((context, next) =>
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } feature)
            feature.MaxRequestBodySize = context.RequestServices.GetRequiredService<IOptions<LimitsOptions>>().Value.RequestBytes;
        return next(context);
    });
}
