using System.Security.Cryptography;
using System.Text;
using LoraRecycle.Core.Foundation;
using LoraRecycle.Core.Foundation.Devices;
using LoraRecycle.Core.Method.Distillation.Training;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Recycling;

/// <summary>The record of a recycling whose LoRAs are inverted: begun with the second stage, and written when that ends.</summary>
/// <param name="prior">The network of R_BN; null for none.</param>
/// <param name="devices">Where the second stage runs.</param>
/// <param name="precision">In what the frozen model computes.</param>
/// <param name="loras">All of them, those that diverged included.</param>
/// <param name="inversion">How the first stage went.</param>
/// <param name="started">When that began.</param>
/// <param name="time">The clock.</param>
public sealed class RecyclingRecord(
    string? prior,
    IReadOnlyList<Device> devices,
    ScalarType precision,
    IReadOnlyList<RecycledLora> loras,
    InversionStage inversion,
    DateTimeOffset started,
    TimeProvider time
)
{
    private readonly long _distillationStarted = time.GetTimestamp();

    /// <param name="model">The model's name.</param>
    /// <param name="result">What the second stage gave.</param>
    public RecyclingReport End(string model, DistillationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new RecyclingReport
        {
            Model = model,
            Prior = prior,
            Devices = [.. devices.Select(device => device.ToString())],
            Precision = precision.ToString(),
            Version = ProductVersion.Text,
            Library = TorchLibrary.Version,
            MarketRevision = Revision(),
            Loras = loras,
            Inversion = inversion,
            Distillation = new DistillationStage(
                result.Settings,
                time.GetElapsedTime(_distillationStarted).TotalSeconds,
                result.Seconds,
                result.Losses
            ),
            Started = started,
            Seconds = (time.GetUtcNow() - started).TotalSeconds,
        };
    }

    private string Revision() => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', loras.Select(lora => $"{lora.Name} {lora.Revision}")))));
}
