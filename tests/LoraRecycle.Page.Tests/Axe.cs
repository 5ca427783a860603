using Deque.AxeCore.Commons;
using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

/// <summary>
/// axe's rules, run in the page that they look at. The package's own way opens a page more for each look, to put together what it
/// found in frames, and tells of every rule that passes; that takes longer than the looking, and there are no frames here.
/// </summary>
internal static class Axe
{
    private const string Look = """
        async () => (await axe.run({ resultTypes: ['violations'], selectors: false })).violations
          .filter(one => one.impact === 'serious' || one.impact === 'critical')
          .map(one => `${one.id}: ${one.help} ${one.nodes[0].html}`)
        """;

    private static readonly string Source = new BundledAxeScriptProvider().GetScript();

    /// <summary>What is serious or critical of what is shown now, a line each.</summary>
    public static async Task<string[]> ViolationsAsync(IPage page)
    {
        Assert.Single(page.Frames);
        if (!await page.EvaluateAsync<bool>("'axe' in window"))
            await page.EvaluateAsync($"{Source}\n;0");
        return await page.EvaluateAsync<string[]>(Look);
    }
}
