namespace LoraRecycle.Page.Tests;

/// <summary>A picture in full.</summary>
public sealed class PictureDialogTests(Chromium chromium, PageServer server)
{
    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task Arrows_go_from_picture_to_picture_and_change_nothing(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.AddCupsAndChairsAsync();
        await visit.ClassifyAsync();
        var title = visit.Page.Locator("#dialog-title");
        var opener = visit.Button("cup, example 1").And(visit.Page.Locator(".thumb .show")); // the map has it, too
        await opener.FocusAsync();
        var id = await visit.FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        Assert.Equal("close-picture", await visit.FocusAsync());
        Assert.Equal(Name(0), await title.InnerTextAsync());
        await visit.Page.Keyboard.PressAsync("ArrowRight");
        Assert.Equal(Name(1), await title.InnerTextAsync());
        await visit.Page.Keyboard.PressAsync("ArrowRight");
        await visit.Page.Keyboard.PressAsync("ArrowRight"); // it is the last
        Assert.Equal(Name(2), await title.InnerTextAsync());
        await visit.LookAsync("picture");
        await visit.Button("‹ Previous").ClickAsync();
        Assert.Equal(Name(1), await title.InnerTextAsync());
        await visit.Page.Keyboard.PressAsync("Escape");

        Assert.Equal(id, await visit.FocusAsync());
        Assert.Equal(["3 pictures", "3 pictures"], await visit.CountsAsync());
        Assert.Equal(["cup", "chair"], await visit.VerdictsAsync());
    }

    private static string Name(int index) => Path.GetFileName(Pictures.Of("cup", index, 1)[0]);
}
