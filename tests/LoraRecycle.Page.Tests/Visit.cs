using LoraRecycle.Tests;
using Microsoft.Playwright;

namespace LoraRecycle.Page.Tests;

/// <summary>One person at the page.</summary>
public sealed class Visit : IAsyncDisposable
{
    private readonly Screen _screen;
    private readonly List<string> _errors = [];

    public Visit(IPage page, Screen screen)
    {
        (Page, _screen) = (page, screen);
        page.PageError += (_, error) => _errors.Add(error);
        // What the policy of the page forbids is told here, and so is a request that was refused, which is no fault of the page.
        page.Console += (_, message) =>
        {
            if (message.Type == "error" && !message.Text.StartsWith("Failed to load resource", StringComparison.Ordinal))
                _errors.Add(message.Text);
        };
    }

    public IPage Page { get; }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = name, Exact = true });

    public ILocator Text(string text) => Page.GetByText(text);

    /// <summary>Waits until somebody would see it.</summary>
    public Task SeesAsync(ILocator what)
    {
        Assert.Same(Page, what.Page);
        return what.First.WaitForAsync();
    }

    /// <summary>Waits until it holds. Asked from outside, because the page's policy forbids a script to evaluate text.</summary>
    public async Task WaitAsync(string condition)
    {
        for (var waited = 0; !await Page.EvaluateAsync<bool>(condition); waited++)
        {
            Assert.True(waited < 1200, $"It does not come: {condition}");
            await Task.Delay(100);
        }
    }

    public Task SeesAsync(string text) => SeesAsync(Text(text));

    /// <summary>Fails for what keeps people from using what is shown now. Where <c>SCREENSHOTS</c> is set, it leaves a picture for
    /// reviewers, which takes longer than the test.</summary>
    public async Task LookAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("SCREENSHOTS") is { Length: > 0 }) await KeepAsync(name);
        Assert.Empty(await Axe.ViolationsAsync(Page));
        await FitsAsync();
    }

    private async Task KeepAsync(string name)
    {
        var folder = Directory.CreateDirectory(Repository.PathOf("artifacts", "page")).FullName;
        await Page.ScreenshotAsync(
            new PageScreenshotOptions
            {
                Path = Path.Combine(folder, $"{name}-{_screen.ToString().ToLowerInvariant()}.png"),
                FullPage = true,
            }
        );
    }

    /// <summary>Fails where the page is wider than the screen, or something in it went wrong.</summary>
    public async Task FitsAsync()
    {
        var width = await Page.EvaluateAsync<int>("document.documentElement.scrollWidth");
        Assert.True(width <= Page.ViewportSize!.Width, $"The page is {width} pixels wide on a screen of {Page.ViewportSize.Width}.");
        Assert.Empty(_errors);
    }

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
