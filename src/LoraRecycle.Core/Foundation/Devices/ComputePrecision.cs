using System.Diagnostics.CodeAnalysis;
using System.Runtime.Intrinsics.X86;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Foundation.Devices;

/// <summary>In what a model that only embeds computes. Adapters are merged, and answers given, in float32 whatever it is.</summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The field's own names of precisions.")]
public enum ComputePrecision
{
    /// <summary>bfloat16 where the device multiplies it faster than float32, else float32.</summary>
    Auto,
    Float32,
    BFloat16,
}

/// <summary>Precisions by name, and what <see cref="ComputePrecision.Auto"/> is on a device.</summary>
public static class ComputePrecisions
{
    public const string Pattern = "^(auto|float32|bfloat16)$";

    public const string Expected = "auto, float32 or bfloat16";

    /// <exception cref="ArgumentException">It is no precision's name.</exception>
    public static ComputePrecision Parse(string name) => name switch
    {
        "auto" => ComputePrecision.Auto,
        "float32" => ComputePrecision.Float32,
        "bfloat16" => ComputePrecision.BFloat16,
        _ => throw new ArgumentException($"Expected {Expected}, got '{name}'.", nameof(name)),
    };

    /// <summary>The dtype of weights and activations on a device.</summary>
    public static ScalarType On(this ComputePrecision precision, Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return precision switch
        {
            ComputePrecision.Float32 => ScalarType.Float32,
            ComputePrecision.BFloat16 => ScalarType.BFloat16,
            _ => device.type == TorchSharp.DeviceType.CUDA || ProcessorMultipliesBFloat16 ? ScalarType.BFloat16 : ScalarType.Float32,
        };
    }

    /// <summary>Whether this processor has AVX-512's bfloat16 products or AMX's, and .NET is allowed to use AVX-512.</summary>
    public static bool ProcessorMultipliesBFloat16 { get; } = DetectBFloat16();

    private static bool DetectBFloat16()
    {
        if (!Avx512F.IsSupported) return false;
        const int Features = 7, Avx512BFloat16 = 1 << 5, AmxBFloat16 = 1 << 22;
        var (lastLeaf, _, _, features) = X86Base.CpuId(Features, 0);
        return (features & AmxBFloat16) != 0 || (lastLeaf >= 1 && (X86Base.CpuId(Features, 1).Eax & Avx512BFloat16) != 0);
    }
}
