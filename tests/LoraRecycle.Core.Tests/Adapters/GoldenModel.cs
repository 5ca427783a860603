using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Tests;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters;

/// <summary>The fixtures' tiny models as adapters see them: named layers with frozen weights.</summary>
internal sealed class GoldenModel : IDisposable
{
    private readonly SafetensorsCheckpoint checkpoint;

    private GoldenModel(string family, IReadOnlyList<AdaptableLayer> layers)
    {
        checkpoint = SafetensorsCheckpoint.Open(Repository.PathOf("tests", "golden", family, "model"));
        Layers = layers;
    }

    public IReadOnlyList<AdaptableLayer> Layers { get; }

    public static GoldenModel Of(string family) => family switch
    {
        "clip" => new(family, [.. Enumerable.Range(0, 3).SelectMany(ClipLayers)]),
        "dinov2" => new(family, [.. Enumerable.Range(0, 3).SelectMany(DinoLayers)]),
        _ => throw new ArgumentOutOfRangeException(nameof(family), family, "No such fixture."),
    };

    public static string AdapterPath(string family, string name) => Repository.PathOf("tests", "golden", family, "adapters", name);

    public torch.Tensor Weight(AdaptableLayer layer) => checkpoint.Read($"{layer.SourceName}.weight");

    public torch.Tensor Bias(AdaptableLayer layer) => checkpoint.Read($"{layer.SourceName}.bias");

    public void Dispose() => checkpoint.Dispose();

    private static IEnumerable<AdaptableLayer> ClipLayers(int i)
    {
        var path = $"vision_model.encoder.layers.{i}";
        return
        [
            new($"layers.{i}.q", $"{path}.self_attn.q_proj", 64, 64),
            new($"layers.{i}.k", $"{path}.self_attn.k_proj", 64, 64),
            new($"layers.{i}.v", $"{path}.self_attn.v_proj", 64, 64),
            new($"layers.{i}.out", $"{path}.self_attn.out_proj", 64, 64),
            new($"layers.{i}.fc1", $"{path}.mlp.fc1", 64, 128),
            new($"layers.{i}.fc2", $"{path}.mlp.fc2", 128, 64),
        ];
    }

    private static IEnumerable<AdaptableLayer> DinoLayers(int i)
    {
        var path = $"encoder.layer.{i}";
        return
        [
            new($"layers.{i}.q", $"{path}.attention.attention.query", 48, 48),
            new($"layers.{i}.k", $"{path}.attention.attention.key", 48, 48),
            new($"layers.{i}.v", $"{path}.attention.attention.value", 48, 48),
            new($"layers.{i}.out", $"{path}.attention.output.dense", 48, 48),
            new($"layers.{i}.fc1", $"{path}.mlp.fc1", 48, 96),
            new($"layers.{i}.fc2", $"{path}.mlp.fc2", 96, 48),
        ];
    }
}
