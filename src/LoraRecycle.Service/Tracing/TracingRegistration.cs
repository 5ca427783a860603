using System.Diagnostics;
using LoraRecycle.Service.Configuration;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Extensions.Options;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LoraRecycle.Service.Tracing;

/// <summary>A span for each request, sent by OTLP where a collector is configured.</summary>
internal static class TracingRegistration
{
    public static IServiceCollection AddTracing(this IServiceCollection services) => services
        .AddValidatedOptions<TracingOptions>(TracingOptions.Section)
        .AddSingleton<TraceExport>()
        .AddHostedService(provider => provider.GetRequiredService<TraceExport>());

    /// <summary>Names the span of a request by its route, as the conventions of OpenTelemetry have it.</summary>
    public static IApplicationBuilder UseTraceNames(this IApplicationBuilder app) => app.Use(async (context, next) =>
    {
        await next(context);
        if (Activity.Current is not { IsAllDataRequested: true } span)
            return;
        // A request that ended with a problem has lost its endpoint to the handler of exceptions.
        var endpoint = context.GetEndpoint() ?? context.Features.Get<IExceptionHandlerFeature>()?.Endpoint;
        var route = (endpoint as RouteEndpoint)?.RoutePattern.RawText;
        span.DisplayName = route is null ? context.Request.Method : $"{context.Request.Method} {route}";
        span.SetTag("http.request.method", context.Request.Method);
        span.SetTag("http.route", route);
        span.SetTag("http.response.status_code", context.Response.StatusCode);
        span.SetTag("lora_recycle.request_id", context.TraceIdentifier);
    });
}

/// <summary>Sends spans to the collector for as long as it lives; what is left is sent at the end.</summary>
internal sealed class TraceExport(IOptions<TracingOptions> options) : IHostedService, IDisposable
{
    private readonly TracerProvider? _provider = options.Value.OtlpEndpoint is not { } collector ? null : Sdk.CreateTracerProviderBuilder()
        .AddSource("Microsoft.AspNetCore")
        .SetResourceBuilder(ResourceBuilder.CreateDefault().AddService("lora-recycle"))
        .AddOtlpExporter(otlp =>
        {
            otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
            otlp.Endpoint = new Uri(collector, "/v1/traces");
        })
        .Build();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose() => _provider?.Dispose();
}
