using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters;

public sealed class LayerAdapterTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Gradients_agree_with_finite_differences(bool dora)
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(3);
        var (weight, bias, input) = (torch.randn(5, 4), torch.randn([5]), torch.randn(3, 4));
        var (a, b, magnitude) = (torch.randn(2, 4), torch.randn(5, 2), torch.rand([5]).add(1));
        LayerAdapter Make() => dora
            ? new DoraLayer("layers.0.q", a.clone(), b.clone(), magnitude.clone(), 0.5)
            : new LoraLayer("layers.0.q", a.clone(), b.clone(), 0.5);

        // DoRA's norm is held constant in its gradient, so that only the magnitude's gradient is the exact one.
        foreach (var (name, values) in dora ? new[] { ("lora_magnitude_vector", magnitude) } : [("lora_A", a), ("lora_B", b)])
        {
            using var adapter = Make();
            adapter.Forward(input, weight, bias).square().sum().backward();
            var gradient = adapter.named_parameters().Single(parameter => parameter.name == name).parameter.grad!.data<float>().ToArray();
            for (var i = 0; i < gradient.Length; i++)
            {
                const float step = 1e-2f;
                var numeric = (LossWith(i, step) - LossWith(i, -step)) / (2 * step);
                Assert.InRange(gradient[i], numeric - 0.02 - (0.01 * Math.Abs(numeric)), numeric + 0.02 + (0.01 * Math.Abs(numeric)));
            }

            double LossWith(int index, float change)
            {
                var bytes = values.bytes;
                var original = bytes.ToArray();
                BitConverter.TryWriteBytes(bytes[(4 * index)..], BitConverter.ToSingle(original, 4 * index) + change);
                using var changed = Make();
                var loss = changed.Forward(input, weight, bias).square().sum().item<float>();
                original.CopyTo(values.bytes);
                return loss;
            }
        }
    }

    [Fact]
    public void The_frozen_weight_gets_no_gradient_and_every_parameter_gets_one()
    {
        using var scope = torch.NewDisposeScope();
        using var adapter = new DoraLayer("layers.0.q", torch.ones([2, 4]), torch.ones([5, 2]), torch.ones(5), 1, torch.zeros(5));
        var weight = torch.ones([5, 4]);
        adapter.Forward(torch.ones([3, 4]), weight, null).sum().backward();
        Assert.Equal(
            ["bias", "lora_A", "lora_B", "lora_magnitude_vector"],
            adapter.named_parameters().Select(parameter => parameter.name).Order()
        );
        Assert.All(adapter.parameters(), parameter => Assert.NotNull(parameter.grad));
        Assert.False(weight.requires_grad);
    }

    [Theory]
    [InlineData(torch.ScalarType.Float16, 1e-3)]
    [InlineData(torch.ScalarType.BFloat16, 1e-2)]
    public void Half_precision_layers_stay_in_their_type_but_are_merged_in_float32(torch.ScalarType type, double tolerance)
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(5);
        var weight = torch.randn(6, 4);
        using var adapter = new LoraLayer("layers.0.q", torch.randn(2, 4), torch.randn(6, 2), 0.25);
        var (exact, _) = adapter.Merge(weight, null);
        var (merged, bias) = adapter.Merge(weight.to(type), torch.zeros([6], dtype: type));
        Assert.Equal((type, type), (merged.dtype, bias!.dtype));
        Assert.InRange(Formula.RelativeError(merged.to(torch.float32), exact), 0, tolerance);
    }

    [Fact]
    public void A_merged_layer_shares_nothing_with_the_frozen_one()
    {
        using var scope = torch.NewDisposeScope();
        using var adapter = new LoraLayer("layers.0.q", torch.ones([2, 4]), torch.zeros([6, 2]), 1);
        var (weight, bias) = (torch.ones([6, 4]), torch.ones(6));
        var (mergedWeight, mergedBias) = adapter.Merge(weight, bias);
        Assert.False(mergedWeight.requires_grad);
        mergedWeight.fill_(9);
        mergedBias!.fill_(9);
        Assert.Equal(24f, weight.sum().item<float>());
        Assert.Equal(6f, bias.sum().item<float>());
    }

    [Fact]
    public void Weights_too_large_for_the_models_type_are_refused_by_layer()
    {
        using var scope = torch.NewDisposeScope();
        using var adapter = new LoraLayer("layers.3.fc1", torch.full([1, 2], 1e5f), torch.full([2, 1], 1e5f), 1);
        var message = Assert.Throws<AdapterException>(() => adapter.Merge(torch.ones([2, 2], dtype: torch.float16), null)).Message;
        Assert.Contains("layers.3.fc1", message, StringComparison.Ordinal);
        Assert.Contains("not finite", message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_adapter_outlives_the_scope_it_was_loaded_in_and_leaves_nothing_there()
    {
        using var model = GoldenModel.Of("clip");
        Adapter adapter;
        using (var scope = torch.NewDisposeScope())
        {
            adapter = AdapterCatalog.Default.Load(GoldenModel.AdapterPath("clip", "paper_format"), model.Layers);
            Assert.Equal(0, scope.DisposablesCount);
        }

        using (adapter)
        {
            Assert.Equal(6 * 2 * 4 * 64, adapter.ParameterCount);
            Assert.All(adapter.Layers.Values.SelectMany(layer => layer.parameters()), parameter => Assert.False(parameter.IsInvalid));
        }
    }
}
