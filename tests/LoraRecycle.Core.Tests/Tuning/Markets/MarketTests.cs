using LoraRecycle.Core.Markets;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.Tuning.Markets;

public sealed class MarketTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_folder_without_a_list_is_no_market() =>
        Assert.Contains("No market", Assert.Throws<MarketException>(() => Market.Open(_folder.Path)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"loras": []}""", "is empty")]
    [InlineData("{", "is damaged")]
    [InlineData("null", "is damaged")]
    [InlineData("""{"loras": null}""", "is damaged")]
    [InlineData("{}", "is damaged")]
    [InlineData("""{"loras": [null]}""", "is damaged")]
    [InlineData("""{"loras": [{"name": "x"}]}""", "is damaged")]
    public void An_empty_or_damaged_list_is_refused(string list, string expected)
    {
        File.WriteAllText(_folder.PathOf(Market.FileName), list);

        Assert.Contains(expected, Assert.Throws<MarketException>(() => Market.Open(_folder.Path)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../elsewhere")]
    [InlineData("/etc")]
    [InlineData("..")]
    [InlineData("a/b")]
    [InlineData("")]
    public void A_name_cannot_lead_out_of_the_folder(string name) =>
        Assert.Throws<MarketException>(() => Market.OpenOrCreate(_folder.Path).PathOf(name));
}
