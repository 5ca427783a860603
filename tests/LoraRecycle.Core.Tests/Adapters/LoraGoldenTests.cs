using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters;

/// <summary>Every LoRA fixture, layer by layer: the expected scales are worked out by hand from its settings.</summary>
public sealed class LoraGoldenTests
{
    public static TheoryData<string, string, int> Fixtures => new()
    {
        { "clip", "lora_qv", 6 },
        { "clip", "rslora_all", 18 },
        { "clip", "dora_all", 18 },
        { "clip", "lora_rank_pattern", 18 },
        { "clip", "lora_bias", 6 },
        { "clip", "paper_format", 6 },
        { "dinov2", "lora_qv", 6 },
    };

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void The_side_branch_and_the_merged_layer_give_the_same_output(string family, string name, int layers)
    {
        using var scope = torch.NewDisposeScope();
        using var model = GoldenModel.Of(family);
        using var adapter = AdapterCatalog.Default.Load(GoldenModel.AdapterPath(family, name), model.Layers);
        Assert.Equal(layers, adapter.Layers.Count);
        foreach (var layer in model.Layers.Where(layer => adapter.Layers.ContainsKey(layer.Name)))
        {
            var (weight, bias) = (model.Weight(layer), model.Bias(layer));
            torch.manual_seed(7);
            var input = torch.randn([2, 5, layer.InFeatures]);

            var beside = adapter.Layers[layer.Name].Forward(input, weight, bias);
            var (mergedWeight, mergedBias) = adapter.Layers[layer.Name].Merge(weight, bias);
            var merged = torch.nn.functional.linear(input, mergedWeight, mergedBias);

            Assert.Equal([2, 5, layer.OutFeatures], beside.shape);
            Assert.InRange(Formula.RelativeError(beside.detach(), merged), 0, 1e-5);
            var plain = torch.nn.functional.linear(input, weight, bias);
            Assert.True(Formula.RelativeError(plain, merged) > 1e-3, $"{name} leaves {layer.Name} as it was.");
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void The_merged_weight_is_what_the_formula_gives(string family, string name, int layers)
    {
        using var scope = torch.NewDisposeScope();
        using var model = GoldenModel.Of(family);
        using var adapter = AdapterCatalog.Default.Load(GoldenModel.AdapterPath(family, name), model.Layers);
        using var file = SafetensorsFile.Open(Directory.GetFiles(GoldenModel.AdapterPath(family, name), "*.safetensors")
            .Single(path => Path.GetFileName(path) != "expected.safetensors"));

        Assert.Equal(layers, adapter.Layers.Count);
        foreach (var (i, layer) in model.Layers.Where(layer => adapter.Layers.ContainsKey(layer.Name)).Index())
        {
            var prefix = $"base_model.model.{layer.SourceName}.";
            var (a, b) = name == "paper_format"
                ? (file.Read($"w_a_{i:D3}"), file.Read($"w_b_{i:D3}"))
                : (file.Read($"{prefix}lora_A.weight"), file.Read($"{prefix}lora_B.weight"));
            var expected = name == "dora_all"
                ? Formula.Dora(model.Weight(layer), a, b, file.Read($"{prefix}lora_magnitude_vector"), scale: 1)
                : Formula.Lora(model.Weight(layer), a, b, ScaleOf(family, name, layer.Name));

            var (weight, bias) = adapter.Layers[layer.Name].Merge(model.Weight(layer), model.Bias(layer));
            Assert.InRange(Formula.RelativeError(weight, expected), 0, 1e-6);
            var expectedBias = name == "lora_bias" ? file.Read($"{prefix}base_layer.bias") : model.Bias(layer);
            Assert.Equal(expectedBias.data<float>().ToArray(), bias!.data<float>().ToArray());
        }
    }

    [Fact]
    public void The_papers_file_carries_its_head()
    {
        using var scope = torch.NewDisposeScope();
        using var model = GoldenModel.Of("clip");
        using var adapter = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", "paper_format"), model.Layers);
        using var expected = SafetensorsFile.Open(Path.Combine(GoldenModel.AdapterPath("clip", "paper_format"), "expected.safetensors"));

        Assert.Equal((5, 48), (adapter.Head!.Classes, adapter.Head.InFeatures));
        var logits = adapter.Head.forward(expected.Read("image_embeds"));
        Assert.InRange(Formula.RelativeError(logits.detach(), expected.Read("logits_without_bias")), 0, 1e-5);
    }

    private static double ScaleOf(string family, string name, string layer) => (family, name) switch
    {
        (_, "lora_qv") => 8.0 / 4,
        (_, "rslora_all") => 16 / Math.Sqrt(8),
        (_, "lora_bias") => 4.0 / 4,
        (_, "paper_format") => 1,
        // rank_pattern {fc1: 6, layers.0.self_attn.q_proj: 2}, alpha_pattern {v_proj: 3}, else alpha 8 and rank 4
        (_, "lora_rank_pattern") => (layer.EndsWith(".v", StringComparison.Ordinal) ? 3.0 : 8.0)
            / (layer == "layers.0.q" ? 2 : layer.EndsWith(".fc1", StringComparison.Ordinal) ? 6 : 4),
        _ => throw new ArgumentOutOfRangeException(nameof(name), name, "No such fixture."),
    };
}
