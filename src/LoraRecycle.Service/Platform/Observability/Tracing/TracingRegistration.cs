using LoraRecycle.Service.Platform.Startup;
using Microsoft.Extensions.Options;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LoraRecycle.Service.Platform.Observability.Tracing;

/// <summary>A span for each request, named by its route, sent by OTLP where a collector is configured.</summary>
internal static class TracingRegistration
{
    public static IServiceCollection AddTracing(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddValidatedOptions<TracingOptions>(TracingOptions.Section);
        // Without a collector nothing listens, so a request costs no span. Whether it is an address is checked with the other settings.
        if (string.IsNullOrEmpty(configuration[$"{TracingOptions.Section}:{nameof(TracingOptions.OtlpEndpoint)}"]))
            return services;
        services.AddOptions<OtlpExporterOptions>().Configure<IOptions<TracingOptions>>((otlp, tracing) =>
        {
            otlp.Protocol = OtlpExportProtocol.HttpProtobuf;
            otlp.Endpoint = new Uri(tracing.Value.OtlpEndpoint!, "/v1/traces");
            // A proxy of the environment's cannot reach a collector on this machine.
            if (otlp.Endpoint.IsLoopback)
                otlp.HttpClientFactory = () => new HttpClient(new SocketsHttpHandler { UseProxy = false })
                {
                    Timeout = TimeSpan.FromMilliseconds(otlp.TimeoutMilliseconds),
                };
        });
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("lora-recycle"))
            .WithTracing(traces => traces
                .AddAspNetCoreInstrumentation(requests => requests.EnrichWithHttpResponse = (span, response) =>
                    span.SetTag("lora_recycle.request_id", response.HttpContext.TraceIdentifier))
                .AddOtlpExporter());
        return services;
    }
}
