using System.ComponentModel.DataAnnotations;

namespace LoraRecycle.Service.Platform.Web;

/// <summary>How often one key, or one address that sends none, may ask.</summary>
public sealed class RateLimitOptions
{
    public const string Section = "RateLimits";

    /// <summary>Requests a minute in the long run; 0 for no limit.</summary>
    [Range(0, 10_000_000)]
    public int RequestsPerMinute { get; set; }

    /// <summary>Requests that may come at once after a rest.</summary>
    [Range(1, 1_000_000)]
    public int Burst { get; set; } = 60;
}
