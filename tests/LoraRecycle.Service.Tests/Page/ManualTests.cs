using System.Net;
using System.Text.RegularExpressions;
using LoraRecycle.Service.Features.Page.Manual;
using LoraRecycle.Service.Tests.Keys;
using LoraRecycle.Tests;

namespace LoraRecycle.Service.Tests.Page;

public sealed partial class ManualTests(RunningService service)
{
    [Fact]
    public async Task Every_document_of_the_product_can_be_read_without_a_key_and_its_links_lead_somewhere()
    {
        await using var locked = await KeyedService.StartAsync(store => store.Create("shop", ["classify"]));
        using var first = await locked.GetAsync("/manual");
        Assert.Equal("/manual/README.md", first.RequestMessage!.RequestUri!.AbsolutePath); // redirected
        string[] documents =
        [
            "README.md",
            .. Directory.GetFiles(Repository.PathOf("docs"), "*.md").Select(path => $"docs/{Path.GetFileName(path)}"),
        ];
        foreach (var document in documents)
        {
            using var response = await locked.GetAsync($"/manual/{document}");
            Assert.Equal((HttpStatusCode.OK, "text/html"), (response.StatusCode, response.Content.Headers.ContentType?.MediaType));
            var html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            foreach (Match link in Link().Matches(html))
            {
                var target = new Uri(response.RequestMessage!.RequestUri!, WebUtility.HtmlDecode(link.Groups[1].Value));
                if (target.Host != locked.Client.BaseAddress!.Host)
                    continue; // papers and projects elsewhere
                using var linked = await locked.GetAsync(target.PathAndQuery);
                Assert.True(linked.IsSuccessStatusCode, $"{document} links to {link.Groups[1].Value}, which is {linked.StatusCode}.");
                if (target.Fragment.Length > 1 && target.AbsolutePath.StartsWith("/manual/", StringComparison.Ordinal))
                    Assert.Contains(
                        $"id=\"{target.Fragment[1..]}\"",
                        target.AbsolutePath == $"/manual/{document}"
                            ? html
                            : await linked.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
                        StringComparison.Ordinal
                    );
            }
        }
    }

    [Fact]
    public async Task Tables_code_and_names_of_documents_are_what_they_look_like_in_the_source()
    {
        using var response = await service.Client.GetAsync(
            new Uri("/manual/docs/operations.md", UriKind.Relative),
            TestContext.Current.CancellationToken
        );
        var html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("<td><code>/healthz/live</code></td>", html, StringComparison.Ordinal);
        Assert.Contains("<a href=\"../docs/api.md\"><code>docs/api.md</code></a>", html, StringComparison.Ordinal);
        Assert.Contains("aria-current=\"page\">Operations</a>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("&lt;!--", html, StringComparison.Ordinal); // remarks for whoever writes it
        Assert.Matches("<pre tabindex=\"0\"><code>./run key create", html);
    }

    [Fact]
    public async Task A_picture_of_a_document_is_there()
    {
        Assert.Contains(ManualPages.Files, file => file.Path == "docs/images/classify.jpg");
        using var response = await service.Client.GetAsync(
            new Uri("/manual/docs/images/classify.jpg", UriKind.Relative),
            TestContext.Current.CancellationToken
        );
        Assert.Equal("image/jpeg", response.Content.Headers.ContentType?.MediaType);
    }

    [GeneratedRegex("(?:href|src)=\"([^\"]+)\"")]
    private static partial Regex Link();
}
