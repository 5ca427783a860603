using System.Globalization;
using System.Text.RegularExpressions;
using LoraRecycle.Tests;
using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

/// <summary>What somebody sees who was never there.</summary>
public sealed partial class FirstScreenTests(Chromium chromium, PageServer server)
{
    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task It_says_what_this_is_and_where_to_begin_and_has_two_classes_to_fill_in(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.SeesAsync("A LoRA is a small add-on");
        var sample = visit.Page.Locator("#samples button").First;
        await visit.SeesAsync(sample);
        Assert.Equal("Try a sample: 5 classes, 5 examples each", await sample.InnerTextAsync());
        Assert.Contains("primary", await sample.GetAttributeAsync("class"), StringComparison.Ordinal);
        Assert.Equal(
            ["1 Examples", "2 Pictures to classify", "3 Answers"],
            await visit.Page.Locator("[data-view=classify] h2:has(.step)").AllInnerTextsAsync()
        );
        Assert.Equal(2, await visit.Page.Locator(".class").CountAsync());
        Assert.Equal(0, await visit.Page.Locator("[aria-invalid=true]").CountAsync());
        await visit.LookAsync("first");

        // Pictures without a name are asked for one; the name is enough.
        await visit.Page.GetByLabel("Add pictures to class 1").SetInputFilesAsync(Pictures.Of("cup", 0, 2));
        await visit.SeesAsync("This class needs a name.");
        await visit.Page.GetByLabel("Name of class 1").FillAsync("cup");
        await visit.Page.GetByLabel("Name of class 1").PressAsync("Tab");
        await visit.WaitAsync("document.querySelector('[aria-invalid=true]') === null");
        Assert.StartsWith("remove-class-", await visit.FocusAsync(), StringComparison.Ordinal); // where Tab leads
        await visit.AddClassAsync("chair", Pictures.Of("chair", 0, 2)); // in the card that is left
        Assert.Equal(["2 pictures", "2 pictures"], await visit.CountsAsync());
        Assert.Equal(2, await visit.Page.Locator(".class").CountAsync());

        // A name twice is no mistake that is found out later.
        await visit.Page.GetByLabel("Name of class 2").FillAsync("cup");
        await visit.Page.GetByLabel("Name of class 2").PressAsync("Tab");
        await visit.SeesAsync("There is another class “cup”: the server takes both as one.");
    }

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task Help_leads_to_the_manual_to_the_glossary_and_to_swagger(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Help", Exact = true }).ClickAsync();
        await visit.SeesAsync("Classify in three steps");
        await visit.LookAsync("help");
        using var http = new HttpClient();
        var links = await visit.Page.Locator("[data-view=help] a").EvaluateAllAsync<string[]>("all => all.map(one => one.href)");
        Assert.Contains($"{server.Address}/manual/docs/glossary.md", links);
        foreach (var link in links)
            Assert.True((await http.GetAsync(new Uri(link), TestContext.Current.CancellationToken)).IsSuccessStatusCode, link);
        await visit.Page.GetByRole(AriaRole.Link, new() { Name = "Glossary" }).ClickAsync();
        await visit.SeesAsync("low-rank adaptation");
        await visit.LookAsync("glossary");
    }

    [Theory, InlineData(5), InlineData(1)]
    public async Task Beside_a_sample_stands_the_average_of_many_episodes_as_it_was_measured(int shots)
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.Button(shots == 5 ? "Try a sample: 5 classes, 5 examples each" : "5 classes, 1 example each").ClickAsync();
        await visit.SeesAsync("The average of 600");
        var results = await File.ReadAllTextAsync(Repository.PathOf("docs", "results.md"), TestContext.Current.CancellationToken);
        var rows = visit.Page.Locator("#average tbody tr");
        foreach (var (name, i) in new[] { "Caltech-101", "Omniglot", "CUB-200-2010" }.Select((name, i) => (name, i)))
        {
            // The table's line of the data set: bare, then default, each for one example and for five.
            var line = results.Split('\n').First(line => line.StartsWith($"| {name}, ", StringComparison.Ordinal));
            var figures = Figure()
                .Matches(line)
                .Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))
                .ToArray();
            string Shown(int at) => FormattableString.Invariant($"{figures[at]:F2} %");
            Assert.Equal(
                [Shown(shots == 1 ? 0 : 1), Shown(shots == 1 ? 2 : 3)],
                await rows.Nth(i).Locator("td").AllInnerTextsAsync()
            );
        }
    }

    [GeneratedRegex(@"(\d+\.\d+) ± ")]
    private static partial Regex Figure();
}
