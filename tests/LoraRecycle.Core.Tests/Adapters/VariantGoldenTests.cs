using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Tests;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters;

/// <summary>Fixtures of PEFT's variants of LoRA and of settings that any family has. What whole models compute with them is in
/// <see cref="AdaptedModelTests"/>.</summary>
public sealed class VariantGoldenTests
{
    public static TheoryData<string, string, int> Fixtures => new()
    {
        { "clip", "pissa_converted", 6 },
        { "clip", "olora_converted", 6 },
        { "clip", "lora_ga_converted", 6 },
        { "clip", "kasa", 9 },
        { "clip", "bdlora", 15 },
        { "clip", "layers_to_transform", 4 },
        { "clip", "exclude_modules", 5 },
        { "clip", "lora_bias_b", 6 },
        { "clip", "lora_head", 6 },
        { "clip", "ia3_head", 9 },
        { "clip", "hra_bias", 6 },
        { "clip", "boft_bias", 6 },
    };

    [Theory]
    [InlineData("pissa", "'pissa'")]
    [InlineData("olora", "'olora'")]
    [InlineData("lora_ga", "'lora_ga'")]
    public void One_that_was_not_converted_is_refused_with_what_to_do(string name, string start)
    {
        using var model = GoldenModel.Of("clip");
        var message = Assert
            .Throws<AdapterException>(() => AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", $"{name}_raw"), model.Layers))
            .Message;
        Assert.Contains($"init_lora_weights = {start}", message, StringComparison.Ordinal);
        Assert.Contains("path_initial_model_for_weight_conversion", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pissa_converted", 8)]
    [InlineData("olora_converted", 8)]
    [InlineData("lora_ga_converted", 8)]
    [InlineData("kasa", 4)]
    [InlineData("bdlora", 4)]
    [InlineData("lora_bias_b", 4)]
    [InlineData("hra_bias", 4)]
    [InlineData("boft_bias", null)]
    [InlineData("ia3_head", null)]
    public void The_rank_is_the_one_that_the_settings_name(string name, int? rank)
    {
        using var model = GoldenModel.Of("clip");
        using var adapter = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", name), model.Layers);
        Assert.Equal(rank, adapter.Layers.Values.Max(layer => layer.NominalRank));
    }

    [Theory]
    [InlineData("clip", "lora_head")]
    [InlineData("clip", "ia3_head")]
    [InlineData("vit", "lora_head")]
    public void A_head_that_was_saved_with_the_adapter_classifies_as_it_did(string family, string name)
    {
        using var frozen = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var directory = ModelDirectory.Open(Repository.PathOf("tests", "golden", family, "model"));
        using var model = directory.Load(TestDevice.Current);
        using var adapter = AdapterCatalog.Default.Load(GoldenModel.AdapterPath(family, name), model.AdaptableLayers, TestDevice.Current);
        using var expected = SafetensorsFile.Open(Path.Combine(GoldenModel.AdapterPath(family, name), "expected.safetensors"));

        var head = adapter.RequireHead(model.Config.EmbeddingLength);
        model.Attach(adapter);
        var beside = head.call(model.call(expected.Read("pixel_values").to(TestDevice.Current)).Embedding);
        using var plan = new FusedEmbedder(model, TestDevice.Current);
        var merged = head.call(plan.call(expected.Read("pixel_values").to(TestDevice.Current)));

        Assert.Equal(5, head.Classes);
        Assert.InRange(Formula.RelativeError(beside.cpu(), expected.Read("logits")), 0, 1e-4);
        Assert.InRange(Formula.RelativeError(merged.cpu(), expected.Read("logits")), 0, 1e-4);
    }
}
