using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Safetensors;
using LoraRecycle.Core.Vision.Fused;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Tests;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters;

/// <summary>Whole models with an adapter, against what transformers and PEFT computed.</summary>
public sealed class AdaptedModelTests
{
    [Theory]
    [MemberData(nameof(LoraGoldenTests.Fixtures), MemberType = typeof(LoraGoldenTests))]
    [MemberData(nameof(FamilyGoldenTests.Fixtures), MemberType = typeof(FamilyGoldenTests))]
    [MemberData(nameof(VariantGoldenTests.Fixtures), MemberType = typeof(VariantGoldenTests))]
    public void A_model_with_an_adapter_beside_it_or_merged_into_it_computes_what_peft_does(string family, string name, int layers)
    {
        using var scope = torch.NewDisposeScope();
        using var directory = ModelDirectory.Open(Repository.PathOf("tests", "golden", family, "model"));
        using var model = directory.Load(TestDevice.Current);
        using var adapter = AdapterCatalog.Default.Load(GoldenModel.AdapterPath(family, name), model.AdaptableLayers, TestDevice.Current);
        using var expected = SafetensorsFile.Open(Path.Combine(GoldenModel.AdapterPath(family, name), "expected.safetensors"));
        var pixels = expected.Read("pixel_values").to(TestDevice.Current);

        model.Attach(adapter);
        Assert.Equal(layers, adapter.Layers.Count);
        var beside = model.call(pixels);
        if (expected.Entries.ContainsKey("last_hidden_state"))
            Assert.InRange(Formula.RelativeError(beside.LastHiddenState.detach().cpu(), expected.Read("last_hidden_state")), 0, 1e-4);

        // DINOv2's embedding is its class token, the first of the normalised tokens.
        var embedding = family == "dinov2"
            ? expected.Read("last_hidden_state").narrow(1, 0, 1).flatten(1).contiguous()
            : expected.Read("image_embeds");
        using var merged = new FusedEmbedder(model, TestDevice.Current);
        Assert.InRange(Formula.RelativeError(beside.Embedding.detach().cpu(), embedding), 0, 1e-4);
        Assert.InRange(Formula.RelativeError(merged.call(pixels).cpu(), embedding), 0, 1e-4);
    }

    [Fact]
    public void The_fixtures_layers_are_those_of_the_models()
    {
        foreach (var family in new[] { "clip", "dinov2" })
        {
            using var directory = ModelDirectory.Open(Repository.PathOf("tests", "golden", family, "model"));
            using var model = directory.Load(torch.CPU);
            using var golden = GoldenModel.Of(family);
            var ofBlocks = model.AdaptableLayers.Where(layer => layer.Part is not null);
            Assert.Equal(golden.Layers.OrderBy(layer => layer.Name), ofBlocks.OrderBy(layer => layer.Name));
        }
    }
}
