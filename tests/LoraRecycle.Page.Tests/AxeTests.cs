namespace LoraRecycle.Page.Tests;

/// <summary>The look that other tests take at the page.</summary>
public sealed class AxeTests(Chromium chromium, PageServer server)
{
    [Fact]
    public async Task What_keeps_people_from_using_a_page_is_found_once_it_is_there()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop, "#/help");
        Assert.Empty(await Axe.ViolationsAsync(visit.Page));

        await visit.Page.EvaluateAsync("document.querySelector('[data-view=help]').append(document.createElement('button'))");
        var violation = Assert.Single(await Axe.ViolationsAsync(visit.Page));
        Assert.Equal("button-name: Buttons must have discernible text <button></button>", violation);
    }
}
