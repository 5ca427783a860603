using LoraRecycle.Core.Adapters;
using LoraRecycle.Core.Adapters.Algebra.Conversion;
using LoraRecycle.Core.Adapters.Catalog;
using LoraRecycle.Core.Adapters.Families.Lora;
using LoraRecycle.Core.Tests.Adapters.Papers;
using LoraRecycle.Core.Tests.Safetensors;
using TorchSharp;

namespace LoraRecycle.Core.Tests.Adapters.Conversion;

public sealed class LoraConversionTests : IDisposable
{
    private readonly ScratchFolder folder = new();
    private readonly GoldenModel model = GoldenModel.Of("clip");

    public void Dispose()
    {
        folder.Dispose();
        model.Dispose();
    }

    [Theory]
    [InlineData("lora_qv", 4)]
    [InlineData("lora_bias", 4)]
    [InlineData("vera", 16)]
    [InlineData("vblora", 4)]
    [InlineData("hra", 4)]
    [InlineData("loha", 16)]
    [InlineData("kasa", 8)]
    [InlineData("bdlora", 4)]
    [InlineData("lora_bias_b", 4)]
    [InlineData("hra_bias", 4)]
    public void A_change_of_low_rank_is_written_exactly_with_no_higher_rank(string name, int rank)
    {
        var (layers, errors) = Convert(name, largestRank: 64);
        Assert.All(layers, layer => Assert.True(layer.IsExact && layer.Rank <= rank, layer.ToString()));
        Assert.All(errors, error => Assert.InRange(error, 0, 1e-4));
    }

    [Theory]
    [InlineData("lora-xs", 4)]
    [InlineData("lora-sb", 4)]
    [InlineData("nlora", 4)]
    [InlineData("slora", 4)]
    [InlineData("lamda", 4)]
    [InlineData("sora", 3)]
    [InlineData("loldu", 4)]
    [InlineData("block-lora", 2)]
    [InlineData("lofit", 16)]
    public void A_papers_change_is_written_exactly_with_no_higher_rank(string family, int rank)
    {
        var (layers, errors) = ConvertAt(PaperAdapter.Write(folder, family), family, largestRank: 64);
        Assert.All(layers, layer => Assert.True(layer.IsExact && layer.Rank <= rank, layer.ToString()));
        Assert.All(errors, error => Assert.InRange(error, 0, 1e-4));
    }

    [Theory]
    [InlineData("ia3")]
    [InlineData("lokr")]
    [InlineData("oft")]
    [InlineData("boft")]
    [InlineData("fourierft")]
    [InlineData("randlora")]
    [InlineData("dora_all")]
    public void Every_family_is_exact_where_the_rank_may_be_that_of_the_layer(string name)
    {
        var (layers, errors) = Convert(name, largestRank: 64);
        Assert.All(layers, layer => Assert.True(layer.IsExact, layer.ToString()));
        Assert.All(errors, error => Assert.InRange(error, 0, 1e-4));
    }

    [Theory]
    [InlineData("ia3")]
    [InlineData("oft")]
    [InlineData("randlora")]
    public void What_a_rank_cannot_hold_is_said_to_be_lacking(string name)
    {
        var (layers, errors) = Convert(name, largestRank: 8);
        Assert.All(layers, layer => Assert.Equal((8, false), (layer.Rank, layer.IsExact)));
        foreach (var (layer, error) in layers.Zip(errors))
            Assert.Equal(layer.RelativeError, error, 1e-4);
    }

    [Fact]
    public void Head_and_class_names_go_along()
    {
        using var scope = torch.NewDisposeScope();
        var source = DamagedAdapter.Copy(folder, "vera");
        using var lora = new Adapter(
            "lora",
            "",
            new Dictionary<string, LayerAdapter>
            {
                ["layers.0.q"] = new LoraLayer("layers.0.q", torch.ones([1, 64]), torch.ones([64, 1]), 1),
            },
            new ClassificationHead(torch.randn(2, 48)),
            ["cup", "chair"]
        );
        PeftWriter.Write(folder.PathOf("head"), lora, model.Layers, "tiny");
        foreach (var name in new[] { "head.safetensors", "classes.json" })
            File.Copy(folder.PathOf("head", name), Path.Combine(source, name));

        using var vera = AdapterCatalog.Default.Load(source, model.Layers);
        using var converted = LoraConversion.Of(vera, model.Layers, Read, 64, TestContext.Current.CancellationToken);
        Assert.Equal(["cup", "chair"], converted.Adapter.ClassNames);
        Assert.Equal(vera.Head!.Weight.data<float>().ToArray(), converted.Adapter.Head!.Weight.data<float>().ToArray());
    }

    /// <summary>Converts, writes, reads again; the errors are worked out from the weights that come out.</summary>
    private (IReadOnlyList<ConvertedLayer> Layers, double[] Errors) Convert(string name, int largestRank) =>
        ConvertAt(GoldenModel.AdapterPath("clip", name), name, largestRank);

    private (IReadOnlyList<ConvertedLayer> Layers, double[] Errors) ConvertAt(string path, string name, int largestRank)
    {
        using var scope = torch.NewDisposeScope();
        using var adapter = AdapterCatalog.Default.Load(path, model.Layers);
        using var converted = LoraConversion.Of(adapter, model.Layers, Read, largestRank, TestContext.Current.CancellationToken);
        PeftWriter.Write(folder.PathOf(name), converted.Adapter, model.Layers, "tiny");
        using var lora = AdapterCatalog.Default.Load(folder.PathOf(name), model.Layers);
        Assert.Equal(("lora", adapter.Layers.Count), (lora.Family, lora.Layers.Count));
        var errors = converted.Layers.Select(entry =>
        {
            var layer = model.Layers.Single(layer => layer.Name == entry.Layer);
            var (expected, expectedBias) = adapter.Layers[layer.Name].Merge(model.Weight(layer), model.Bias(layer));
            var (actual, actualBias) = lora.Layers[layer.Name].Merge(model.Weight(layer), model.Bias(layer));
            Assert.InRange(Formula.RelativeError(actualBias!, expectedBias!), 0, 1e-6);
            return ((expected - actual).norm() / (expected - model.Weight(layer)).norm()).item<float>();
        });
        return (converted.Layers, [.. errors.Select(error => (double)error)]);
    }

    private (torch.Tensor Weight, torch.Tensor? Bias) Read(AdaptableLayer layer) => (model.Weight(layer), model.Bias(layer));
}
