using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Method.Inversion;
using LoraRecycle.Core.Method.Inversion.Building;
using static TorchSharp.torch;

namespace LoraRecycle.Core.Tests.Inversion;

public sealed class InversionPlanTests
{
    [Theory]
    [InlineData(40, 14, 1, "14 13 13")]
    [InlineData(40, 14, 2, "10 10 10 10")]
    [InlineData(40, 14, 3, "14 13 13")]
    [InlineData(40, 14, 8, "5 5 5 5 5 5 5 5")]
    [InlineData(40, 100, 1, "40")]
    [InlineData(40, 100, 2, "20 20")]
    [InlineData(3, 14, 8, "1 1 1")]
    [InlineData(1, 4, 2, "1")]
    public void Units_are_large_and_their_devices_end_together(int loras, int batchSize, int devices, string sizes) =>
        Assert.Equal(sizes, string.Join(' ', Cut([.. Plain(loras, 5)], batchSize, devices).Select(unit => unit.Length)));

    [Fact]
    public void Loras_of_other_numbers_of_classes_and_of_other_families_are_units_of_their_own()
    {
        InversionSource[] sources =
        [
            .. Plain(3, 5),
            .. Plain(2, 3),
            new InversionSource("dora", Adapter(new OtherLayer()), ["a", "b", "c"]),
        ];
        var units = Cut(sources, 8, 1);
        Assert.Equal(["5 5 5", "3 3", "3"], units.Select(unit => string.Join(' ', unit.Select(source => source.Classes.Count))));
        Assert.Equal("dora", Assert.Single(units[2]).Name);
    }

    [Fact]
    public void Every_lora_is_in_one_unit_and_the_largest_come_first()
    {
        InversionSource[] sources = [.. Plain(7, 2), .. Plain(11, 5), .. Plain(5, 9)];
        foreach (var devices in new[] { 1, 2, 3, 4, 7 })
        {
            var units = Cut(sources, 4, devices);
            Assert.Equal(
                sources.Select(source => source.Name).Order(),
                units.SelectMany(unit => unit.Select(source => source.Name)).Order()
            );
            var costs = units.Select(unit => unit.Sum(source => source.Classes.Count)).ToArray();
            Assert.Equal(costs.OrderDescending(), costs);
            Assert.All(units, unit => Assert.InRange(unit.Length, 1, 4));
        }
    }

    [Fact]
    public void A_cut_by_classes_alone_keeps_the_order_in_which_loras_came() =>
        Assert.Equal([[0, 1, 3], [5, 6], [2, 4]], InversionPlan.Cut([5, 5, 3, 5, 3, 5, 5], most: 3));

    [Theory]
    [InlineData(80L << 30, 100, 64, 20)] // an H100, ViT-XS
    [InlineData(80L << 30, 100, 224, 1)]
    [InlineData(1L << 20, 100, 224, 1)]
    [InlineData(1L << 50, 1, 32, 64)]
    public void Memory_decides_how_many_share_a_unit(long bytes, int images, int side, int batchSize) =>
        Assert.Equal(batchSize, UnitSize.OfMemory(bytes, images, side));

    private static IReadOnlyList<InversionSource[]> Cut(InversionSource[] sources, int batchSize, int devices) =>
        InversionPlan.Cut(sources, _ => batchSize, devices);

    private static IEnumerable<InversionSource> Plain(int count, int classes) =>
        Enumerable
            .Range(0, count)
            .Select(index => new InversionSource(
                $"{classes}-{index}",
                Adapter(),
                [.. Enumerable.Range(0, classes).Select(label => $"{label}")]
            ));

    private static Adapter Adapter(params LayerAdapter[] layers) => new("", "", layers.ToDictionary(_ => "layer"));

    private sealed class OtherLayer() : LayerAdapter("layer")
    {
        protected override (Tensor Weight, Tensor? Bias) Adapt(Tensor weight, Tensor? bias) => (weight, bias);
    }
}
