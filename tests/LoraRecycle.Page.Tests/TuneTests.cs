using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

public sealed class TuneTests(Chromium chromium, TinyServer tiny) : IClassFixture<TinyServer>
{
    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task A_lora_is_tuned_from_the_examples_and_found_in_the_market(Screen screen)
    {
        var name = $"kitchen {screen}";
        await using var visit = await chromium.VisitAsync(tiny.Address, screen);
        await visit.Button("Tune a LoRA…").ClickAsync();
        await visit.SeesInStatusAsync("A LoRA is tuned on at least two classes with a picture each.");
        await visit.AddCupsAndChairsAsync();
        await visit.Button("Tune a LoRA…").ClickAsync();
        await visit.SeesAsync("Two thin factors beside each layer. (arXiv 2106.09685)");
        Assert.Equal("tune-name", await visit.FocusAsync());
        await visit.Page.GetByLabel("Method").SelectOptionAsync("comp-lora");
        await visit.SeesAsync("Leaves the directions alone in which the model is strong, so that it forgets little.");
        await visit.LookAsync("tune");

        await visit.Page.Locator("#tune-name").FillAsync(name);
        await visit.Page.Locator("#tune-steps").FillAsync(screen == Screen.Phone ? "4" : "5"); // or both would be one LoRA
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeesAsync($"“{name}” is in the market.");
        await visit.SeesAsync("of the pictures that it was tuned on, none was held out.");
        await visit.LookAsync("tuned");
        await visit.Page.GetByRole(AriaRole.Link, new PageGetByRoleOptions { Name = "Show it in the market" }).ClickAsync();
        await visit.SeesAsync(visit.Page.Locator("#market-list").GetByText(name));
        Assert.Equal(1, await visit.Page.Locator("#market-list tbody tr").CountAsync());
    }

    [Fact]
    public async Task What_the_server_refuses_is_said_in_the_dialog_and_can_be_put_right()
    {
        await using var visit = await chromium.VisitAsync(tiny.Address, Screen.Desktop);
        await visit.AddCupsAndChairsAsync();
        await visit.Button("Tune a LoRA…").ClickAsync();
        await visit.Page.GetByLabel("Method").SelectOptionAsync("flexora");
        await visit.Button("Tune").ClickAsync();

        await visit.SeesAsync("A class has too few images to tune on.");
        await visit.LookAsync("tune-refused");
        await visit.Page.GetByLabel("Method").SelectOptionAsync("lora");
        await visit.Page.Locator("#tune-steps").FillAsync("100000");
        await visit.Button("Tune").ClickAsync();
        await visit.Button("Cancel the job").ClickAsync();
        await visit.SeesAsync("The job was cancelled.");
    }
}
