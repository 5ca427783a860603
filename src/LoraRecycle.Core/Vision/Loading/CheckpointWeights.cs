using System.Security.Cryptography;
using System.Text;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Vision.Loading;

/// <summary>Weights from a checkpoint, checked for presence, type, shape and finite values, on the device and in the dtype asked
/// for.</summary>
/// <param name="checkpoint">The files.</param>
/// <param name="sourceName">A weight's name in them.</param>
/// <param name="quantization">What config.json says of a quantisation, for messages; null where it says nothing.</param>
/// <param name="stored">The shape that the checkpoint has.</param>
/// <param name="wanted">The shape that is built, perhaps for another resolution.</param>
/// <param name="device">Where the weights shall be.</param>
/// <param name="dtype">In what precision.</param>
/// <param name="hash">Takes in every weight as it is read.</param>
internal sealed class CheckpointWeights(
    SafetensorsCheckpoint checkpoint,
    Func<string, string> sourceName,
    string? quantization,
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
            throw new ModelException(
                $"The checkpoint has no tensor '{source}', which a {wanted.Family} of this configuration needs.{Quantized()}"
            );
        if (!entry.IsOfWeights)
            throw new ModelException(
                $"Tensor '{entry.Name}' has type {entry.DType}; expected a weight of type F32, F16, BF16 or F64. {Quantized().TrimStart()}"
                    + (quantization is null ? "Use the model's files as they were published, without quantisation." : "")
            );
        var resampled = name == PositionTable && stored.ImageSize != wanted.ImageSize;
        var expected = resampled ? [1, stored.PlacedTokens + stored.PatchCount, stored.HiddenSize] : shape;
        // Families differ in leading ones ([hidden] against [1, 1, hidden]); anything else is another model.
        if (!Core(entry.Shape).SequenceEqual(Core(expected)))
            throw new ModelException(
                $"Tensor '{source}': expected shape [{string.Join(", ", expected)}] by config.json, got {entry.ShapeText}. The "
                    + "configuration and the weights belong to different models."
            );

        using var scope = NewDisposeScope();
        var tensor = checkpoint.Read(source, ScalarType.Float32).reshape(expected);
        RequireFinite(tensor, entry);
        hash?.AppendData(Encoding.UTF8.GetBytes($"{Hashed(name)}{entry.ShapeText}"));
        hash?.AppendData(tensor.bytes);
        if (resampled) tensor = Resample(tensor);
        return tensor.to(dtype, device).MoveToOuterDisposeScope();
    }

    /// <summary>Calibrations are kept with revisions from when the projection was no layer, but a single weight.</summary>
    private static string Hashed(string name) => name == "projection.weight" ? "projection" : name;

    private string Quantized() => quantization is null
        ? ""
        : $" config.json has a quantization_config ({quantization}), but only weights that are not quantised can be used: take the files "
            + "without quantisation, or dequantise the model and save it again.";

    /// <summary>A sum is not finite where a value is not, and takes no memory; where it overflowed, every value is looked at.</summary>
    /// <exception cref="ModelException">A value is NaN or infinite.</exception>
    private static void RequireFinite(Tensor tensor, SafetensorsEntry entry)
    {
        if (tensor.numel() == 0 || float.IsFinite(tensor.sum().item<float>()) || tensor.isfinite().all().item<bool>()) return;
        throw new ModelException(
            $"Tensor '{entry.Name}' has values that are NaN or infinite; expected finite weights. The file is damaged, or was saved "
                + "after a training that diverged: get the model again from where it was published."
        );
    }

    private static IEnumerable<long> Core(IEnumerable<long> shape) => shape.SkipWhile(size => size == 1);

    /// <summary>Bicubic resampling of the grid of positions, as transformers does for another resolution; those of leading tokens
    /// stay.</summary>
    private Tensor Resample(Tensor positions)
    {
        var (from, to) = (stored.ImageSize / stored.PatchSize, wanted.ImageSize / wanted.PatchSize);
        var leading = stored.PlacedTokens;
        var grid = positions.narrow(1, leading, stored.PatchCount).reshape(1, from, from, stored.HiddenSize).permute(0, 3, 1, 2);
        var resized = nn.functional.interpolate(
                grid,
                size: [to, to],
                mode: InterpolationMode.Bicubic,
                align_corners: false,
                antialias: stored.ResamplesAntialiased
            )
            .permute(0, 2, 3, 1).reshape(1, wanted.PatchCount, stored.HiddenSize);
        return leading == 0 ? resized : cat([positions.narrow(1, 0, leading), resized], 1);
    }
}
