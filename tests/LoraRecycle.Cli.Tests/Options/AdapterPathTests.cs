using LoraRecycle.Cli.Hosting;
using LoraRecycle.Cli.Options;

namespace LoraRecycle.Cli.Tests.Options;

public sealed class AdapterPathTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public AdapterPathTests()
    {
        Directory.CreateDirectory(_folder["meta-loras/mine"]);
        Directory.CreateDirectory(_folder["elsewhere"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_path_is_itself_and_a_bare_id_is_looked_for_among_the_meta_loras()
    {
        Assert.Equal(_folder["elsewhere"], AdapterPath.Find(_folder["elsewhere"], _folder["meta-loras"]));
        Assert.Equal(_folder["meta-loras/mine"], AdapterPath.Find("mine", _folder["meta-loras"]));
    }

    [Theory]
    [InlineData("yours")]
    [InlineData("../elsewhere")]
    [InlineData("")]
    public void What_is_neither_is_refused_with_the_ids_that_there_are(string given) =>
        Assert.Contains(
            "which has mine.",
            Assert.Throws<UsageException>(() => AdapterPath.Find(given, _folder["meta-loras"])).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void A_model_without_meta_loras_has_none() =>
        Assert.Contains(
            "which has none.",
            Assert.Throws<UsageException>(() => AdapterPath.Find("default", _folder["nowhere"])).Message,
            StringComparison.Ordinal
        );
}
