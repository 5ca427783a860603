using Microsoft.AspNetCore.Http;

namespace LoraRecycle.Core.Tests.Hub;

/// <summary>Which host hears what.</summary>
public class PullHostTests
{
    private const string Token = "hf_secret";

    [Fact]
    public async Task The_token_goes_to_the_hub_and_to_no_host_that_it_leads_to()
    {
        await using var site = await PullSite.MakeAsync();
        site.AddModel().Token = Token;
        site.Token = Token;

        await site.PullAsync();

        var (hub, store) = (new Uri(site.Hub.Endpoint).Authority, new Uri(site.Hub.Store).Authority);
        Assert.Equal(new HashSet<string> { hub, store }, site.Hub.Requests.Select(request => request.Host).ToHashSet());
        Assert.All(
            site.Hub.Requests,
            request => Assert.Equal(request.Host == hub ? $"Bearer {Token}" : "", request.Authorization)
        );
        Assert.DoesNotContain(site.Hub.Requests, request => request.Host == store && request.Method == "HEAD");
    }

    [Fact]
    public async Task An_api_that_leads_to_another_host_does_not_hand_it_the_token()
    {
        await using var site = await PullSite.MakeAsync();
        site.Token = Token;
        Lead(site, path => $"{site.Hub.Store}{path}?stolen");

        await site.FailedAsync();

        Assert.Contains(site.Hub.Requests, request => request.Host == new Uri(site.Hub.Store).Authority);
        Assert.All(
            site.Hub.Requests.Where(request => request.Host == new Uri(site.Hub.Store).Authority),
            request => Assert.Equal("", request.Authorization)
        );
    }

    [Fact]
    public async Task Redirects_without_an_end_are_not_followed_for_ever()
    {
        await using var site = await PullSite.MakeAsync();
        Lead(site, path => path);
        Assert.Contains("leads on and on", await site.FailedAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("ftp://127.0.0.1/model")]
    public async Task A_redirect_out_of_the_web_is_not_followed(string address)
    {
        await using var site = await PullSite.MakeAsync();
        Lead(site, _ => address);
        Assert.Contains("expected https", await site.FailedAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_is_signed_is_not_shown()
    {
        await using var site = await PullSite.MakeAsync();
        site.AddModel();
        site.Hub.Instead = context =>
        {
            var isStore = context.Request.Host.Value == new Uri(site.Hub.Store).Authority;
            if (isStore) context.Response.StatusCode = StatusCodes.Status418ImATeapot;
            return Task.FromResult(isStore);
        };
        var message = await site.FailedAsync();
        Assert.Contains("where the hub keeps files of maker/seer, answers 418", message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret-of-the-store", message, StringComparison.Ordinal);
    }

    /// <summary>Answers every request with a redirect.</summary>
    private static void Lead(PullSite site, Func<string, string> to) =>
        site.Hub.Instead = context =>
        {
            if (context.Request.Query.ContainsKey("stolen")) return Task.FromResult(true);
            context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
            context.Response.Headers.Location = to(context.Request.Path.Value!);
            return Task.FromResult(true);
        };
}
