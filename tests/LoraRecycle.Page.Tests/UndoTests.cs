using System.Net.Http.Json;

namespace LoraRecycle.Page.Tests;

/// <summary>What is taken away comes back.</summary>
public sealed class UndoTests(Chromium chromium, PageServer server)
{
    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task A_picture_a_class_and_all_of_it_come_back_by_the_button_and_by_the_keys(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.AddCupsAndChairsAsync();

        await visit.Button("Remove cup, example 2").FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        Assert.Equal(["2 pictures", "3 pictures"], await visit.CountsAsync());
        Assert.StartsWith("remove-", await visit.FocusAsync(), StringComparison.Ordinal); // the next one's
        Assert.Contains("was removed.", await visit.Page.Locator("#undo-said").InnerTextAsync(), StringComparison.Ordinal);
        await visit.Page.Keyboard.PressAsync("Control+z");
        Assert.Equal(["3 pictures", "3 pictures"], await visit.CountsAsync());
        Assert.Equal(Path.GetFileName(Pictures.Of("cup", 1, 1)[0]), await visit.Button("cup, example 2").GetAttributeAsync("title"));

        await visit.Button("Remove class cup").ClickAsync();
        Assert.Equal(["3 pictures"], await visit.CountsAsync());
        Assert.NotEqual("BODY", await visit.FocusAsync());
        await visit.Page.Locator("#undo-button").ClickAsync();
        Assert.Equal(["3 pictures", "3 pictures"], await visit.CountsAsync());
        Assert.NotEqual("BODY", await visit.FocusAsync());

        await visit.Button("Clear").ClickAsync();
        Assert.Empty(await visit.CountsAsync());
        Assert.Equal(0, await visit.Page.Locator(".query").CountAsync());
        await visit.SeesAsync("Everything was cleared.");
        await visit.LookAsync("undo");
        await visit.Page.Locator("#undo-button").ClickAsync();
        Assert.Equal(["3 pictures", "3 pictures"], await visit.CountsAsync());
        Assert.Equal(2, await visit.Page.Locator(".query").CountAsync());
        await visit.ClassifyAsync();
        Assert.Equal(["cup", "chair"], await visit.VerdictsAsync());
    }

    [Fact]
    public async Task A_sample_that_takes_the_place_of_somebodys_pictures_gives_them_back()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddCupsAndChairsAsync();
        await visit.Button("5 classes, 1 example each").ClickAsync();
        await visit.SeesInStatusAsync("15 pictures classified by");
        await visit.SeesAsync("The sample took the place of your pictures.");
        await visit.Page.Locator("#undo-button").ClickAsync();
        Assert.Equal(["3 pictures", "3 pictures"], await visit.CountsAsync());
        await visit.SeesInStatusAsync("2 pictures classified by"); // and so are their answers
    }

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task A_task_is_deleted_when_its_list_is_closed_and_not_if_that_is_undone_before(Screen screen)
    {
        var names = new[] { $"kept {screen}", $"dropped {screen}" };
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        foreach (var name in names)
        {
            var support = new[] { "cup", "chair" }.Select(label => new
            {
                label,
                images = new[] { Convert.ToBase64String(File.ReadAllBytes(Pictures.Of(label, 0, 1)[0])) },
            });
            using var stored = await http.PostAsJsonAsync("tasks", new { name, support }, TestContext.Current.CancellationToken);
            Assert.True(stored.IsSuccessStatusCode);
        }

        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.Button("Open a task…").ClickAsync();
        foreach (var name in names)
            await visit.Button($"Delete {name}").ClickAsync();
        Assert.StartsWith("keep-", await visit.FocusAsync(), StringComparison.Ordinal);
        await visit.LookAsync("task-deleted");
        await visit.Button($"Undo: keep {names[0]}").ClickAsync();
        Assert.Contains(names[1], await TasksAsync(http), StringComparison.Ordinal);
        await visit.Button("Close").ClickAsync();
        await visit.SeesInStatusAsync($"Deleted: {names[1]}.");
        Assert.DoesNotContain(names[1], await TasksAsync(http), StringComparison.Ordinal);
        Assert.Contains(names[0], await TasksAsync(http), StringComparison.Ordinal);
        Assert.Equal("load-task", await visit.FocusAsync());
    }

    private static Task<string> TasksAsync(HttpClient http) =>
        http.GetStringAsync(new Uri("tasks?limit=1000", UriKind.Relative), TestContext.Current.CancellationToken);
}
