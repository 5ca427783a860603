using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

/// <summary>Answers that are corrected by a click, and that follow what they are of.</summary>
public sealed class CorrectionTests(Chromium chromium, PageServer server)
{
    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task A_click_on_what_a_picture_really_is_makes_it_an_example_and_the_others_are_answered_again(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.AddCupsAndChairsAsync();
        await visit.ClassifyAsync();
        await visit.LookAsync("correcting");
        await visit.Button("picture 1 is chair").ClickAsync();
        await visit.SeesInStatusAsync("1 picture classified by meta-LoRA default. 1 correction so far.");

        Assert.Equal(["3 pictures", "4 pictures"], await visit.CountsAsync());
        Assert.Equal(["chair"], await visit.VerdictsAsync());
        await visit.SeesAsync("1 correction: these pictures are examples now");
        Assert.NotEqual("BODY", await visit.FocusAsync());
        await visit.LookAsync("corrected");

        await visit.Button("picture 1 is another class…").ClickAsync();
        await visit.Page.GetByLabel("A new class").FillAsync("armchair");
        await visit.Button("It is this").ClickAsync();
        await visit.SeesInStatusAsync("Give at least one picture to classify.");
        Assert.Equal(["3 pictures", "4 pictures", "1 picture"], await visit.CountsAsync());
    }

    [Fact]
    public async Task An_answer_that_is_called_right_counts_as_right()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddCupsAndChairsAsync();
        await visit.ClassifyAsync();
        await visit.Button("picture 1 is cup: right").ClickAsync();
        await visit.SeesAsync(visit.Page.Locator(".summary").GetByText("1 of 1"));
        Assert.NotEqual("BODY", await visit.FocusAsync());
    }

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task A_stored_task_keeps_a_correction_and_lets_go_of_it_when_it_is_undone(Screen screen)
    {
        var name = $"corrected {screen}";
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.AddCupsAndChairsAsync();
        await visit.Button("Store as a task…").ClickAsync();
        await visit.Page.Locator("#task-name").FillAsync(name);
        await visit.Button("Store").ClickAsync();
        await visit.SeesAsync($"Stored as {name}.");
        await visit.ClassifyAsync();
        await visit.Button("picture 1 is chair").ClickAsync();
        await visit.SeesAsync(visit.Page.Locator("#undo-text").GetByText($"and “{name}” keeps it."));
        await ImagesAsync(name, 7);

        await visit.Button("Undo").Last.ClickAsync();
        await ImagesAsync(name, 6);
        await visit.SeesInStatusAsync("2 pictures classified by");
        Assert.Equal(["3 pictures", "3 pictures"], await visit.CountsAsync());
    }

    [Fact]
    public async Task Answers_follow_a_change_of_the_adapter_and_of_the_examples_and_give_up_what_was_asked_before()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddCupsAndChairsAsync();
        await visit.ClassifyAsync();
        await visit.Page.GetByLabel("Adapter").SelectOptionAsync("none");
        await visit.SeesInStatusAsync("2 pictures classified by bare model.");
        await visit.Page.GetByLabel("Adapter").SelectOptionAsync("default");
        await visit.SeesInStatusAsync("2 pictures classified by meta-LoRA default.");

        var (asked, givenUp, held) = (0, 0, new TaskCompletionSource());
        visit.Page.RequestFailed += (_, request) => givenUp += request.Url.EndsWith("/classify", StringComparison.Ordinal) ? 1 : 0;
        await visit.Page.RouteAsync(
            "**/classify",
            async route =>
            {
                if (Interlocked.Increment(ref asked) == 1)
                    await held.Task; // until it has been given up
                try
                {
                    await route.ContinueAsync();
                }
                catch (PlaywrightException)
                {
                    // It was given up.
                }
            }
        );
        await visit.Button("Remove cup, example 3").ClickAsync();
        await visit.WaitAsync("document.querySelector('#classify-button').getAttribute('aria-busy') === 'true'");
        for (var waited = 0; asked == 0 && waited < 100; waited++)
            await Task.Delay(100, TestContext.Current.CancellationToken);
        await visit.Button("Remove chair, example 3").ClickAsync();
        await visit.WaitAsync("document.querySelector('#classify-button').getAttribute('aria-busy') === 'false'");
        held.SetResult();
        Assert.Equal((2, 1), (asked, givenUp));
        Assert.Equal(["cup", "chair"], await visit.VerdictsAsync());

        // With one class there is no answer; with two there is again, without being asked for.
        await visit.Button("Remove class chair").ClickAsync();
        await visit.SeesInStatusAsync("Give at least two classes with a picture each.");
        Assert.Empty(await visit.VerdictsAsync());
        await visit.Button("Undo").Last.ClickAsync();
        await visit.SeesInStatusAsync("2 pictures classified by");
    }

    [Fact]
    public async Task Answers_corrections_and_settings_survive_a_reload_and_are_not_asked_for_again()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddCupsAndChairsAsync();
        await visit.Page.GetByLabel("Adapter").SelectOptionAsync("none");
        await visit.ClassifyAsync();
        await visit.Button("picture 1 is chair").ClickAsync();
        await visit.SeesInStatusAsync("1 correction so far.");
        await visit.WaitUntilKeptAsync(1, isAnswered: true);
        var asked = 0;
        visit.Page.Request += (_, request) => asked += request.Method == "POST" ? 1 : 0;
        await visit.Page.ReloadAsync();
        await visit.SeesInStatusAsync("1 picture classified by bare model. 1 correction so far.");

        Assert.Single(await visit.VerdictsAsync());
        Assert.Equal("none", await visit.Page.GetByLabel("Adapter").InputValueAsync());
        Assert.Equal(7 + 1 + 2, await visit.Page.Locator("#map .point").CountAsync());
        Assert.Equal(0, asked);
    }

    [Fact]
    public async Task The_answer_that_is_least_sure_comes_first_unless_another_order_is_chosen()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 1));
        await visit.AddClassAsync("ewer", Pictures.Of("ewer", 0, 1));
        await visit.QueryInput().SetInputFilesAsync([.. Pictures.Of("cup", 1, 5), .. Pictures.Of("ewer", 1, 5)]);
        await visit.ClassifyAsync();
        var shown = await ProbabilitiesAsync(visit);
        Assert.Equal(10, shown.Length);
        Assert.Equal(shown.Order(), shown);
        await visit.Page.GetByLabel("Order", new PageGetByLabelOptions { Exact = true }).SelectOptionAsync("as given");
        Assert.Equal(
            Enumerable.Range(1, 10).Select(number => $"{number}"),
            await visit.Page.Locator(".query").EvaluateAllAsync<string[]>("all => all.map(one => one.dataset.number)")
        );
    }

    private static async Task<double[]> ProbabilitiesAsync(Visit visit) =>
        await visit
            .Page.Locator(".query .score.best .fill")
            .EvaluateAllAsync<double[]>("all => all.map(one => parseFloat(one.style.width))");

    /// <summary>Waits until the task of a name has so many images on the server.</summary>
    private async Task ImagesAsync(string name, int expected)
    {
        using var http = new HttpClient { BaseAddress = new Uri(server.Address) };
        for (var waited = 0; ; waited++)
        {
            var tasks = JsonNode.Parse(await http.GetStringAsync(new Uri("tasks?limit=1000", UriKind.Relative)))!["tasks"]!.AsArray();
            var images = (int)tasks.Last(task => (string?)task!["name"] == name)!["images"]!;
            if (images == expected)
                return;
            Assert.True(waited < 100, $"The task has {images} images and not {expected}.");
            await Task.Delay(100, TestContext.Current.CancellationToken);
        }
    }
}
