using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Tests.Models;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Adapters;

public sealed class AdapterDeltaTests
{
    [Theory]
    [InlineData("lora_qv")]
    [InlineData("lora_bias")]
    [InlineData("dora_all")]
    [InlineData("vera")]
    [InlineData("randlora")]
    [InlineData("loha")]
    [InlineData("lokr")]
    [InlineData("ia3")]
    [InlineData("oft")]
    [InlineData("boft")]
    [InlineData("hra")]
    [InlineData("fourierft")]
    [InlineData("vblora")]
    [InlineData("kasa")]
    [InlineData("bdlora")]
    [InlineData("lora_bias_b")]
    [InlineData("hra_bias")]
    [InlineData("boft_bias")]
    public void A_delta_is_what_merging_changes(string name)
    {
        using var golden = new GoldenTransformer("clip");
        using var adapter = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", name), golden.Model.AdaptableLayers);
        foreach (var layer in golden.Model.AdaptableLayers.Where(layer => adapter.Layers.ContainsKey(layer.Name)))
        {
            var frozen = golden.Model.LinearOf(layer);
            var (merged, mergedBias) = adapter.Layers[layer.Name].Merge(frozen.Weight, frozen.Bias);
            var (weight, bias) = adapter.Layers[layer.Name].Delta(frozen.Weight, frozen.Bias);
            Assert.True(allclose(merged - frozen.Weight, weight, 1e-3, 1e-6), layer.Name);
            Assert.True(weight.abs().max().item<float>() > 0);
            // (IA)3 scales outputs, and the bias is part of them; of fc2 it scales the inputs.
            Assert.Equal(
                name.Contains("_bias", StringComparison.Ordinal)
                    || (name == "ia3" && !layer.Name.EndsWith(".fc2", StringComparison.Ordinal)),
                bias is not null
            );
            if (bias is not null)
                Assert.True(allclose(mergedBias! - frozen.Bias!, bias, 1e-3, 1e-6), layer.Name);
        }
    }

    [Fact]
    public void A_sum_adds_the_deltas_of_adapters_of_any_family_and_targets()
    {
        using var golden = new GoldenTransformer("clip");
        Adapter[] members =
        [
            .. new[] { "lora_qv", "dora_all", "lora_bias" }.Select(name =>
                AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", name), golden.Model.AdaptableLayers)
            ),
        ];
        using var sum = AdapterSum.Of(golden.Model.FrozenLayers, members, 0.5);
        foreach (var layer in golden.Model.AdaptableLayers.Where(layer => layer.Part is not null))
        {
            var frozen = golden.Model.LinearOf(layer);
            var expected =
                members
                    .Where(member => member.Layers.ContainsKey(layer.Name))
                    .Select(member => member.Layers[layer.Name].Merge(frozen.Weight, frozen.Bias).Weight - frozen.Weight)
                    .Aggregate((a, b) => a + b) * 0.5;
            Assert.True(
                allclose(expected, sum.Layers[layer.Name].Merge(frozen.Weight, frozen.Bias).Weight - frozen.Weight, 1e-3, 1e-5),
                layer.Name
            );
            Assert.True(allclose(expected, sum.Layers[layer.Name].Delta(frozen.Weight, frozen.Bias).Weight, 1e-3, 1e-5), layer.Name);
        }
        Array.ForEach(members, member => member.Dispose());
    }
}
