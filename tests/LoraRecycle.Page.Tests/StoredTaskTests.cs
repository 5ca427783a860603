namespace LoraRecycle.Page.Tests;

public sealed class StoredTaskTests(Chromium chromium, PageServer server)
{
    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task Examples_are_stored_and_opened_again_with_their_pictures_by_another_visitor(Screen screen)
    {
        var name = $"kitchen {screen}";
        await using (var visit = await chromium.VisitAsync(server.Address, screen))
        {
            await visit.AddCupsAndChairsAsync();
            await visit.Button("Store as a task…").ClickAsync();
            await visit.Page.Locator("#task-name").FillAsync(name);
            await visit.Button("Store").ClickAsync();
            await visit.SeesAsync($"Stored as {name}.");
        }

        await using var next = await chromium.VisitAsync(server.Address, screen);
        await next.Button("Open a task…").ClickAsync();
        await next.SeesAsync(name);
        await next.LookAsync("tasks");
        await next
            .Page.Locator(".task-list li", new() { HasText = name })
            .GetByRole(Microsoft.Playwright.AriaRole.Button, new() { Name = "Open" })
            .ClickAsync();
        await next.SeesAsync($"{name} is open: 2 classes, 6 pictures.");
        await next.QueryInput().SetInputFilesAsync(Pictures.Of("cup", 4, 1));
        await next.ClassifyAsync();
        Assert.Equal(["cup"], await next.VerdictsAsync());
    }
}
