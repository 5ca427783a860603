using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using LoraRecycle.Core.DataSets.Images;
using LoraRecycle.Core.Method.Tuning.Options;
using LoraRecycle.Core.Vision.Transformer;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Method.Tuning.Checkpoints;

/// <summary>What decides the result of a run: a checkpoint with another fingerprint belongs to another one, and is never gone on
/// from.</summary>
internal static class TuningFingerprint
{
    public static string Of(VisionTransformer model, LabelledImages images, TuningSettings settings)
    {
        using var scope = NewDisposeScope();
        var weights = model.Embeddings.Weight.to(ScalarType.Float32).abs().sum().item<float>();
        var text = JsonSerializer.Serialize(settings, TuningJson.Default.TuningSettings)
            + FormattableString.Invariant($"|{model.Config}|{weights:R}|{string.Join('\n', images.ClassNames)}|")
            + $"{Hash(images.Pixels)}|{Hash(images.Labels)}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static string Hash(Tensor values) => Convert.ToHexStringLower(SHA256.HashData(values.cpu().contiguous().bytes));
}

[JsonSerializable(typeof(TuningSettings))]
internal sealed partial class TuningJson : JsonSerializerContext;
