using LoraRecycle.EndToEnd;
using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

public sealed class ErrorTests(Chromium chromium, PageServer server) : IDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("lora-recycle-page-").FullName;

    public void Dispose() => Directory.Delete(_data, recursive: true);

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task A_text_called_a_picture_and_a_huge_file_say_why_in_their_places_and_the_others_are_answered(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.AddCupsAndChairsAsync();
        await visit.Page.GetByLabel("Add pictures to cup").SetInputFilesAsync(Pictures.Text);
        await visit.QueryInput().SetInputFilesAsync(Pictures.Huge(1));
        await visit.ClassifyAsync();

        Assert.Contains(
            "notes.jpg: The file is not an image in a supported format.",
            await visit.Page.Locator(".class").First.InnerTextAsync(),
            StringComparison.Ordinal
        );
        var huge = await visit.Page.Locator(".query").Last.InnerTextAsync();
        Assert.Contains("The file is too large.", huge, StringComparison.Ordinal);
        Assert.Contains("The server accepts at most 16,777,216 bytes", huge, StringComparison.Ordinal);
        Assert.Contains(
            "2 files could not be used",
            await visit.Page.Locator("#classify-status").InnerTextAsync(),
            StringComparison.Ordinal
        );
        Assert.Equal(["cup", "chair"], await visit.VerdictsAsync());
        await visit.LookAsync("refused");
    }

    [Fact]
    public async Task A_file_that_is_no_picture_is_refused_as_soon_as_it_is_chosen()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        var asked = 0;
        visit.Page.Request += (_, request) => asked += request.Method == "POST" ? 1 : 0;
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 1));
        await visit.Page.GetByLabel("Add pictures to cup").SetInputFilesAsync(Pictures.Text);
        await visit.SeesAsync(visit.Page.Locator(".class").First.GetByText("The file is not an image in a supported format."));
        await visit.QueryInput().SetInputFilesAsync([.. Pictures.Huge(1), .. Pictures.Of("cup", 1, 1)]);
        await visit.SeesAsync("The file is too large.");
        Assert.Equal(1, await visit.Page.Locator(".query.refused").CountAsync());
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task What_is_missing_is_said_before_anything_is_sent()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.Button("Classify").ClickAsync();
        await visit.SeesAsync("Give examples of at least two classes");
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 1));
        await visit.Button("Classify").ClickAsync();
        await visit.SeesAsync("Give at least two classes with a picture each.");
    }

    [Fact]
    public async Task A_page_that_is_there_before_the_model_says_so_until_it_is_loaded()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        var asked = 0;
        await visit.Page.RouteAsync(
            "**/healthz/ready",
            route =>
                Interlocked.Increment(ref asked) <= 2
                    ? route.FulfillAsync(
                        new RouteFulfillOptions
                        {
                            Status = 503,
                            ContentType = "application/json",
                            Body = """{"status":"Unhealthy","checks":{"model":"The model is being loaded on cpu."}}""",
                        }
                    )
                    : route.ContinueAsync()
        );
        await visit.Page.ReloadAsync();
        await visit.SeesAsync("The model is being loaded on cpu. You can add pictures now");
        await visit.Page.Locator("#readiness").WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Hidden });
        Assert.Equal(3, asked);
    }

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task A_server_that_is_gone_is_told_of_until_it_is_back(Screen screen)
    {
        var gone = await PageServer.StartTinyAsync(_data);
        await using var visit = await chromium.VisitAsync(gone.Address, screen);
        await visit.AddCupsAndChairsAsync();
        await gone.KillAsync();
        await visit.Button("Classify").ClickAsync();
        var banner = visit.Page.Locator("#connection");
        await visit.SeesAsync(banner);
        Assert.Contains(
            "The server does not answer.",
            await visit.Page.Locator("#classify-status").InnerTextAsync(),
            StringComparison.Ordinal
        );
        await visit.LookAsync("gone");

        await using var again = await PageServer.StartTinyAsync(_data, $"--url={gone.Address}");
        await banner.WaitForAsync(new LocatorWaitForOptions { State = WaitForSelectorState.Hidden });
        await visit.ClassifyAsync();
        Assert.Equal(2, (await visit.VerdictsAsync()).Count);
        await gone.DisposeAsync();
    }

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task A_key_is_asked_for_a_wrong_one_is_refused_and_a_good_one_is_kept_for_the_tab(Screen screen)
    {
        var (_, token, _) = await CommandLineProcess.RunAsync(
            CommandLineProcess.Program,
            "key",
            "create",
            "--name",
            "page",
            "--scopes",
            "classify,tasks,market,admin",
            "--data-dir",
            _data,
            "--json"
        );
        token = (string)System.Text.Json.Nodes.JsonNode.Parse(token)!["token"]!;
        await using var locked = await PageServer.StartTinyAsync(_data);
        await using var visit = await chromium.VisitAsync(locked.Address, screen);
        await visit.SeesAsync("The server requires an API key.");
        await visit.LookAsync("key");
        await visit.Page.GetByLabel("Token").FillAsync("wrong");
        await visit.Button("Use this key").ClickAsync();
        await visit.SeesAsync("The server does not accept this key.");
        await visit.Page.GetByLabel("Token").FillAsync(token);
        await visit.Button("Use this key").ClickAsync();
        await visit.SeesAsync(visit.Button("API key ✓"));

        await visit.Page.ReloadAsync();
        await visit.Page.GotoAsync($"{locked.Address}/#/status");
        await visit.SeesAsync("48 values");
        Assert.False(await visit.Page.GetByRole(AriaRole.Dialog).IsVisibleAsync());
    }
}
