using LoraRecycle.Core.Adapters.Catalog;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters;

/// <summary>One fixture of every family of PEFT but LoRA. What whole models compute with them is in
/// <see cref="AdaptedModelTests"/>.</summary>
public sealed class FamilyGoldenTests
{
    public static TheoryData<string, string, int> Fixtures => new()
    {
        { "clip", "vera", 6 },
        { "clip", "randlora", 6 },
        { "clip", "loha", 6 },
        { "clip", "lokr", 6 },
        { "clip", "ia3", 18 },
        { "clip", "oft", 6 },
        { "clip", "boft", 6 },
        { "clip", "hra", 6 },
        { "clip", "fourierft", 6 },
        { "clip", "vblora", 6 },
    };

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Beside_the_frozen_layer_and_merged_into_it_a_family_gives_the_same_output(string model, string name, int layers)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Of(model);
        using var adapter = AdapterCatalog.Default.Load(GoldenModel.AdapterPath(model, name), golden.Layers);
        Assert.Equal((name, layers), (adapter.Family, adapter.Layers.Count));
        foreach (var layer in golden.Layers.Where(layer => adapter.Layers.ContainsKey(layer.Name)))
        {
            var (weight, bias) = (golden.Weight(layer), golden.Bias(layer));
            torch.manual_seed(7);
            var input = torch.randn([2, 5, layer.InFeatures]);

            var beside = adapter.Layers[layer.Name].Forward(input, weight, bias);
            var (mergedWeight, mergedBias) = adapter.Layers[layer.Name].Merge(weight, bias);
            var merged = torch.nn.functional.linear(input, mergedWeight, mergedBias);
            Assert.InRange(Formula.RelativeError(beside.detach(), merged), 0, 1e-5);
            var plain = torch.nn.functional.linear(input, weight, bias);
            Assert.True(Formula.RelativeError(plain, merged) > 1e-4, $"{name} leaves {layer.Name} as it was.");
        }
    }

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Every_parameter_of_a_family_can_be_trained(string model, string name, int layers)
    {
        using var scope = torch.NewDisposeScope();
        using var golden = GoldenModel.Of(model);
        using var adapter = AdapterCatalog.Default.Load(GoldenModel.AdapterPath(model, name), golden.Layers);
        Assert.Equal(layers, adapter.Layers.Count);
        foreach (var layer in golden.Layers.Where(layer => adapter.Layers.ContainsKey(layer.Name)))
        {
            torch.manual_seed(11);
            var input = torch.randn([4, layer.InFeatures]);
            adapter.Layers[layer.Name].Forward(input, golden.Weight(layer), golden.Bias(layer)).square().sum().backward();
            foreach (var (parameter, value) in adapter.Layers[layer.Name].named_parameters())
                Assert.True(
                    value.grad is { } gradient && gradient.abs().sum().item<float>() > 0,
                    $"{layer.Name} {parameter} has no gradient."
                );
        }
    }
}
