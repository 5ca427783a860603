using System.CommandLine;
using TorchSharp;

namespace LoraRecycle.Cli.Options;

/// <summary>In what a frozen model computes. LoRAs that are trained stay in float32.</summary>
internal sealed class PrecisionOption : Option<PrecisionOption.Precision>
{
    private PrecisionOption() : base("--precision")
    {
    }

    internal enum Precision
    {
        Auto,
        Float32,
        BFloat16,
    }

    public static PrecisionOption Create() => new()
    {
        Description = "The precision of the frozen model's computation; auto is bfloat16 on a GPU and float32 elsewhere.",
        DefaultValueFactory = _ => Precision.Auto,
    };

    public torch.ScalarType Of(ParseResult parsed, torch.Device device) => parsed.GetValue(this) switch
    {
        Precision.Float32 => torch.float32,
        Precision.BFloat16 => torch.bfloat16,
        _ => device.type == DeviceType.CUDA ? torch.bfloat16 : torch.float32,
    };
}
