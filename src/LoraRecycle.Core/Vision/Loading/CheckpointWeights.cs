using System.Security.Cryptography;
using System.Text;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Loading;

/// <summary>Weights from a checkpoint, checked for presence and shape, on the device and in the dtype asked for.</summary>
internal sealed class CheckpointWeights(
    SafetensorsCheckpoint checkpoint,
    Func<string, string> sourceName,
    VisionTransformerConfig stored,
    VisionTransformerConfig wanted,
    Device device,
    ScalarType dtype,
    IncrementalHash? hash = null
) : IWeightSource
{
    private const string PositionTable = "embeddings.position";

    public Tensor Take(string name, params long[] shape)
    {
        var source = sourceName(name);
        if (!checkpoint.Entries.TryGetValue(source, out var entry))
            throw new ModelException($"The checkpoint has no tensor '{source}', which a {wanted.Family} of this configuration needs.");
        var resampled = name == PositionTable && stored.ImageSize != wanted.ImageSize;
        var expected = resampled ? [1, stored.TokenCount, stored.HiddenSize] : shape;
        // Families differ in leading ones ([hidden] against [1, 1, hidden]); anything else is another model.
        if (!Core(entry.Shape).SequenceEqual(Core(expected)))
            throw new ModelException(
                $"Tensor '{source}': expected shape [{string.Join(", ", expected)}] by config.json, got {entry.ShapeText}. The "
                    + "configuration and the weights belong to different models."
            );

        using var scope = NewDisposeScope();
        var tensor = checkpoint.Read(source, ScalarType.Float32).reshape(expected);
        hash?.AppendData(Encoding.UTF8.GetBytes($"{name}{entry.ShapeText}"));
        hash?.AppendData(tensor.bytes);
        if (resampled) tensor = Resample(tensor);
        return tensor.to(dtype, device).MoveToOuterDisposeScope();
    }

    private static IEnumerable<long> Core(IEnumerable<long> shape) => shape.SkipWhile(size => size == 1);

    /// <summary>Bicubic resampling of the grid of positions, as transformers does for another resolution; the class token's
    /// stays.</summary>
    private Tensor Resample(Tensor positions)
    {
        var (from, to) = (stored.ImageSize / stored.PatchSize, wanted.ImageSize / wanted.PatchSize);
        var leading = stored.HasClassToken ? 1 : 0;
        var grid = positions.narrow(1, leading, stored.PatchCount).reshape(1, from, from, stored.HiddenSize).permute(0, 3, 1, 2);
        var resized = nn.functional.interpolate(grid, size: [to, to], mode: InterpolationMode.Bicubic, align_corners: false)
            .permute(0, 2, 3, 1).reshape(1, wanted.PatchCount, stored.HiddenSize);
        return leading == 0 ? resized : cat([positions.narrow(1, 0, leading), resized], 1);
    }
}
