using System.CommandLine;
using LoraRecycle.Cli.Errors;
using LoraRecycle.Core.Inversion;
using LoraRecycle.Core.Models;
using TorchSharp;

namespace LoraRecycle.Cli.Options;

/// <summary>How much is inverted at once, and in what precision.</summary>
internal sealed class UnitOptions
{
    private readonly Option<int?> _together = new("--together") { Description = $"How many LoRAs share a batch at most. [default: what the device's memory holds; {UnitSize.Fixed} on a CPU]" };
    private readonly Option<Precision> _precision = new("--precision") { Description = "In what the transformer computes.", DefaultValueFactory = _ => Precision.Float32 };

    private enum Precision
    {
        Float32,
        BFloat16,
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_together);
        command.Options.Add(_precision);
    }

    /// <exception cref="UsageException">It is less than one.</exception>
    public int? Together(ParseResult parsed) => parsed.GetValue(_together) is < 1
        ? throw new UsageException("--together: expected 1 or more.")
        : parsed.GetValue(_together);

    /// <returns>The most LoRAs in a unit, by their number of classes.</returns>
    public Func<int, int> Sizes(ParseResult parsed, IEnumerable<torch.Device> devices, VisionTransformerConfig model, InversionSettings settings) =>
        Together(parsed) is { } asked ? _ => asked : UnitSize.For(devices, model, settings);

    public string PrecisionName(ParseResult parsed) => parsed.GetValue(_precision).ToString();

    public torch.ScalarType DType(ParseResult parsed) => parsed.GetValue(_precision) == Precision.BFloat16 ? torch.bfloat16 : torch.float32;
}
