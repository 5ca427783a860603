using Microsoft.Playwright;

[assembly: AssemblyFixture(typeof(LoraRecycle.Page.Tests.Chromium))]

namespace LoraRecycle.Page.Tests;

/// <summary>The browser of this machine: <c>CHROMIUM</c>, or Debian's.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("CHROMIUM") ?? "/usr/bin/chromium",
            // Chromium has no sandbox for root, which containers and build machines often are.
            Args = Environment.IsPrivilegedProcess ? ["--no-sandbox"] : [],
        });
    }

    /// <summary>Opens a section of the page on a screen, as somebody who was never there.</summary>
    public async Task<Visit> VisitAsync(string address, Screen screen, string section = "")
    {
        var context = await _browser!.NewContextAsync(
            new BrowserNewContextOptions
            {
                Locale = "en-GB",
                ViewportSize =
                    screen == Screen.Desktop
                        ? new ViewportSize { Width = 1280, Height = 900 }
                        : new ViewportSize { Width = 375, Height = 740 },
                HasTouch = screen == Screen.Phone,
                ColorScheme = screen == Screen.Desktop ? ColorScheme.Light : ColorScheme.Dark, // so that both are looked at
            }
        );
        var page = await context.NewPageAsync();
        // Everything shares few processors with a model that computes.
        page.SetDefaultTimeout(120_000);
        var visit = new Visit(page, screen);
        await page.GotoAsync($"{address}/{section}");
        return visit;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}

/// <summary>What the page is looked at on.</summary>
public enum Screen
{
    /// <summary>1280 pixels wide, in light colours.</summary>
    Desktop,

    /// <summary>375 pixels wide, in dark colours.</summary>
    Phone,
}
