using System.Net;
using System.Text.RegularExpressions;
using LoraRecycle.Service.Features.Page;
using LoraRecycle.Service.Tests.Keys;

namespace LoraRecycle.Service.Tests.Page;

public sealed partial class PageTests(RunningService service)
{
    [Fact]
    public async Task The_page_and_all_that_it_imports_are_there_without_a_key_and_need_nothing_from_elsewhere()
    {
        await using var locked = await KeyedService.StartAsync(store => store.Create("shop", ["classify"]));
        foreach (var file in PageFiles.All)
        {
            using var response = await locked.GetAsync(file.Path == "index.html" ? "/" : $"/page/{file.Path}");
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Contains(
                "script-src 'self'; style-src 'self'",
                response.Headers.GetValues("Content-Security-Policy").Single(),
                StringComparison.Ordinal
            );
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotMatch(Elsewhere(), text);
            var folder = new Uri($"http://page/{(file.Path == "index.html" ? "" : $"page/{file.Path}")}");
            foreach (var needed in Needed().Matches(text).Select(match => new Uri(folder, match.Groups[1].Value).AbsolutePath))
                Assert.Contains(PageFiles.All, other => $"/page/{other.Path}" == needed);
        }
    }

    [Fact]
    public async Task A_file_that_did_not_change_is_not_sent_again()
    {
        using var first = await service.Client.GetAsync("/page/js/app/main.js", TestContext.Current.CancellationToken);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/page/js/app/main.js")
        {
            Headers = { IfNoneMatch = { first.Headers.ETag! } },
        };
        using var second = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.NotModified), (first.StatusCode, second.StatusCode));
    }

    [Fact]
    public async Task A_file_that_is_not_the_one_that_is_expected_is_refused_with_a_code()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/page/js/app/main.js")
        {
            Headers = { IfMatch = { new("\"another\"") } },
        };
        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await response.IsProblemAsync(412, "precondition-failed");
    }

    [GeneratedRegex("(?:src|href)=\"https?:|@import|\\burl\\(|from 'https?:")]
    private static partial Regex Elsewhere();

    [GeneratedRegex("(?:from '|src=\"|<link [^>]*href=\")((?:\\.{1,2}/|page/)[^'\"]+)")]
    private static partial Regex Needed();
}
