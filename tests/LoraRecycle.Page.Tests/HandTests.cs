using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

/// <summary>Pictures that are pasted, dragged and moved by keys, and what a reload leaves of them.</summary>
public sealed class HandTests(Chromium chromium, PageServer server)
{
    [Fact]
    public async Task A_picture_of_the_clipboard_goes_where_somebody_last_was()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 1));
        // What a browser copies is a PNG.
        await visit.Page.EvaluateAsync("""
            async () => {
              const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 64 });
              canvas.getContext('2d').fillRect(8, 8, 32, 32);
              const blob = await new Promise(resolve => canvas.toBlob(resolve, 'image/png'));
              await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
            }
            """);
        await visit.Page.GetByLabel("Name of class 1").FocusAsync();
        await visit.Page.Keyboard.PressAsync("Control+V");
        await visit.SeesAsync("1 picture pasted into cup.");
        Assert.Equal(["2 pictures"], await visit.Page.Locator(".class-head .hint").AllInnerTextsAsync());

        await visit.Page.Locator("#query-zone .drop").ClickAsync(new LocatorClickOptions { Position = new Position { X = 4, Y = 4 } });
        await visit.Page.Keyboard.PressAsync("Control+V");
        await visit.SeesAsync("1 picture pasted into the pictures to classify.");
        Assert.Equal(1, await visit.Page.Locator(".query").CountAsync());
        Assert.True(await visit.Page.Locator(".query img").EvaluateAsync<bool>("img => img.decode().then(() => img.naturalWidth === 64)"));
    }

    [Fact]
    public async Task Text_that_is_pasted_into_a_name_stays_text()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.Page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await visit.Page.EvaluateAsync("() => navigator.clipboard.writeText('teapot')");
        await visit.Page.GetByLabel("New class").FocusAsync();
        await visit.Page.Keyboard.PressAsync("Control+V");
        Assert.Equal("teapot", await visit.Page.GetByLabel("New class").InputValueAsync());
        Assert.Equal(0, await visit.Page.Locator(".query").CountAsync());
    }

    [Fact]
    public async Task Pictures_are_dragged_into_another_order_and_another_class()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 3));
        await visit.AddClassAsync("chair", Pictures.Of("chair", 0, 1));
        var (first, second, third) = (Name("cup", 0), Name("cup", 1), Name("cup", 2));
        Assert.Equal([first, second, third], await NamesAsync(visit, 0));

        await visit
            .Page.Locator(".class")
            .First.Locator(".thumb")
            .Nth(2)
            .DragToAsync(visit.Page.Locator(".class").First.Locator(".thumb").First);
        Assert.Equal([third, first, second], await NamesAsync(visit, 0));

        await visit
            .Page.Locator(".class")
            .First.Locator(".thumb")
            .Nth(1)
            .DragToAsync(visit.Page.Locator(".class").Last.Locator(".thumb").First);
        Assert.Equal([third, second], await NamesAsync(visit, 0));
        Assert.Equal([first, Name("chair", 0)], await NamesAsync(visit, 1));

        await visit.Page.Locator(".class").First.Locator(".thumb").First.DragToAsync(visit.Page.Locator("#query-zone .drop"));
        Assert.Equal([third], await visit.Page.Locator(".query-name").AllInnerTextsAsync());
    }

    [Fact]
    public async Task Keys_move_a_picture_one_place_and_leave_the_focus_on_it()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 3));
        await visit.Button("cup, example 1").FocusAsync();
        await visit.Page.Keyboard.PressAsync("Alt+ArrowRight");
        await visit.Page.Keyboard.PressAsync("Alt+ArrowRight");
        Assert.Equal([Name("cup", 1), Name("cup", 2), Name("cup", 0)], await NamesAsync(visit, 0));
        await visit.Page.Keyboard.PressAsync("Alt+ArrowRight"); // it is the last
        await visit.Page.Keyboard.PressAsync("Alt+ArrowLeft");
        Assert.Equal([Name("cup", 1), Name("cup", 0), Name("cup", 2)], await NamesAsync(visit, 0));

        await visit.Page.Keyboard.PressAsync("Enter"); // the same, by the dialog
        await visit.Button("Earlier in its row").ClickAsync();
        Assert.Equal([Name("cup", 0), Name("cup", 1), Name("cup", 2)], await NamesAsync(visit, 0));
    }

    [Fact]
    public async Task A_page_that_is_reloaded_has_its_classes_and_pictures_still_until_they_are_cleared()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddCupsAndChairsAsync();
        await visit.WaitUntilKeptAsync(2);
        await visit.Page.ReloadAsync();
        await visit.SeesAsync(visit.Page.Locator(".query").Nth(1));
        Assert.Equal([Name("cup", 0), Name("cup", 1), Name("cup", 2)], await NamesAsync(visit, 0));
        Assert.Equal("chair", await visit.Page.GetByLabel("Name of class 2").InputValueAsync());
        await visit.ClassifyAsync();
        Assert.Equal(["cup", "chair"], await visit.VerdictsAsync());

        await visit.Button("Clear").ClickAsync();
        await visit.WaitUntilKeptAsync(0);
        await visit.Page.ReloadAsync();
        await visit.SeesAsync(visit.Button("Try a sample: 5 classes, 5 examples each"));
        Assert.Equal(0, await visit.Page.Locator(".thumb, .query").CountAsync());
        var names = visit.Page.Locator(".class-head input");
        Assert.Equal(["", ""], await names.EvaluateAllAsync<string[]>("all => all.map(one => one.value)"));
    }

    [Fact]
    public async Task More_than_the_browser_keeps_is_told_of_before_it_is_lost()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 1));
        await visit.QueryInput().SetInputFilesAsync(Pictures.Huge(4));
        await visit.SeesAsync("cannot keep so many pictures");
    }

    [Fact]
    public async Task Points_that_lie_on_each_other_are_all_within_reach()
    {
        await using var visit = await chromium.VisitAsync(server.Address, Screen.Desktop);
        // The same picture three times: as two examples and as a query.
        await visit.AddClassAsync("cup", Pictures.Of("cup", 0, 1)[0], Pictures.Of("cup", 0, 1)[0]);
        await visit.AddClassAsync("chair", Pictures.Of("chair", 0, 2));
        await visit.QueryInput().SetInputFilesAsync(Pictures.Of("cup", 0, 1));
        await visit.ClassifyAsync();
        var caption = visit.Page.Locator("#map-detail figcaption");
        var query = visit.Page.Locator("#map .of-query .halo");
        var seen = new HashSet<string>();
        for (var i = 0; i < 4; i++)
        {
            await query.ClickAsync(new LocatorClickOptions { Force = true });
            seen.Add(string.Concat((await caption.InnerTextAsync()).TakeWhile(c => c is not ('.' or ','))));
        }
        Assert.Equal(
            ["Example 1 of cup", "Example 2 of cup", "The prototype of cup: the mean of its 2 examples", "To be classified: cup"],
            seen.Order(StringComparer.Ordinal)
        );
        await visit.SeesAsync("4 points are here.");

        // The same by keys.
        await visit
            .Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "cup, example 2", Exact = true })
            .And(visit.Page.Locator(".near button"))
            .FocusAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        Assert.StartsWith("Example 2 of cup.", await caption.InnerTextAsync(), StringComparison.Ordinal);
        Assert.Equal("true", await visit.Page.Locator(".near button:focus").GetAttributeAsync("aria-pressed"));
        await visit.LookAsync("overlap");
    }

    private static string Name(string label, int index) => Path.GetFileName(Pictures.Of(label, index, 1)[0]);

    /// <summary>The names of the pictures of a class, in order.</summary>
    private static async Task<string[]> NamesAsync(Visit visit, int index) =>
        await visit
            .Page.Locator(".class")
            .Nth(index)
            .Locator(".thumb .show")
            .EvaluateAllAsync<string[]>("all => all.map(one => one.title)");
}
