using LoraRecycle.Core.Vision;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Models;

/// <summary>Transformers with what sets the newer families apart, of weights that hide no mistake.</summary>
internal static class TinyTransformer
{
    public static TheoryData<string> Kinds => ["distillation token", "registers", "rotations", "gated rotations", "gated quick GELU"];

    public static VisionTransformer Of(string kind)
    {
        var config = new VisionTransformerConfig
        {
            Family = kind,
            HiddenSize = 32,
            IntermediateSize = 48,
            LayerCount = 3,
            HeadCount = 4,
            ImageSize = 32,
            PatchSize = 8,
            LayerNormEps = 1e-5,
            Activation = Activation.Gelu,
        };
        config = kind switch
        {
            "distillation token" => config with { HasDistillationToken = true },
            "registers" => config with { RegisterCount = 3, HasLayerScale = true },
            "rotations" => Rotated(config),
            "gated rotations" => Rotated(config) with { IsGated = true, Activation = Activation.Silu, HasFeedForwardBias = false },
            "gated quick GELU" => config with { IsGated = true, Activation = Activation.QuickGelu, HasOutBias = false },
            _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "No such kind."),
        };
        using var weights = new Stirred();
        return new VisionTransformer(weights, config.Validated());
    }

    public static Tensor Pixels(int count = 2)
    {
        using var generator = new Generator(7, CPU);
        return randn([count, 3, 32, 32], generator: generator);
    }

    private static VisionTransformerConfig Rotated(VisionTransformerConfig config) => config with
    {
        HasPositionTable = false,
        RotaryBase = 100,
        RegisterCount = 2,
        HasKeyBias = false,
        HasLayerScale = true,
    };

    private sealed class Stirred : IWeightSource, IDisposable
    {
        private readonly Generator _generator = new(3, CPU);

        public Tensor Take(string name, params long[] shape)
        {
            var values = randn(shape, generator: _generator).mul_(0.2);
            return shape.Length == 1 && !name.EndsWith("bias", StringComparison.Ordinal) ? values.add_(1) : values;
        }

        public void Dispose() => _generator.Dispose();
    }
}
