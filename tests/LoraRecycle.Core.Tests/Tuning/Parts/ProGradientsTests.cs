using LoraRecycle.Core.Method.Tuning.Updates;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Tuning.Parts;

/// <summary>LoRA-Pro's gradients, on numbers that exact rational arithmetic gave.</summary>
public sealed class ProGradientsTests
{
    private const double Scale = 2;

    [Fact]
    public void Gradients_of_the_worked_example_are_those_of_exact_arithmetic()
    {
        using var scope = NewDisposeScope();
        var (a, b, g) = Example();
        var (gradA, gradB) = (b.T.mm(g).mul(Scale), g.mm(a.T).mul(Scale));

        var changes = ProGradients.Of(a, b, gradA, gradB, Scale);

        Equal([0.873303f, 0.423077f, 1.549774f, 0.957014f, 0.884615f, 1.427602f], changes.A);
        Equal([-0.039970f, 0.283560f, 0.252640f, 0.311463f, 1.336350f, 1.689291f], changes.B);
        Equal([-0.515586f, -0.839115f, -0.265209f, -0.294620f], changes.X);
        var effect = changes.Effect(a, b, Scale);
        Equal([5f / 3, 4f / 3, 11f / 3, 13f / 3, 14f / 3, 19f / 3, 19f / 3, 26f / 3, 28f / 3], effect);
        Assert.Equal(3, g.sub(effect).square().sum().item<float>(), 1e-3f);
        Assert.Equal(301, g.mul(effect).sum().item<float>(), 0.05f);
    }

    [Fact]
    public void While_b_is_zero_a_does_not_move_and_b_takes_the_best_step()
    {
        using var scope = NewDisposeScope();
        var (a, b, g) = Example();
        var nothing = zeros_like(b);

        var changes = ProGradients.Of(a, nothing, zeros_like(a), g.mm(a.T).mul(Scale), Scale);

        Assert.Equal(0, changes.A.abs().max().item<float>());
        var inverse = linalg.inv(a.mm(a.T));
        Equal(g.mm(a.T).mm(inverse).div(Scale).data<float>().ToArray(), changes.B);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void What_is_left_of_the_gradient_no_change_of_the_factors_could_make(int rank)
    {
        using var generator = new Generator(31);
        for (var draw = 0; draw < 50; draw++)
        {
            using var scope = NewDisposeScope();
            var (a, b, g) = (
                randn([rank, 9], generator: generator), randn([7, rank], generator: generator), randn([7, 9], generator: generator));

            var changes = ProGradients.Of(a, b, b.T.mm(g).mul(Scale), g.mm(a.T).mul(Scale), Scale);

            var effect = changes.Effect(a, b, Scale);
            var left = g.sub(effect);
            Assert.InRange(b.T.mm(left).abs().max().item<float>(), 0, 2e-3f);
            Assert.InRange(left.mm(a.T).abs().max().item<float>(), 0, 2e-3f);
            Assert.Equal(effect.square().sum().item<float>(), g.mul(effect).sum().item<float>(), 5e-2f);
        }
    }

    private static (Tensor A, Tensor B, Tensor G) Example() => (
        tensor(new float[] { 1, 1, 0, 0, 1, 1 }, [2, 3]),
        tensor(new float[] { 1, 0, 0, 2, 1, 1 }, [3, 2]),
        tensor(new float[] { 1, 2, 3, 4, 5, 6, 7, 8, 10 }, [3, 3]));

    private static void Equal(float[] expected, Tensor actual) =>
        Assert.All(expected.Zip(actual.data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 2e-4f));
}
