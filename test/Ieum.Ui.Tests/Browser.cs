using Ieum.TestKit;
using Microsoft.Playwright;

namespace Ieum.Ui.Tests;

/// <summary>One Chromium and one host for all tests that look at real pages.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] Arguments =
        ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private IPlaywright? _playwright;
    private IBrowser? _chromium;

    internal PageHost Host { get; private set; } = default!;

    public static string Screenshots { get; } = Directory.CreateDirectory(Path.Combine(Needs.Repository, ".build", "screenshots")).FullName;

    /// <summary>Opens a fresh context; skips the test where no Chromium is installed, fails on CI.</summary>
    internal async Task<IBrowserContext> OpenAsync(string language = "en", int width = 1280, int height = 800, bool dark = false)
    {
        _chromium ??= await LaunchAsync();
        var context = await _chromium.NewContextAsync(new()
        {
            BaseURL = Host.Address,
            Locale = language,
            ViewportSize = new() { Width = width, Height = height },
            HasTouch = width < 600,
            ColorScheme = dark ? ColorScheme.Dark : ColorScheme.Light,
        });
        context.SetDefaultTimeout(60_000);
        return context;
    }

    private async Task<IBrowser> LaunchAsync()
    {
        // Five seconds, the default, are too few for a value that comes from a machine by a network while the computer is busy.
        Assertions.SetDefaultExpectTimeout(120_000);
        var chromium = Needs.Program("chromium", "apt-get install chromium fonts-noto-cjk");
        _playwright = await Playwright.CreateAsync();
        return await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = chromium, Args = Arguments });
    }

    public async ValueTask InitializeAsync() => Host = await PageHost.StartAsync();

    public async ValueTask DisposeAsync()
    {
        if (_chromium is not null) await _chromium.DisposeAsync();
        _playwright?.Dispose();
        await Host.DisposeAsync();
    }
}

/// <summary>Tests that share the browser run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BrowserGroup : ICollectionFixture<Browser>
{
    public const string Name = "browser";
}
