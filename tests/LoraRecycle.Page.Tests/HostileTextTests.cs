using System.Net.Http.Json;
using System.Text.Json;
using LoraRecycle.Tests;
using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

/// <summary>Names that would be markup or a script if the page took them for that.</summary>
public sealed class HostileTextTests(Chromium chromium) : IDisposable
{
    private const string Markup = "<img src=x onerror=alert(1)><script>alert(2)</script>";

    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-page-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Fact]
    public async Task Labels_names_of_tasks_loras_classes_and_files_are_shown_as_the_text_that_they_are()
    {
        await using var server = await PageServer.StartAsync(_data, "--Loras:Market=none");
        await KeepAsync(server.Address);
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        var dialogs = new List<string>();
        visit.Page.Dialog += (_, dialog) =>
        {
            dialogs.Add(dialog.Message);
            _ = dialog.DismissAsync();
        };

        // A class, its pictures and a query, all called so.
        var picture = new FilePayload
        {
            Name = $"{Markup.Replace("/", "", StringComparison.Ordinal)}.jpg",
            MimeType = "image/jpeg",
            Buffer = await File.ReadAllBytesAsync(Pictures.Of("cup", 0, 1)[0], TestContext.Current.CancellationToken),
        };
        await visit.Page.GetByLabel("New class").FillAsync(Markup);
        await visit.Button("Add class").ClickAsync();
        await visit.Page.GetByLabel($"Add pictures to {Markup}", new() { Exact = true }).SetInputFilesAsync(picture);
        await visit.AddClassAsync("chair", Pictures.Of("chair", 0, 1));
        await visit.QueryInput().SetInputFilesAsync(picture);
        await visit.ClassifyAsync();
        Assert.Equal([Markup], await visit.VerdictsAsync());
        await NothingIsMadeOfItAsync(visit);

        await visit.Button("Open a task…").ClickAsync();
        await visit.SeesAsync(Shown(visit));
        await NothingIsMadeOfItAsync(visit);

        foreach (var section in new[] { "#/market", "#/recycle/new", "#/status" })
        {
            await visit.Page.GotoAsync($"{server.Address}/{section}");
            if (section != "#/status")
                await visit.SeesAsync(Shown(visit));
            await NothingIsMadeOfItAsync(visit);
        }
        await visit.Page.GotoAsync($"{server.Address}/swagger/index.html?urls.primaryName={Uri.EscapeDataString(Markup)}");
        await visit.SeesAsync(visit.Page.Locator(".swagger-ui .title"));
        await NothingIsMadeOfItAsync(visit);
        await visit.Page.GotoAsync($"{server.Address}/manual/README.md#{Uri.EscapeDataString(Markup)}");
        await NothingIsMadeOfItAsync(visit);
        Assert.Empty(dialogs);
    }

    private static ILocator Shown(Visit visit) => visit.Page.GetByText(Markup).Locator("visible=true");

    private static async Task NothingIsMadeOfItAsync(Visit visit) =>
        Assert.Equal(0, await visit.Page.Locator("img[src=x], script:text('alert')").CountAsync());

    /// <summary>A task and a LoRA that have it for a name, and classes that have it, too.</summary>
    private static async Task KeepAsync(string address)
    {
        using var http = new HttpClient { BaseAddress = new Uri(address) };
        var support = new[] { ("cup", Markup), ("chair", "chair") }.Select(pair => new
        {
            label = pair.Item2,
            images = new[] { Convert.ToBase64String(File.ReadAllBytes(Pictures.Of(pair.Item1, 0, 1)[0])) },
        });
        using var task = await http.PostAsJsonAsync("/tasks", new { name = Markup, support }, TestContext.Current.CancellationToken);
        Assert.True(task.IsSuccessStatusCode, await task.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        using var form = new MultipartFormDataContent { { new StringContent(Markup), "name" } };
        foreach (var path in Directory.GetFiles(Repository.PathOf("models", "market", "caltech101-72-000")))
        {
            var bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            if (Path.GetFileName(path) == "classes.json")
                bytes = JsonSerializer.SerializeToUtf8Bytes(
                    JsonSerializer.Deserialize<string[]>(bytes)!.Select((name, i) => i == 0 ? Markup : name).ToArray());
            form.Add(new ByteArrayContent(bytes), Path.GetFileName(path), Path.GetFileName(path));
        }
        using var lora = await http.PostAsync("/loras", form, TestContext.Current.CancellationToken);
        Assert.True(lora.IsSuccessStatusCode, await lora.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }
}
