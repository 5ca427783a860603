using System.ComponentModel.DataAnnotations;

namespace LoraRecycle.Service.Serving.Configuration;

/// <summary>When a device counts as hung.</summary>
public sealed class HealthOptions
{
    public const string Section = "Health";

    /// <summary>How long the forward pass of <c>/healthz/ready</c> may take, the one under way before it included. A pass under way for
    /// longer loses its images to other devices.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:10:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(10);
}
