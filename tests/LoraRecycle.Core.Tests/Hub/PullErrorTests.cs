using System.Text;
using LoraRecycle.Tests;

namespace LoraRecycle.Core.Tests.Hub;

public class PullErrorTests
{
    [Fact]
    public async Task A_repository_that_is_not_there_may_be_private()
    {
        await using var site = await PullSite.MakeAsync();
        Assert.Contains("there is no repository maker/seer at 127.0.0.1", await site.MissedAsync(), StringComparison.Ordinal);
        Assert.Contains("set HF_TOKEN to a token that may read it", await site.MissedAsync(), StringComparison.Ordinal);
        site.Token = "hf_of-somebody";
        Assert.Contains("the token must be of an account that may read it", await site.MissedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_revision_that_is_not_there_is_named()
    {
        await using var site = await PullSite.MakeAsync();
        site.AddModel();
        Assert.Contains("maker/seer has no revision 'v9'", await site.MissedAsync("maker/seer@v9"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_token_is_told_and_not_shown()
    {
        await using var site = await PullSite.MakeAsync();
        site.AddModel().Token = "hf_the-right-one";
        site.Token = "hf_a-wrong-one";
        var message = await site.FailedAsync();
        Assert.Contains("does not accept the token", message, StringComparison.Ordinal);
        Assert.DoesNotContain("a-wrong-one", message, StringComparison.Ordinal);

        site.Token = "hf_the-right-one";
        Assert.Equal(3, (await site.PullAsync()).Files.Count);
    }

    [Fact]
    public async Task A_gated_model_says_where_its_terms_are()
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel();
        (repository.Token, repository.IsGated) = ("hf_accepted", true);
        Assert.Contains(
            $"is gated. Accept its terms at {site.Hub.Endpoint}/maker/seer, and set HF_TOKEN",
            await site.FailedAsync(),
            StringComparison.Ordinal
        );
        site.Token = "hf_not-yet";
        Assert.Contains("with the account that the token is of", await site.FailedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_that_may_not_is_told_apart_from_a_gate()
    {
        await using var site = await PullSite.MakeAsync();
        site.Token = "hf_little";
        Answer(site, 403);
        Assert.Contains("does not let this token read maker/seer", await site.FailedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_requests_say_how_long_to_wait_and_a_short_wait_is_waited()
    {
        await using var site = await PullSite.MakeAsync();
        site.AddModel();
        Answer(site, 429, ("Retry-After", "120"));
        Assert.Contains("too many requests from here, and asks to wait 120 s", await site.FailedAsync(), StringComparison.Ordinal);
        Assert.Single(site.Hub.Requests);

        Answer(site, 429, ("RateLimit", "\"api\";r=0;t=77"));
        Assert.Contains("asks to wait 77 s", await site.FailedAsync(), StringComparison.Ordinal);

        var refused = 0;
        site.Hub.Instead = context =>
        {
            if (++refused > 2) return Task.FromResult(false);
            context.Response.StatusCode = 429;
            context.Response.Headers.RetryAfter = "0";
            return Task.FromResult(true);
        };
        Assert.Equal(3, (await site.PullAsync()).Files.Count);
    }

    [Fact]
    public async Task A_hub_that_is_down_is_asked_a_few_times()
    {
        await using var site = await PullSite.MakeAsync();
        Answer(site, 503);
        Assert.Contains("the hub answers 503 (ServiceUnavailable)", await site.FailedAsync(), StringComparison.Ordinal);
        Assert.Equal(4, site.Hub.Requests.Count);
    }

    [Fact]
    public async Task No_network_names_the_host_that_cannot_be_reached()
    {
        await using var site = await PullSite.MakeAsync();
        await site.Hub.DisposeAsync();
        var message = await site.FailedAsync();
        Assert.Matches("^127.0.0.1:[0-9]+ cannot be reached, or broke off: Connection refused. Check the network", message);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public async Task A_host_that_sends_nothing_more_is_not_waited_for()
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel();
        site.Timeout = TimeSpan.FromSeconds(0.3);
        repository.Deliver = async (file, response, bytes) =>
        {
            if (TestRepository.IsLarge(file)) await Task.Delay(-1, response.HttpContext.RequestAborted);
            await response.Body.WriteAsync(bytes);
        };
        Assert.Matches("^localhost:[0-9]+ sent nothing for", await site.FailedAsync());
    }

    [Theory]
    [InlineData("<html>Log in to this network</html>", "something that is no JSON")]
    [InlineData("{}", "no commit and no files")]
    [InlineData("""{"sha": "../../../etc", "siblings": []}""", "no commit and no files")]
    public async Task What_is_no_hub_is_told_as_that(string answer, string because)
    {
        await using var site = await PullSite.MakeAsync();
        site.Hub.Instead = async context =>
        {
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(answer));
            return true;
        };
        Assert.Contains(
            $"does not answer as the Hugging Face Hub does: it sends {because}",
            await site.FailedAsync(),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public async Task Pickles_are_never_fetched()
    {
        await using var site = await PullSite.MakeAsync();
        site.AddModel().Files.Remove("model.safetensors");
        var message = await site.MissedAsync();
        Assert.Contains("has its weights as 'pytorch_model.bin' alone. That is a pickle", message, StringComparison.Ordinal);
        Assert.Contains("safetensors/convert", message, StringComparison.Ordinal);
        Assert.Single(site.Hub.Requests);
    }

    [Fact]
    public async Task A_language_model_is_refused_before_its_weights_come()
    {
        await using var site = await PullSite.MakeAsync();
        site.AddModel().Files.Remove("preprocessor_config.json");
        Assert.Contains("neither preprocessor_config.json nor processor_config.json", await site.MissedAsync(), StringComparison.Ordinal);
        Assert.Single(site.Hub.Requests);
    }

    [Theory]
    [InlineData("../../../../evil.safetensors")]
    [InlineData("/etc/evil.safetensors")]
    [InlineData("..\\\\evil.safetensors")]
    [InlineData("folder/evil.safetensors")]
    public async Task An_index_leads_to_no_file_elsewhere(string shard)
    {
        await using var site = await PullSite.MakeAsync();
        var repository = site.AddModel();
        repository.Files.Remove("model.safetensors");
        repository.Files["model.safetensors.index.json"] = Encoding.UTF8.GetBytes($$$"""{"weight_map": {"a": "{{{shard}}}"}}""");
        repository.AlsoListed.Add(shard);
        Assert.Contains("expected the plain name of a .safetensors file", await site.MissedAsync(), StringComparison.Ordinal);
        Assert.Null(site.Cache.FindModel(PullSite.Name));
    }

    [Theory]
    [InlineData("../../../evil.safetensors")]
    [InlineData("/tmp/evil.safetensors")]
    [InlineData(".safetensors")]
    [InlineData("C:evil.safetensors")]
    public async Task Names_that_lead_elsewhere_are_no_files_of_an_adapter(string name)
    {
        await using var site = await PullSite.MakeAsync();
        site.Hub.Add(PullSite.Name).AlsoListed.Add(name);
        Assert.Contains("has nothing to use", await site.MissedAsync(asAdapter: true), StringComparison.Ordinal);
        Assert.False(Directory.Exists(site.Root));
    }

    [Theory]
    [InlineData("\"../../../evil\"")]
    [InlineData("\"\"")]
    public async Task A_tag_that_leads_elsewhere_names_no_blob(string tag)
    {
        await using var site = await PullSite.MakeAsync();
        site.AddModel();
        site.Hub.Instead = context =>
        {
            if (context.Request.Method != "HEAD") return Task.FromResult(false);
            context.Response.Headers["X-Linked-Etag"] = tag;
            context.Response.Headers["X-Linked-Size"] = "5";
            return Task.FromResult(true);
        };
        Assert.Contains("no tag, no size or no hash", await site.FailedAsync(), StringComparison.Ordinal);
        Assert.False(Directory.Exists(site.Root));
    }

    [Fact]
    public async Task A_file_beyond_all_bounds_is_not_begun()
    {
        await using var site = await PullSite.MakeAsync();
        site.AddModel();
        site.Hub.Instead = context =>
        {
            context.Response.Headers["X-Linked-Size"] = "60000000000";
            context.Response.Headers["X-Linked-Etag"] = $"\"{new string('a', 64)}\"";
            return Task.FromResult(context.Request.Method == "HEAD");
        };
        Assert.Contains("has 60.0 GB; expected at most 50.0 GB", await site.MissedAsync(), StringComparison.Ordinal);
    }

    private static void Answer(PullSite site, int status, params (string Name, string Value)[] headers) =>
        site.Hub.Instead = context =>
        {
            context.Response.StatusCode = status;
            foreach (var (name, value) in headers)
                context.Response.Headers[name] = value;
            return Task.FromResult(true);
        };
}
