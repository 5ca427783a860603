using LoraRecycle.Core.Adapters.Algebra;
using LoraRecycle.Core.Tests.Inversion;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Adapters.Lora;

public class MergedLoraTests
{
    [Fact]
    public void A_rank_that_holds_the_sum_loses_nothing()
    {
        using var fixture = new InversionFixture();
        using var scope = NewDisposeScope();
        var (first, second) = (fixture.Source("lora_qv").Adapter, fixture.Source("rslora_all").Adapter);
        using var merged = MergedLora.Of(fixture.Model.FrozenLayers, [(first, 0.5), (second, -2)], rank: 32);
        Assert.All(merged.Lost.Values, lost => Assert.True(lost < 1e-6));
        foreach (var layer in fixture.Model.AdaptableLayers.Where(layer => layer.Part is not null))
        {
            var frozen = fixture.Model.LinearOf(layer);
            var expected = zeros([layer.OutFeatures, layer.InFeatures]);
            if (first.Layers.TryGetValue(layer.Name, out var one))
                expected.add_(one.Delta(frozen.Weight, frozen.Bias).Weight.detach(), 0.5);
            if (second.Layers.TryGetValue(layer.Name, out var two))
                expected.add_(two.Delta(frozen.Weight, frozen.Bias).Weight.detach(), -2);
            Assert.True(
                allclose(merged.Adapter.Layers[layer.Name].Delta(frozen.Weight, frozen.Bias).Weight, expected, rtol: 1e-3, atol: 1e-5),
                layer.Name
            );
        }
    }

    [Fact]
    public void What_a_rank_cannot_hold_is_told()
    {
        using var scope = NewDisposeScope();
        // Singular values 3, 2 and 1: of the squared norm of 14, rank 1 holds 9 and rank 2 holds 13.
        var matrix = tensor(new float[] { 0, 3, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0 }, [4, 3]);
        Assert.Equal(5.0 / 14, LowRank.Of(matrix, 1).Lost, 1e-6);
        Assert.Equal(1.0 / 14, LowRank.Of(matrix, 2).Lost, 1e-6);
        var whole = LowRank.Of(matrix, 5);
        Assert.Equal(0, whole.Lost, 1e-6);
        Assert.Equal([5, 3], whole.A.shape);
        Assert.True(allclose(whole.B.matmul(whole.A), matrix, rtol: 1e-4, atol: 1e-5));
    }

    [Fact]
    public void Nothing_is_lost_of_nothing() => Assert.Equal(0, LowRank.Of(zeros([3, 2]), 1).Lost);
}
