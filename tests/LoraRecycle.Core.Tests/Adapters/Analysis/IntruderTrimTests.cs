using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra.Analysis;
using LoraRecycle.Core.Adapters.Families.Ia3;
using LoraRecycle.Core.Adapters.Families.Lora;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Adapters.Analysis;

/// <summary>On W = diag(4, 3, 2, 1) and 10 u u^T with u = (1, 1, 1, 1) / 2, whose largest direction has a cosine of 0.5762.</summary>
public sealed class IntruderTrimTests
{
    private static readonly AdaptableLayer Layer = new("layers.0.q", "q", 4, 4);

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.6, 1)]
    public void A_direction_is_an_intruder_below_the_cosine(double cosine, int expected)
    {
        using var scope = NewDisposeScope();
        using var trimmed = Trim(share: 0, cosine);

        Assert.Equal(expected, trimmed.Layers.Sum(layer => layer.Intruders.Count));
        if (expected == 0) return;
        Assert.Equal((0.5762, 12.6244), (trimmed.Layers[0].Intruders[0].Cosine, trimmed.Layers[0].Intruders[0].SingularValue), Near);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.3)]
    [InlineData(1)]
    public void An_intruder_keeps_its_share_and_every_other_direction_stays(double share)
    {
        using var scope = NewDisposeScope();
        using var trimmed = Trim(share, cosine: 0.6);
        var (u, s, vh) = linalg.svd(Weight().add(Lora().Delta(Weight(), null).Weight), fullMatrices: false);

        var after = Weight().add(trimmed.Adapter.Layers[Layer.Name].Delta(Weight(), null).Weight);

        var turned = u.T.mm(after).mm(vh.T);
        var expected = diag(s.mul(tensor(new float[] { (float)share, 1, 1, 1 })));
        Assert.InRange(turned.sub(expected).abs().max().item<float>(), 0, 1e-4f);
    }

    [Fact]
    public void What_is_no_lora_is_refused()
    {
        using var scope = NewDisposeScope();
        using var other = new Adapter(
            "ia3", "", new Dictionary<string, LayerAdapter> { [Layer.Name] = new Ia3Layer(Layer.Name, ones([4]), onInputs: false) });

        var refused = Assert.Throws<AdapterException>(
            () => IntruderTrim.Of(
                other, [Layer], _ => (Weight(), null), 0.3, new SpectrumSettings(), TestContext.Current.CancellationToken));

        Assert.Contains("market convert", refused.Message, StringComparison.Ordinal);
    }

    private static readonly IEqualityComparer<(double, double)> Near = EqualityComparer<(double, double)>.Create(
        (a, b) => Math.Abs(a.Item1 - b.Item1) < 1e-3 && Math.Abs(a.Item2 - b.Item2) < 1e-3, _ => 0);

    private static IntruderTrim Trim(double share, double cosine)
    {
        using var adapter = new Adapter("lora", "", new Dictionary<string, LayerAdapter> { [Layer.Name] = Lora() });
        return IntruderTrim.Of(
            adapter, [Layer], _ => (Weight(), null), share, new SpectrumSettings { IntruderCosine = cosine },
            TestContext.Current.CancellationToken);
    }

    private static Tensor Weight() => diag(tensor(new float[] { 4, 3, 2, 1 }));

    private static LoraLayer Lora() => new(Layer.Name, ones([1, 4]).div(2), ones([4, 1]).div(2), scale: 10);
}
