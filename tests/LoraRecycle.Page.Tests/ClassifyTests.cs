using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

public sealed class ClassifyTests(Chromium chromium, PageServer server)
{
    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task Pictures_given_by_class_are_answered_beside_each_query_with_probabilities(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.AddCupsAndChairsAsync();
        await visit.ClassifyAsync();

        Assert.Equal(["cup", "chair"], await visit.VerdictsAsync());
        Assert.Equal(4, await visit.Page.Locator(".query .score").CountAsync());
        Assert.All(
            await visit.Page.Locator(".query .score .number").AllInnerTextsAsync(),
            text => Assert.EndsWith("%", text, StringComparison.Ordinal)
        );
        await visit.LookAsync("classify");
    }

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task A_sample_episode_is_answered_at_one_click_by_both_models_with_a_map(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        await visit.Button("Try a sample: 5 classes, 5 examples each").ClickAsync();
        await visit.SeesAsync("15 pictures classified by meta-LoRA default and by bare model.");

        Assert.Equal(30, (await visit.VerdictsAsync()).Count);
        Assert.Equal(2, await visit.Page.Locator(".summary tbody tr").CountAsync());
        Assert.Equal(25 + 15 + 5, await visit.Page.Locator("#map .point").CountAsync());

        // No label of the map lies on another one.
        Assert.Equal(
            0,
            await visit
                .Page.Locator("#map > svg > text")
                .EvaluateAllAsync<int>(
                    "all => all.map(one => one.getBBox()).flatMap((a, i, boxes) => boxes.slice(i + 1).filter(b => a.x < b.x + b.width "
                        + "&& b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height)).length"
                )
        );

        await visit.Page.Locator("#map .of-query").First.FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.SeesAsync(visit.Page.Locator("#map-detail img"));
        Assert.Contains("To be classified:", await visit.Page.Locator("#map-detail").InnerTextAsync(), StringComparison.Ordinal);
        await visit.LookAsync("sample");
    }

    [Fact]
    public async Task A_picture_can_be_moved_to_another_class_and_removed_by_keyboard_alone()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddCupsAndChairsAsync();
        await visit.Button("cup, example 1").FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await visit.Page.GetByLabel("Move to").SelectOptionAsync("chair");
        await visit.Button("Move").PressAsync("Enter");
        Assert.Equal(["2 pictures", "4 pictures"], await visit.Page.Locator(".class-head .hint").AllInnerTextsAsync());

        await visit.Button("Remove chair, example 4").FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        Assert.Equal(["2 pictures", "3 pictures"], await visit.Page.Locator(".class-head .hint").AllInnerTextsAsync());
    }

    [Fact]
    public async Task Dropped_pictures_go_where_they_are_dropped()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 1));
        var dropped = await visit.Page.EvaluateHandleAsync(
            "bytes => { const transfer = new DataTransfer(); transfer.items.add(new File([Uint8Array.from(atob(bytes), c => "
                + "c.charCodeAt(0))], 'dropped.jpg', { type: 'image/jpeg' })); return transfer; }",
            Convert.ToBase64String(await File.ReadAllBytesAsync(Pictures.Of("cup", 1, 1)[0], TestContext.Current.CancellationToken)));
        await visit.Page.Locator(".class").First.DispatchEventAsync("drop", new { dataTransfer = dropped });
        await visit.SeesAsync(visit.Page.Locator(".class-head").GetByText("2 pictures"));
        await visit.Page.Locator("#query-zone .drop").DispatchEventAsync("drop", new { dataTransfer = dropped });
        await visit.SeesAsync(visit.Page.Locator(".query-name", new PageLocatorOptions { HasText = "dropped.jpg" }));
    }

    [Theory, InlineData(Screen.Desktop), InlineData(Screen.Phone)]
    public async Task Fifty_classes_with_long_names_and_five_hundred_pictures_stay_in_their_places(Screen screen)
    {
        await using var visit = await chromium.VisitAsync(server.Address, screen);
        for (var i = 0; i < 50; i++)
            await visit.AddClassAsync(
                $"a class whose name is much longer than any card is wide, number {i + 1}",
                Pictures.Of("cup", i % 12, 1)
            );
        await visit
            .QueryInput()
            .SetInputFilesAsync(Enumerable.Range(0, 450).Select(i => Pictures.Of(i % 2 == 0 ? "chair" : "barrel", i % 12, 1)[0]));
        await visit.ClassifyAsync();

        Assert.Equal(450, (await visit.VerdictsAsync()).Count);
        await visit.Page.Locator(".query details").First.Locator("summary").ClickAsync();
        Assert.Equal(50, await visit.Page.Locator(".query").First.Locator(".score").CountAsync());
        await visit.FitsAsync(); // a picture of all of it, and a look at each of 22,500 scores, would take minutes
    }
}
