namespace LoraRecycle.Service.Platform.Observability.Tracing;

/// <summary>Where traces go.</summary>
public sealed class TracingOptions
{
    public const string Section = "Tracing";

    /// <summary>A collector of OpenTelemetry that takes OTLP over HTTP, such as <c>http://localhost:4318</c>; none as shipped, and nothing
    /// is sent.</summary>
    public Uri? OtlpEndpoint { get; set; }
}
