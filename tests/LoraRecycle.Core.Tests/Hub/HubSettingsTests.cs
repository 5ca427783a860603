using LoraRecycle.Core.Hub;
using LoraRecycle.Core.Tests.Safetensors;

namespace LoraRecycle.Core.Tests.Hub;

public sealed class HubSettingsTests : IDisposable
{
    private static readonly string Home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);

    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_cache_is_where_pythons_tools_have_it()
    {
        Assert.Equal($"{Home}/.cache/huggingface/hub", Cache());
        Assert.Equal("/x/huggingface/hub", Cache(("XDG_CACHE_HOME", "/x")));
        Assert.Equal("/h/hub", Cache(("HF_HOME", "/h"), ("XDG_CACHE_HOME", "/x")));
        Assert.Equal("/old", Cache(("HUGGINGFACE_HUB_CACHE", "/old"), ("HF_HOME", "/h")));
        Assert.Equal("/c", Cache(("HF_HUB_CACHE", "/c"), ("HUGGINGFACE_HUB_CACHE", "/old")));
        Assert.Equal($"{Home}/c", Cache(("HF_HUB_CACHE", "~/c")));
        Assert.Equal("/d/c/d", Cache(("HF_HUB_CACHE", "$DISK/c${DISK}"), ("DISK", "/d")));
        Assert.Equal("/h/hub", Cache(("HF_HUB_CACHE", ""), ("HF_HOME", "/h")));
    }

    [Fact]
    public void The_token_is_that_of_the_environment_or_else_of_the_file_that_a_login_leaves()
    {
        File.WriteAllText(_folder.PathOf("token"), " hf_of-the-file\n");
        Assert.Equal("hf_of-the-file", From(("HF_HOME", _folder.Path)).Token);
        Assert.Equal("hf_of-the-file", From(("HF_TOKEN_PATH", _folder.PathOf("token"))).Token);
        Assert.Equal("hf_mine", From(("HF_HOME", _folder.Path), ("HF_TOKEN", "hf_mine\n")).Token);
        Assert.Null(From(("HF_HOME", _folder.Path), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")).Token);
        Assert.Null(From(("HF_HOME", _folder.PathOf("nowhere"))).Token);
    }

    [Fact]
    public void A_token_that_is_none_is_not_shown()
    {
        var message = Assert.Throws<HubContentException>(() => From(("HF_TOKEN", "hf_secret\nSet-Cookie: a"))).Message;
        Assert.Contains("HF_TOKEN holds no token", message, StringComparison.Ordinal);
        Assert.DoesNotContain("hf_secret", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("huggingface.co")]
    [InlineData("ftp://mirror")]
    [InlineData("https://me:password@mirror")]
    public void An_endpoint_that_is_no_address_is_refused_and_not_shown(string endpoint)
    {
        var message = Assert.Throws<HubContentException>(() => From(("HF_ENDPOINT", endpoint))).Message;
        Assert.Contains("HF_ENDPOINT: expected an address such as https://huggingface.co", message, StringComparison.Ordinal);
        Assert.DoesNotContain("password@", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_public_hub_is_asked_unless_another_one_is_named()
    {
        Assert.Equal("https://huggingface.co/", From().Endpoint.AbsoluteUri);
        Assert.Equal("https://mirror.example/hub/", From(("HF_ENDPOINT", "https://mirror.example/hub/")).Endpoint.AbsoluteUri);
        Assert.True(From(("HF_HUB_OFFLINE", "true")).IsOffline);
        Assert.False(From(("HF_HUB_OFFLINE", "0")).IsOffline);
        Assert.Equal(TimeSpan.FromSeconds(7), From(("HF_HUB_DOWNLOAD_TIMEOUT", "7")).Timeout);
        Assert.Throws<HubContentException>(() => From(("HF_HUB_DOWNLOAD_TIMEOUT", "soon")));
    }

    [Theory]
    [InlineData("openai/clip-vit-base-patch16", true)]
    [InlineData("Maker_1/seer.v2@refs/pr/3", true)]
    [InlineData("seer", false)]
    [InlineData("a/b/c", false)]
    [InlineData("../b", false)]
    [InlineData("a/..", false)]
    [InlineData("a--b/c", false)]
    [InlineData("a/b.git", false)]
    [InlineData("a/b@", false)]
    [InlineData("a/b@../x", false)]
    [InlineData("a/b@x/.lock", false)]
    [InlineData("a/b\n", false)]
    [InlineData("ä/b", false)]
    public void A_repository_is_named_by_the_hubs_rules(string text, bool isOne) =>
        Assert.Equal(isOne, HubReference.TryParse(text) is not null);

    private static string Cache(params (string Name, string Value)[] variables) => From(variables).Cache.Root;

    private static HubSettings From(params (string Name, string Value)[] variables)
    {
        var values = variables.ToDictionary(pair => pair.Name, pair => pair.Value);
        return HubSettings.FromEnvironment(values.GetValueOrDefault);
    }
}
