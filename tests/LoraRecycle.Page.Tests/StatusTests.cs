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
        Assert.Contains(
            "vit-s-12-96",
            await visit.Page.GetByLabel("Model", new PageGetByLabelOptions { Exact = true }).InnerTextAsync(),
            StringComparison.Ordinal
        );
        Assert.Contains("Waiting pictures", await visit.Page.GetByLabel("Queue and cache").InnerTextAsync(), StringComparison.Ordinal);
        await visit.SeesAsync(visit.Page.GetByLabel("Last errors of the server").GetByText("None since"));
        await visit.LookAsync("status");

        using var http = new HttpClient();
        foreach (var link in await visit.Page.GetByLabel("Documentation").GetByRole(AriaRole.Link).AllAsync())
        {
            using var answer = await http.GetAsync(
                new Uri(new Uri(server.Address + "/"), await link.GetAttributeAsync("href")),
                TestContext.Current.CancellationToken
            );
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task The_manual_is_read_where_there_is_no_network(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen, "#/status");
        await visit.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Manual" }).ClickAsync();
        await visit.SeesAsync(visit.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "Ask over HTTP" }));
        await visit.LookAsync("manual");
        await visit
            .Page.GetByLabel("Documents")
            .GetByRole(AriaRole.Link, new LocatorGetByRoleOptions { Name = "The HTTP interface" })
            .ClickAsync();
        await visit.SeesAsync(visit.Page.GetByRole(AriaRole.Heading, new PageGetByRoleOptions { Name = "POST /classify" }));
        await visit.LookAsync("manual-api");
    }

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task What_went_wrong_on_the_server_is_told_with_the_request_that_met_it(Screen screen)
    {
        var data = Directory.CreateTempSubdirectory("lora-recycle-page-").FullName;
        try
        {
            // No database: a folder is in its place.
            Directory.CreateDirectory(Path.Combine(data, "state.db"));
            await using var broken = await PageServer.StartTinyAsync(data);
            using var http = new HttpClient();
            using var failed = await http.GetAsync(new Uri($"{broken.Address}/tasks"), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);

            await using var visit = await chromium.VisitAsync(broken.Address, screen, "#/status");
            var card = visit.Page.GetByLabel("Last errors of the server");
            await visit.SeesAsync(card.GetByText(failed.Headers.GetValues("X-Request-Id").Single()));
            Assert.Contains("A request ended with state-unavailable", await card.InnerTextAsync(), StringComparison.Ordinal);
            Assert.Contains("GET /tasks", await card.InnerTextAsync(), StringComparison.Ordinal);
            await visit.LookAsync("status-errors");
        }
        finally
        {
            Directory.Delete(data, recursive: true);
        }
    }
}
