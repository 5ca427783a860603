using System.Text.Json.Nodes;
using LoraRecycle.Core.Markets;

namespace LoraRecycle.Core.Tests.Tuning.Markets;

public sealed class MarketCheckTests : IDisposable
{
    private readonly ToyMarket _toy = new();

    public void Dispose() => _toy.Dispose();

    [Fact]
    public void A_sound_market_measures_what_it_lists()
    {
        _toy.Build(ToyMarket.Tasks(2));

        Assert.All(_toy.Check(), lora =>
        {
            Assert.Null(lora.Fault);
            Assert.Equal(lora.Listed, lora.Accuracy);
            Assert.NotNull(lora.Accuracy);
        });
    }

    [Fact]
    public void A_damaged_lora_is_named_and_the_others_are_checked()
    {
        _toy.Build(ToyMarket.Tasks(3, steps: 2));
        File.WriteAllText(Path.Combine(_toy.Path, "tints-001", "adapter_model.safetensors"), "damaged");

        var found = _toy.Check();

        Assert.Equal([null, "tints-001", null], found.Select(lora => lora.Fault is null ? null : lora.Name));
        Assert.Contains("adapter_model.safetensors", found[1].Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("model", "\"other\"", "tuned on other, but this model is tiny")]
    [InlineData("revision", "\"00\"", "differ from the listed ones")]
    [InlineData("classes", """["a", "b", "c"]""", "'a, b, c'")]
    [InlineData("heldOutAccuracy", "0.01", "listed with 1")]
    public void What_differs_from_the_list_is_a_fault(string setting, string value, string expected)
    {
        _toy.Build(ToyMarket.Tasks(1, steps: 2));
        Change(market => market["loras"]![0]![setting] = JsonNode.Parse(value));

        Assert.Contains(expected, Assert.Single(_toy.Check()).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_its_images_a_lora_is_only_loaded()
    {
        _toy.Build(ToyMarket.Tasks(1, steps: 2));
        Change(market => market["loras"]![0]!["dataSet"] = "elsewhere");

        var found = Assert.Single(_toy.Check());

        Assert.Equal((null, null), (found.Accuracy, found.Fault));
    }

    private void Change(Action<JsonNode> change)
    {
        var path = Path.Combine(_toy.Path, Market.FileName);
        var market = JsonNode.Parse(File.ReadAllText(path))!;
        change(market);
        File.WriteAllText(path, market.ToJsonString());
    }
}
