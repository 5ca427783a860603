using LoraRecycle.Core.Method.Tuning.Gradients;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Tuning.Parts;

/// <summary>Where gradients are taken, against numbers that were worked out by hand.</summary>
public sealed class GradientRuleTests
{
    [Fact]
    public void The_flat_gradient_of_a_quadratic_is_the_mean_of_two_and_leaves_the_values_as_they_were()
    {
        using var scope = NewDisposeScope();
        var curvature = tensor(new float[] { 1, 4 });
        using var theta = nn.Parameter(ones([2]));

        var loss = new FlatGradient([theta], radius: 0.1, share: 0.5).Take(() => theta.square().mul(curvature).sum().div(2));

        Assert.Equal(2.5, loss, 1e-6);
        var gradient = theta.grad!.data<float>().ToArray();
        Assert.Equal(1.012127f, gradient[0], 1e-5f);
        Assert.Equal(4.194029f, gradient[1], 1e-5f);
        Assert.Equal([1, 1], theta.detach().data<float>().ToArray());
    }

    [Fact]
    public void Noise_on_a_row_grows_with_the_row_and_its_gradient()
    {
        using var scope = NewDisposeScope();

        var deviation = NoisyGradient.Deviations(tensor(new[] { 2f }), tensor(new[] { 0.5f }), sigma: 0.03, beta: 0.01, inputs: 256);

        Assert.Equal(0.00390625f, deviation.item<float>(), 1e-8f);
    }
}
