using LoraRecycle.Tests;
using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

public sealed class MarketTests(Chromium chromium, PageServer server, EmptyMarketServer empty) : IClassFixture<EmptyMarketServer>
{
    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task Loras_are_listed_filtered_and_their_spectrum_is_drawn(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen, "#/market");
        await visit.SeesAsync("caltech101-72-000");
        await visit.Page.Locator("#filter-name").FillAsync("caltech101-72-00?");
        await visit.Button("Filter").ClickAsync();
        await visit.WaitAsync("document.querySelectorAll('.loras tbody tr').length === 10");
        await visit.LookAsync("market");

        await visit.Button("Spectrum of caltech101-72-000").ClickAsync();
        await visit.WaitAsync("document.querySelector('img.spectrum')?.naturalWidth > 0");
        await visit.SeesAsync("Figures");
        await visit.LookAsync("spectrum");
    }

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task What_an_adapter_does_not_have_is_said_where_it_would_be(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        const string Mixture = """
            {"id":"0123456789abcdef0123456789abcdef","name":"experts","origin":"uploaded","model":"vit-s-12-96","family":"mixlora","rank":null,"targets":["mlp","v","q"],
             "parameters":4096,"classCount":5,"classes":[],"bytes":2048,"added":"2026-01-02T03:04:05Z","inUse":false}
            """;
        await visit.Page.RouteAsync(
            "**/loras?**",
            route =>
                route.FulfillAsync(
                    Json(
                        $$"""{"loras":[{{Mixture}},{{Mixture.Replace(":5,", ":null,", StringComparison.Ordinal).Replace("experts", "headless", StringComparison.Ordinal)}}],"next":null}"""
                    )
                )
        );
        await visit.Page.RouteAsync(
            "**/loras/0123*",
            route =>
                route.FulfillAsync(Json($$"""{"lora": {{Mixture}} ,"spectrum":{"directions":10,"intruderCosine":0.5,"layers":[] } }"""))
        );
        await visit.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Market" }).ClickAsync();
        var rows = visit.Page.Locator(".loras tbody tr");
        await visit.SeesAsync(rows);
        Assert.Equal(
            ["mixlora", "–", "q v mlp", "5 classes"],
            (await rows.First.Locator("td[data-label]").AllInnerTextsAsync()).Take(4)
        );
        Assert.Contains("no head", await rows.Last.InnerTextAsync(), StringComparison.Ordinal);

        await visit.Button("Spectrum of experts").ClickAsync();
        await visit.SeesAsync("This LoRA changes no weights");
        Assert.Equal(0, await visit.Page.Locator("img.spectrum, dialog details").CountAsync());
        await visit.LookAsync("no-spectrum");
        await visit.Button("Close").ClickAsync();

        await visit.Page.GotoAsync($"{server.Address}/#/recycle/new");
        await visit.SeesAsync("1 LoRA has no head and cannot be inverted.");
    }

    private static RouteFulfillOptions Json(string body) => new() { ContentType = "application/json", Body = body };

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task A_lora_is_uploaded_listed_and_deleted_after_a_question(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(empty.Address, screen, "#/market");
        await visit.SeesAsync("No LoRAs match.");
        var files = visit.Page.Locator("#upload-files");
        await files.SetInputFilesAsync(
            new FilePayload
            {
                Name = "adapter_model.safetensors",
                MimeType = "",
                Buffer = "no tensors"u8.ToArray(),
            }
        );
        await visit.Button("Upload").ClickAsync();
        await visit.SeesAsync(visit.Page.Locator("#upload-status .bad"));

        await files.SetInputFilesAsync(Directory.GetFiles(Repository.PathOf("models", "market", "caltech101-72-000")));
        await visit.Page.GetByLabel("Name (optional)").FillAsync("flowers and more");
        await visit.Button("Upload").ClickAsync();
        await visit.SeesAsync("“flowers and more” was added.");
        await visit.LookAsync("uploaded");

        await visit.Button("Delete flowers and more").ClickAsync();
        await visit.SeesAsync("This cannot be undone.");
        await visit.Button("Delete").ClickAsync();
        await visit.SeesAsync("“flowers and more” was deleted.");
        await visit.SeesAsync("No LoRAs match.");
    }
}
