namespace LoraRecycle.Service.Platform.Observability.Metrics;

/// <summary>The meter that every part of the service has its instruments in.</summary>
internal static class ServiceMeter
{
    public const string Name = "LoraRecycle";
}
