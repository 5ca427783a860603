using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra.Analysis;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Vision.Loading;
using LoraRecycle.Tests;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Adapters.Analysis;

public sealed class SpectrumAnalysisTests
{
    private static readonly SpectrumSettings Settings = new();

    /// <summary>diag(values) of a size, float32.</summary>
    private static Tensor Diagonal(int size, params double[] values)
    {
        var matrix = new float[size * size];
        for (var i = 0; i < values.Length; i++)
            matrix[(i * size) + i] = (float)values[i];
        return tensor(matrix).reshape(size, size);
    }

    [Theory]
    [InlineData(0, new double[] { })]
    [InlineData(0, new double[] { 0, 0 })]
    [InlineData(1, new double[] { 5 })]
    [InlineData(1, new double[] { 5, 0, 0 })]
    [InlineData(4, new double[] { 2, 2, 2, 2 })]
    public void The_effective_rank_of_equal_values_is_their_number(double expected, double[] values) =>
        Assert.Equal(expected, EffectiveRank.Of(values), 12);

    // p = 3/4, 1/4: H = 0.75 ln(4/3) + 0.25 ln 4 = 0.5623351446.
    [Fact]
    public void The_effective_rank_of_unequal_values_is_the_exponential_of_their_entropy() =>
        Assert.Equal(Math.Exp(0.56233514461880829), EffectiveRank.Of([3, 1]), 12);

    [Fact]
    public void Of_diagonal_matrices_everything_is_known_by_hand()
    {
        using var scope = NewDisposeScope();
        var weight = Diagonal(4, 4, 3, 2, 1);
        var delta = Diagonal(4, 0, 3, 0, 4);
        var measured = SpectrumAnalysis.Measure(
            "layers.0.q",
            weight,
            delta,
            weight + delta,
            Settings,
            TestContext.Current.CancellationToken
        );

        Assert.Equal(5, measured.Norm, 5);
        Assert.Equal(5 / Math.Sqrt(30), measured.RelativeNorm, 5);
        Assert.Equal([4, 3], measured.SingularValues.Select(value => Math.Round(value, 4)));
        Assert.Equal([4, 3, 2, 1], measured.BaseSingularValues.Select(value => Math.Round(value, 4)));
        Assert.Equal(EffectiveRank.Of([4, 3]), measured.EffectiveRank, 5);
        Assert.Empty(measured.IntruderDimensions); // the directions are the base's own, in another order
    }

    [Fact]
    public void A_direction_spread_evenly_over_all_of_the_bases_is_an_intruder_and_a_weak_one_is_not()
    {
        using var scope = NewDisposeScope();
        const int size = 64;
        var weight = Diagonal(size, [.. Enumerable.Range(0, size).Select(i => 10.0 - (0.05 * i))]);
        var even = ones([size, 1]) / Math.Sqrt(size);
        var strong = SpectrumAnalysis.Measure(
            "layers.0.q",
            weight,
            1000 * even.matmul(even.T),
            weight + (1000 * even.matmul(even.T)),
            Settings,
            TestContext.Current.CancellationToken
        );
        var weak = SpectrumAnalysis.Measure(
            "layers.0.q",
            weight,
            1e-4 * even.matmul(even.T),
            weight + (1e-4 * even.matmul(even.T)),
            Settings,
            TestContext.Current.CancellationToken
        );

        // Its cosine with each of the base's is 1 / sqrt(64), and its singular value that of the delta and a little.
        var first = strong.IntruderDimensions[0];
        Assert.Equal((0, 0.125), (first.Direction, Math.Round(first.Cosine, 3)));
        Assert.InRange(first.SingularValue, 1000, 1010);
        Assert.Equal(1, strong.EffectiveRank, 4);
        Assert.Single(strong.SingularValues);
        Assert.Empty(weak.IntruderDimensions);
    }

    [Fact]
    public void A_delta_of_zeros_has_no_rank()
    {
        using var scope = NewDisposeScope();
        var weight = Diagonal(4, 4, 3, 2, 1);
        var measured = SpectrumAnalysis.Measure(
            "layers.0.q",
            weight,
            zeros_like(weight),
            weight.clone(),
            Settings,
            TestContext.Current.CancellationToken
        );

        Assert.Equal((0, 0, 0, 0), (measured.Norm, measured.RelativeNorm, measured.EffectiveRank, measured.SingularValues.Count));
    }

    [Fact]
    public void An_adapter_is_measured_layer_by_layer_as_its_product_says()
    {
        using var scope = NewDisposeScope();
        using var model = ModelDirectory.Open(Repository.PathOf("tests", "golden", "vit", "model"));
        using var generator = new Generator(7, CPU);
        var layer = model.AdaptableLayers.First(layer => layer.Name == "layers.1.v");
        var (down, up) = (randn([3, layer.InFeatures], generator: generator), randn([layer.OutFeatures, 3], generator: generator));
        var product = 0.5 * up.matmul(down);
        using var adapter = new Adapter(
            "lora",
            "",
            new Dictionary<string, LayerAdapter> { [layer.Name] = new LoraLayer(layer.Name, down.clone(), up.clone(), scale: 0.5) }
        );
        var measured = Assert.Single(
            SpectrumAnalysis.Measure(adapter, model.AdaptableLayers, model.ReadLayer, Settings, TestContext.Current.CancellationToken)
        );

        Assert.Equal("layers.1.v", measured.Layer);
        Assert.Equal(product.norm().item<float>(), measured.Norm, 3);

        Assert.Equal(3, measured.SingularValues.Count);
        Assert.InRange(measured.EffectiveRank, 1, 3);
        Assert.InRange(measured.BaseSingularValues.Count, 1, Settings.Values);
    }

    [Fact]
    public void It_stops_when_nobody_waits_for_it()
    {
        using var weight = Diagonal(4, 4, 3, 2, 1);
        Assert.Throws<OperationCanceledException>(() =>
            SpectrumAnalysis.Measure("layers.0.q", weight, weight, weight, Settings, new CancellationToken(canceled: true))
        );
    }
}
