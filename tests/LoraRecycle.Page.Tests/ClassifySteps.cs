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

    /// <summary>The labels that won, in the order of the pictures.</summary>
    public static async Task<IReadOnlyList<string>> VerdictsAsync(this Visit visit) =>
        await visit.Page.Locator(".query .verdict b").AllInnerTextsAsync();
}
