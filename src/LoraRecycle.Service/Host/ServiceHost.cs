using LoraRecycle.Service.Features.Health;
using LoraRecycle.Service.Features.Recycling.Settings;
using LoraRecycle.Service.Platform.Http.Errors;
using LoraRecycle.Service.Platform.Http.Limits;
using LoraRecycle.Service.Platform.Observability.Logging;
using LoraRecycle.Service.Platform.Observability.Metrics;
using LoraRecycle.Service.Platform.Observability.ServerErrors;
using LoraRecycle.Service.Platform.Observability.Tracing;
using LoraRecycle.Service.Platform.OpenApi;
using LoraRecycle.Service.Platform.Security;
using LoraRecycle.Service.Platform.Startup;
using LoraRecycle.Service.Platform.Storage;
using LoraRecycle.Service.Platform.Storage.Locks;
using LoraRecycle.Service.Platform.Web;
using LoraRecycle.Service.Serving;
using LoraRecycle.Service.Serving.Traffic;
using Microsoft.Extensions.Options;

namespace LoraRecycle.Service.Host;

/// <summary>The web service, put together.</summary>
public static class ServiceHost
{
    /// <summary>Settings are read once. Watching their file would need one of the few watches that Linux gives a user, and the server could
    /// not start where they are used up.</summary>
    private const string NothingIsWatched = "--hostBuilder:reloadConfigOnChange=false";

    /// <summary>Builds the service.</summary>
    /// <param name="args">Settings as <c>--Section:Name value</c>, and those of ASP.NET Core such as <c>--urls</c>.</param>
    /// <exception cref="OptionsValidationException">The configuration is wrong; an <see cref="AggregateException"/> of these when several
    /// sections are.</exception>
    public static WebApplication Build(string[] args)
    {
        PrivateFiles.KeepToOwner();
        // The settings lie beside the application, wherever it is started from.
        var builder = WebApplication.CreateBuilder(
            new WebApplicationOptions { Args = [NothingIsWatched, .. args], ContentRootPath = AppContext.BaseDirectory }
        );
        var serves = JobRoles.Of(builder.Configuration) != JobRole.Worker;
        builder.AddStructuredLogging();
        builder.AddWebServer();
        builder.Services
            .AddSingleton(TimeProvider.System)
            .AddSingleton<PageFirst>()
            .AddErrors()
            .AddServerErrors()
            .AddStorage()
            .AddState()
            .AddApiKeys()
            .AddTrustedProxies()
            .AddCrossOrigin()
            .AddRateLimits()
            .AddLimits()
            .AddImageDecoding()
            .AddModelServing(serves);
        foreach (var feature in Feature.All)
            feature.Add(builder.Services);
        builder.Services
            .AddHealth(serves)
            .AddMetricsExport()
            .AddTracing(builder.Configuration)
            .AddOpenApiDocument();

        var app = builder.Build();
        // Before anything is made of it: the host checks only after it has made its services.
        app.Services.GetRequiredService<IStartupValidator>().Validate();

        app.UseSentOrigin();
        app.UseTrustedProxies();
        app.UseRequestLogging();
        app.UseSecurityHeaders();
        app.UseErrors();
        app.UseHostGuard();
        app.UseBodyLimit();
        app.UseStatePatience();
        app.UseOpenApiPages();
        app.UseRouting();
        app.UseServingTraffic();
        app.UseCrossOrigin();
        app.UseAuthentication();
        app.UseRateLimiter(); // also of those who try keys
        app.UseAuthorization();
        app.UseCrossSiteGuard();
        app.UseRequestDecompression();
        app.UseBodyBounds(); // of what is in memory, which is decompressed

        var routes = app.MapWithHead();
        if (serves)
        {
            foreach (var feature in Feature.All)
                feature.Map(routes);
            routes.MapServerErrors();
        }
        routes.MapHealth();
        routes.MapMetrics();
        return app;
    }

    /// <summary>Runs the service until it is told to stop.</summary>
    /// <returns>The exit code: 0, 1 when it could not serve, 2 when the configuration is wrong.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            await using var app = Build(args);
            await ListeningException.StartAsync(app);
            await app.WaitForShutdownAsync();
            return Environment.ExitCode;
        }
        catch (ListeningException exception)
        {
            await Console.Error.WriteLineAsync(exception.Message);
            return 1;
        }
        catch (Exception exception) when (ConfigurationErrors.TryFind(exception, out var errors))
        {
            await Console.Error.WriteLineAsync("The configuration (appsettings.json, environment, command line) is wrong:");
            foreach (var error in errors)
                await Console.Error.WriteLineAsync($"  {error}");
            return 2;
        }
    }
}
