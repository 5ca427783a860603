using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

/// <summary>What people do in the section that classifies.</summary>
internal static class ClassifySteps
{
    public static async Task AddClassAsync(this Visit visit, string label, params string[] pictures)
    {
        await visit.Page.GetByLabel("New class").FillAsync(label);
        await visit.Button("Add class").ClickAsync();
        await visit.Page.GetByLabel($"Add pictures to {label}", new PageGetByLabelOptions { Exact = true }).SetInputFilesAsync(pictures);
    }

    public static ILocator QueryInput(this Visit visit) => visit.Page.GetByLabel("Choose pictures to classify");

    /// <summary>Cups and chairs, and one of each to classify.</summary>
    public static async Task AddCupsAndChairsAsync(this Visit visit)
    {
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 3));
        await visit.AddClassAsync("chair", Pictures.Of("chair", 0, 3));
        await visit.QueryInput().SetInputFilesAsync([.. Pictures.Of("cup", 4, 1), .. Pictures.Of("chair", 5, 1)]);
    }

    public static async Task ClassifyAsync(this Visit visit)
    {
        await visit.Button("Classify").ClickAsync();
        await visit.SeesAsync(visit.Page.Locator("#classify-status").GetByText("classified by"));
    }

    /// <summary>The labels that won, in the order in which the pictures were given, whatever the order in which they are shown.</summary>
    public static async Task<IReadOnlyList<string>> VerdictsAsync(this Visit visit) =>
        await visit
            .Page.Locator(".query")
            .EvaluateAllAsync<string[]>(
                "all => all.sort((a, b) => a.dataset.number - b.dataset.number)"
                    + ".flatMap(one => [...one.querySelectorAll('.verdict b')].map(b => b.innerText))"
            );

    /// <summary>How many pictures each class has that has any.</summary>
    public static async Task<IReadOnlyList<string>> CountsAsync(this Visit visit) =>
        await visit.Page.Locator(".class-head .hint").AllInnerTextsAsync();

    /// <summary>Waits for a text in the line that says what came of it.</summary>
    public static Task SeesInStatusAsync(this Visit visit, string text) =>
        visit.SeesAsync(visit.Page.Locator("#classify-status").GetByText(text));

    /// <summary>The id of what has the focus, or the name of its tag.</summary>
    public static Task<string> FocusAsync(this Visit visit) =>
        visit.Page.EvaluateAsync<string>("document.activeElement.id || document.activeElement.tagName");

    /// <summary>Waits until the browser has kept so many queries, answered or not.</summary>
    public static Task WaitUntilKeptAsync(this Visit visit, int queries, bool isAnswered = false) =>
        visit.WaitAsync(
            $$"""
            new Promise(done => {
              const opening = indexedDB.open('lora-recycle');
              opening.onsuccess = () => {
                const asked = opening.result.transaction('kept').objectStore('kept').get('episode');
                asked.onsuccess = () => {
                  opening.result.close();
                  done((asked.result?.queries.length ?? 0) === {{queries}} && (asked.result?.runs.length ?? 0) >= {{(isAnswered ? 1 : 0)}});
                };
              };
            })
            """
        );
}
