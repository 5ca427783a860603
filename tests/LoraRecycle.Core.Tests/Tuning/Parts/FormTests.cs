using LoraRecycle.Core.Method.Tuning.Forms;
using LoraRecycle.Core.Method.Tuning.Layers;
using LoraRecycle.Core.Method.Tuning.Options;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Tuning.Parts;

/// <summary>What layers start from, against numbers that were worked out by hand.</summary>
public sealed class FormTests
{
    [Fact]
    public void Lora_ga_makes_the_first_step_the_best_one_of_twice_the_rank()
    {
        using var scope = NewDisposeScope();
        const double Scale = 2, Rate = 1e-4;
        var gradient = diag(tensor(new float[] { 4, 3, 2 }));

        var (a, b) = FactorForms.GradientStart(gradient, rank: 1, gamma: 9);
        var (nextA, nextB) = (a.sub(b.T.mm(gradient).mul(Rate * Scale)), b.sub(gradient.mm(a.T).mul(Rate * Scale)));

        var step = nextB.mm(nextA).sub(b.mm(a)).mul(Scale).div(-Rate);
        Assert.Equal(Math.Sqrt(3) / 9, a.square().sum().item<float>(), 1e-5);
        Near(diag(tensor(new float[] { 4, 3, 0 })).mul(0.769800), step, 2e-3f);
    }

    [Fact]
    public void A_lora_with_an_offset_begins_as_nothing_to_the_last_bit()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var (a, b, weight, input) = (Normal([2, 6]), Normal([5, 2]), Normal([5, 6]), Normal([7, 6]));
        using var layer = new OffsetLoraLayer("layer", a.clone(), b.clone(), scale: 2);

        Assert.Equal(0, layer.Delta(weight, null).Weight.abs().max().item<float>());
        Assert.Equal(
            nn.functional.linear(input, weight).data<float>().ToArray(), layer.Forward(input, weight, null).data<float>().ToArray());

        Tensor Normal(long[] shape) => randn(shape, generator: generator);
    }

    [Fact]
    public void Nlora_starts_from_rows_columns_and_corner_as_its_code_does()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new float[] { 2, 1, 0, 1, 3, 1, 0, 1, 1 }, [3, 3]);

        var factors = CoreForms.Nystroem(weight, rank: 1);

        Near(
            tensor(new float[] { 10, 5, 0, 5, 5, 1, 0, 1, 1 }, [3, 3]),
            weight.add(factors.B.mm(factors.Core).mm(factors.A)), 1e-6f);
    }

    [Fact]
    public void Lora_sb_has_orthonormal_factors_around_the_first_step_of_full_tuning()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var gradient = randn([12, 10], generator: generator);
        var settings = new TuningSettings { Rank = 3, LearningRate = 1e-2 };

        var factors = CoreForms.FirstStep(gradient, settings);

        Near(eye(3), factors.B.T.mm(factors.B), 1e-5f);
        Near(eye(3), factors.A.mm(factors.A.T), 1e-5f);
        // The best approximation of rank 3 of -rate sign(G): what is left is orthogonal to it.
        var left = gradient.sign().mul(-settings.LearningRate).sub(factors.B.mm(factors.Core).mm(factors.A));
        Near(zeros([3, 10]), factors.B.T.mm(left), 1e-6f);
    }

    [Fact]
    public void Training_only_the_core_between_orthonormal_factors_takes_the_projected_gradient()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var gradient = randn([12, 10], generator: generator);
        var factors = CoreForms.FirstStep(gradient, new TuningSettings { Rank = 3 });

        var ofCore = factors.B.T.mm(gradient).mm(factors.A.T);

        var (left, right) = (factors.B.mm(factors.B.T), factors.A.T.mm(factors.A));
        Near(left.mm(gradient).mm(right), factors.B.mm(ofCore).mm(factors.A), 1e-4f);
    }

    [Fact]
    public void Loldu_decomposes_the_weight_and_begins_as_nothing()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new float[] { 4, 3, 6, 3 }, [2, 2]);

        var factors = CoreForms.Decomposed(weight, rank: 2);

        Near(tensor(new float[] { 6, 1 }), factors.Core, 1e-6f);
        Near(tensor(new float[] { 1, 0.5f, 0, 1 }, [2, 2]), factors.A, 1e-6f);
        Near(weight, factors.B.mul(factors.Core).mm(factors.A), 1e-6f);
        Near(factors.Core, factors.Start!, 0);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void Comp_lora_leaves_the_strong_directions_of_the_weight_as_they_are(double keep)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3);
        var weight = randn([12, 10], generator: generator);
        var (left, right) = FactorForms.Strongest(weight, keep);
        var kept = left.shape[1];
        using var layer = new ProjectedLoraLayer(
            "layer", randn([4, 10], generator: generator), randn([12, 4], generator: generator), 0.01, left.clone(), right.clone());

        var change = layer.Delta(weight, null).Weight;

        Assert.InRange(kept, 1, 9);
        Near(zeros([kept, 10]), left.T.mm(change), 1e-6f);
        Near(zeros([12, kept]), change.mm(right), 1e-6f);
        // So that W's largest singular values are W + change's.
        Near(linalg.svdvals(weight).narrow(0, 0, kept), linalg.svdvals(weight.add(change)).narrow(0, 0, kept), 1e-4f);
        var energy = linalg.svdvals(weight).square();
        Assert.True(energy.narrow(0, 0, kept).sum().item<float>() >= keep * energy.sum().item<float>());
        Assert.True(kept == 1 || energy.narrow(0, 0, kept - 1).sum().item<float>() < keep * energy.sum().item<float>());
    }

    [Fact]
    public void A_start_that_a_form_does_not_have_is_refused_with_those_that_it_has()
    {
        var settings = new TuningSettings { Form = new() { Kind = LoraForm.Core, Start = FactorStart.Gradient } };
        using var model = ToyTask.Model();

        var refused = Assert.Throws<TuningException>(() => settings.LayersOf(model.AdaptableLayers));

        Assert.Equal("Expected a start of form Core among Uniform, FirstStep, Nystroem, Spectrum; got Gradient.", refused.Message);
    }

    private static void Near(Tensor expected, Tensor actual, float by)
    {
        Assert.Equal(expected.shape, actual.shape);
        Assert.InRange(expected.sub(actual).abs().max().item<float>(), 0, by);
    }
}
