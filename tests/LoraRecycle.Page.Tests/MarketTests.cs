using LoraRecycle.Tests;
using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

public sealed class MarketTests(Chromium chromium, PageServer server) : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-page-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

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
    public async Task A_lora_is_uploaded_listed_and_deleted_after_a_question(Screen screen)
    {
        await using var empty = await PageServer.StartAsync(_data, "--Loras:Market=none");
        await using var visit = await chromium.VisitAsync(empty.Address, screen, "#/market");
        await visit.SeesAsync("No LoRA fits.");
        var files = visit.Page.Locator("#upload-files");
        await files.SetInputFilesAsync(new FilePayload { Name = "adapter_model.safetensors", MimeType = "", Buffer = "no tensors"u8.ToArray() });
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
        await visit.SeesAsync("No LoRA fits.");
    }
}
