using System.Net;
using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

public sealed class StatusTests(Chromium chromium, PageServer server)
{
    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task The_state_of_the_server_and_its_devices_is_shown_with_links_that_lead_somewhere(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen, "#/status");
        await visit.SeesAsync("Healthy");
        Assert.Contains("vit-xs-8-64", await visit.Page.GetByLabel("Model", new PageGetByLabelOptions { Exact = true }).InnerTextAsync(), StringComparison.Ordinal);
        Assert.Contains("Waiting pictures", await visit.Page.GetByLabel("Queue and cache").InnerTextAsync(), StringComparison.Ordinal);
        await visit.LookAsync("status");

        using var http = new HttpClient();
        foreach (var link in await visit.Page.GetByLabel("Documentation").GetByRole(AriaRole.Link).AllAsync())
        {
            using var answer = await http.GetAsync(new Uri(new Uri(server.Address + "/"), await link.GetAttributeAsync("href")), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }
}
