using LoraRecycle.Torch.Tests.Numerics;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LoraRecycle.Torch.Tests.nn;

public class LayerTests
{
    [Fact]
    public void A_linear_layer_draws_weights_within_one_over_root_inputs()
    {
        _ = manual_seed(1);
        using var layer = Linear(16, 50, device: TestDevice.Current);
        Assert.Equal([50L, 16], layer.weight!.shape);
        Assert.Equal([50L], layer.bias!.shape);
        Assert.True(layer.weight.requires_grad && layer.bias.requires_grad);
        var weights = NdArray.FromTensor(layer.weight).Values;
        Assert.All(weights, value => Assert.InRange(value, -0.25, 0.25));
        Assert.True(weights.Max() > 0.2 && weights.Min() < -0.2);
        using var plain = Linear(2, 2, hasBias: false);
        Assert.Null(plain.bias);
    }

    [Fact]
    public void A_layer_norm_starts_as_a_plain_normalisation()
    {
        using var scope = NewDisposeScope();
        using var layer = LayerNorm([4], eps: 1e-6, device: TestDevice.Current, dtype: float64);
        var x = NdArray.Random([3, 4]).ToTensor();
        Close.Assert(NdArray.FromTensor(functional.layer_norm(x, [4], eps: 1e-6)), NdArray.FromTensor(layer.call(x)));
        Assert.Equal([1.0, 1, 1, 1], NdArray.FromTensor(layer.weight!).Values);
        Assert.Equal([0.0, 0, 0, 0], NdArray.FromTensor(layer.bias!).Values);
        using var bare = LayerNorm([4], elementwise_affine: false);
        Assert.Empty(bare.parameters());
        using var unshifted = LayerNorm([4], bias: false);
        Assert.Single(unshifted.parameters());
    }

    [Fact]
    public void A_parameter_asks_for_gradients_unless_told_otherwise()
    {
        using var trained = new Parameter(zeros(1));
        using var frozen = Parameter(zeros(1), requires_grad: false);
        Assert.True(trained.requires_grad);
        Assert.False(frozen.requires_grad);
    }

    [Fact]
    public void A_dtype_without_gradients_is_refused_and_the_tensor_stays_whole()
    {
        using var whole = zeros(2, int64);
        Assert.ThrowsAny<Exception>(() => new Parameter(whole));
        Assert.Equal([2L], whole.shape);
    }
}
