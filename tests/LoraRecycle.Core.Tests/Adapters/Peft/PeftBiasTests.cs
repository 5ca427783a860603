using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra.Conversion;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters.Peft;

/// <summary>Biases that were trained beside adapters of other families than LoRA.</summary>
public sealed class PeftBiasTests : IDisposable
{
    private const string Layer = "base_model.model.vision_model.encoder.layers.1.self_attn.v_proj.";

    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");
    private readonly DisposeScope scope = torch.NewDisposeScope();

    public void Dispose()
    {
        scope.Dispose();
        folder.Dispose();
        model.Dispose();
    }

    [Theory]
    [InlineData("vera", "vera_only")]
    [InlineData("oft", "oft_only")]
    [InlineData("boft", "boft_only")]
    [InlineData("hra", "hra_only")]
    [InlineData("fourierft", "fourier_only")]
    [InlineData("vblora", "vblora_only")]
    [InlineData("randlora", "randlora_only")]
    [InlineData("dora_all", "lora_only")]
    public void A_trained_bias_takes_the_place_of_the_layers_own(string name, string bias)
    {
        using var plain = Load(GoldenModel.AdapterPath("clip", name));
        using var adapter = Load(WithBiases(name, bias));
        Assert.Equal((plain.Family, plain.Layers.Count), (adapter.Family, adapter.Layers.Count));
        using var converted = LoraConversion.Of(
            adapter,
            model.Layers,
            layer => (model.Weight(layer), model.Bias(layer)),
            64,
            TestContext.Current.CancellationToken
        );
        foreach (var (i, layer) in model.Layers.Where(layer => adapter.Layers.ContainsKey(layer.Name)).Index())
        {
            var (change, input) = (adapter.Layers[layer.Name], torch.randn([2, 5, layer.InFeatures]));
            var (weight, merged) = change.Merge(model.Weight(layer), model.Bias(layer));
            Assert.Equal(Enumerable.Repeat(1f + i, (int)layer.OutFeatures), merged!.data<float>().ToArray());
            Assert.Equal(
                Enumerable.Repeat(1f + i, (int)layer.OutFeatures),
                converted
                    .Adapter.Layers[layer.Name]
                    .Merge(model.Weight(layer), model.Bias(layer))
                    .Bias!.data<float>()
                    .ToArray()
                    .Select(value => MathF.Round(value, 4))
            );
            Assert.Equal(
                plain.Layers[layer.Name].Merge(model.Weight(layer), null).Weight.data<float>().ToArray(),
                weight.data<float>().ToArray()
            );
            Assert.Equal(plain.Layers[layer.Name].NominalRank, change.NominalRank);
            Assert.InRange(
                Formula.RelativeError(
                    change.Forward(input, model.Weight(layer), model.Bias(layer)).detach(),
                    torch.nn.functional.linear(input, weight, merged)
                ),
                0,
                1e-5
            );
            change.Forward(input, model.Weight(layer), model.Bias(layer)).square().sum().backward();
            Assert.All(change.parameters(), parameter => Assert.True(parameter.grad!.abs().sum().item<float>() > 0));
        }
    }

    [Fact]
    public void Biases_beside_half_precision_are_of_its_type()
    {
        using var adapter = Load(WithBiases("hra", "hra_only"));
        var layer = model.Layers.First(layer => adapter.Layers.ContainsKey(layer.Name));
        var (weight, bias) = (model.Weight(layer).to(torch.bfloat16), model.Bias(layer).to(torch.bfloat16));
        Assert.Equal(torch.bfloat16, adapter.Layers[layer.Name].Forward(torch.ones([1, 64], torch.bfloat16), weight, bias).dtype);
        Assert.Equal(torch.bfloat16, adapter.Layers[layer.Name].Merge(weight, bias).Bias!.dtype);
    }

    [Theory]
    [InlineData("missing", "no tensor", "")]
    [InlineData("shape", "'base_layer.bias'", "expected [64]")]
    [InlineData("nan", "'base_layer.bias'", "NaN or infinite")]
    public void A_damaged_bias_is_named(string damage, string tensor, string reason)
    {
        var copy = DamagedAdapter.CopyOf(WithBiases("hra", "hra_only"), folder, tensors: tensors =>
        {
            var key = $"{Layer}base_layer.bias";
            if (damage == "missing") tensors.Remove(key);
            else tensors[key] = damage == "shape" ? torch.ones(63) : torch.full([64], float.NaN);
        });
        var message = Refused(copy);
        Assert.Contains("vision_model.encoder.layers.1.self_attn.v_proj", message, StringComparison.Ordinal);
        Assert.Contains(damage == "missing" ? tensor : $"{Layer}base_layer.bias'", message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Biases_that_are_announced_and_nowhere_are_asked_for() =>
        Assert.Contains(
            "no bias for any layer, although bias = 'hra_only'",
            Refused(DamagedAdapter.Copy(folder, "hra", config => config["bias"] = "hra_only")),
            StringComparison.Ordinal
        );

    [Fact]
    public void Biases_that_the_settings_do_not_announce_are_refused() => Assert.Contains(
        "base_layer.bias'", Refused(WithBiases("hra", "none")), StringComparison.Ordinal);

    [Fact]
    public void The_biases_of_layers_that_are_not_adapted_are_not_read() => Assert.Contains(
        "bias = 'all'; supported are 'none' and 'hra_only'", Refused(WithBiases("hra", "all")), StringComparison.Ordinal);

    /// <summary>The bias of each adapted layer is its number from 1, all over.</summary>
    private string WithBiases(string name, string bias)
    {
        using var adapter = Load(GoldenModel.AdapterPath("clip", name));
        return DamagedAdapter.Copy(folder, name, config => config["bias"] = bias, tensors =>
        {
            foreach (var (i, layer) in model.Layers.Where(layer => adapter.Layers.ContainsKey(layer.Name)).Index())
                tensors[$"base_model.model.{layer.SourceName}.base_layer.bias"] = torch.full([layer.OutFeatures], 1f + i);
        });
    }

    private Adapter Load(string path) => AdapterCatalog.Default.Load(path, model.Layers);

    private string Refused(string path) => Assert.Throws<AdapterException>(() => AdapterCatalog.Default.Load(path, model.Layers)).Message;
}
