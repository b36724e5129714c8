using System.Text;
using System.Text.RegularExpressions;
using Ieum.Ui.Tests.Fakes;
using Microsoft.Playwright;

namespace Ieum.Ui.Tests;

/// <summary>The history explorer under a person's hands, in a real Chromium.</summary>
[Collection(BrowserGroup.Name)]
public sealed class ExploreTests(Browser browser)
{
    private static readonly PageWaitForFunctionOptions Patient = new() { Timeout = 120_000 };

    private static async Task<IPage> OpenAsync(IBrowserContext context, string address)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(address);
        await page.WaitForFunctionAsync("document.documentElement.dataset.ready === '1'");
        await SettleAsync(page);
        return page;
    }

    /// <summary>Until the last step is drawn in full, with states.</summary>
    private static async Task SettleAsync(IPage page) => await page.WaitForFunctionAsync("() => { const v = window.ieumExplore?.view; return v && !v.pending && v.shown?.whole; }", null, Patient);

    private static async Task<(double From, double To)> WindowAsync(IPage page)
    {
        var w = await page.EvaluateAsync<double[]>("() => [ieumExplore.view.state.view.from, ieumExplore.view.state.view.to]");
        return (w[0], w[1]);
    }

    private const double Hour = 3600e3, From = 1795478400e3, To = From + 8 * Hour;   // 2026-11-24 00:00 to 08:00 UTC
    private const string View = "/explore?s=6,7&from=2026-11-24T00:00:00Z&to=2026-11-24T08:00:00Z";

    [Fact]
    public async Task Keys_move_and_zoom_and_the_address_opens_the_same_view_again()
    {
        await using var context = await browser.OpenAsync("en");
        var page = await OpenAsync(context, View);
        Assert.Equal((From, To), await WindowAsync(page));
        await page.Locator(".explore canvas").FocusAsync();
        await page.Keyboard.PressAsync("ArrowRight");
        Assert.Equal((From + 1.6 * Hour, To + 1.6 * Hour), await WindowAsync(page));   // a fifth of eight hours
        await page.Keyboard.PressAsync("+");
        Assert.Equal((From + 3.6 * Hour, From + 7.6 * Hour), await WindowAsync(page));   // half, around the middle
        await page.Keyboard.PressAsync("-");
        await page.Keyboard.PressAsync("ArrowLeft");
        Assert.Equal((From, To), await WindowAsync(page));
        await page.Keyboard.PressAsync("+");
        await page.WaitForURLAsync("**/explore?s=6,7&from=2026-11-24T02:00:00Z&to=2026-11-24T06:00:00Z");
        await SettleAsync(page);
        var shown = await page.GetAttributeAsync(".explore canvas", "aria-label");
        var again = await OpenAsync(context, page.Url);
        Assert.Equal((From + 2 * Hour, From + 6 * Hour), await WindowAsync(again));
        Assert.Equal(shown, await again.GetAttributeAsync(".explore canvas", "aria-label"));
    }

    [Fact]
    public async Task Dragging_follows_the_hand_and_a_moved_window_asks_only_for_what_came_into_it()
    {
        await using var host = await PageHost.StartAsync(2);
        await using var context = await browser.OpenAsync("en");
        // A stretch that is over, whose tiles grow no more; on a slow machine they must not come due for renewal either.
        var page = await OpenAsync(context, host.Address + View.Replace("2026-11-24", "2026-11-23", StringComparison.Ordinal));
        await page.EvaluateAsync("ieumExplore.view.store.renew = 1e12");
        var box = (await page.Locator(".explore canvas").BoundingBoxAsync())!;
        var plot = await page.EvaluateAsync<float>("ieumExplore.view.shown.plot");
        var asked = host.Explorer.Asked;
        await page.Mouse.MoveAsync(box.X + box.Width / 2, box.Y + 100);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(box.X + box.Width / 2 - plot / 8, box.Y + 100, new() { Steps = 6 });
        await page.Mouse.UpAsync();
        await SettleAsync(page);
        var (from, _) = await WindowAsync(page);
        Assert.InRange(from, From - 23.02 * Hour, From - 22.98 * Hour);   // an eighth of eight hours
        // The tiles of half a minute a step are 128 min long: one hour further is at most one tile more, asked once for both signals.
        Assert.InRange(host.Explorer.Asked - asked, 0, 4);
    }

    [Fact]
    public async Task One_finger_drags_two_zoom_about_their_middle_and_a_finger_upward_scrolls_the_page()
    {
        await using var context = await browser.OpenAsync("en", 360, 740);
        var page = await OpenAsync(context, View);
        var canvas = page.Locator(".explore canvas");
        await canvas.ScrollIntoViewIfNeededAsync();
        var box = (await canvas.BoundingBoxAsync())!;
        var shown = await page.EvaluateAsync<double[]>("() => [ieumExplore.view.shown.left, ieumExplore.view.shown.plot]");
        var (middle, y, plot) = (box.X + shown[0] + shown[1] / 2, box.Y + 60.0, shown[1]);
        var screen = await context.NewCDPSessionAsync(page);
        Task TouchAsync(string type, params (double X, double Y)[] fingers) => screen.SendAsync("Input.dispatchTouchEvent", new()
        {
            ["type"] = type, ["touchPoints"] = fingers.Select((f, i) => new Dictionary<string, object> { ["x"] = f.X, ["y"] = f.Y, ["id"] = i }).ToArray(),
        });
        async Task MoveAsync(Func<double, (double, double)[]> fingersAt)
        {
            await TouchAsync("touchStart", fingersAt(0));
            for (var part = 1; part <= 8; part++) await TouchAsync("touchMove", fingersAt(part / 8.0));
            await TouchAsync("touchEnd");
        }

        await MoveAsync(part => [(middle + plot / 4 * (1 - part), y)]);
        await SettleAsync(page);
        var dragged = await WindowAsync(page);
        Assert.InRange(dragged.From, From + 1.98 * Hour, From + 2.02 * Hour);   // a quarter of eight hours, to the left
        Assert.Equal(8 * Hour, dragged.To - dragged.From, 1.0);

        await MoveAsync(part => [(middle - plot / 8 * (1 + part), y), (middle + plot / 8 * (1 + part), y)]);
        await SettleAsync(page);
        var pinched = await WindowAsync(page);
        Assert.InRange(pinched.To - pinched.From, 3.9 * Hour, 4.1 * Hour);
        Assert.InRange((pinched.From + pinched.To) / 2, From + 5.9 * Hour, From + 6.1 * Hour);

        await MoveAsync(part => [(middle, y + 120 - 200 * part)]);
        await page.WaitForFunctionAsync("() => scrollY > 20", null, Patient);
        Assert.Equal(pinched, await WindowAsync(page));
    }

    [Fact]
    public async Task Years_are_drawn_from_few_steps_and_everything_is_found()
    {
        await using var context = await browser.OpenAsync("en");
        var page = await OpenAsync(context, View);
        await page.Locator("[data-explore=all]").ClickAsync();
        await page.WaitForFunctionAsync("() => { const v = ieumExplore.view.state.view; return v.to - v.from > 700 * 86400e3; }", null, Patient);
        await SettleAsync(page);
        Assert.InRange(await page.EvaluateAsync<double>("ieumExplore.steps.at(-1).step"), 12 * Hour, 48 * Hour);
        await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "explore-all.en.1280.png") });
        await page.Locator("[data-explore=live]").ClickAsync();
        Assert.Equal(FakeFloor.Noon.ToUnixTimeMilliseconds(), (await WindowAsync(page)).To);
        // The button follows with the next picture.
        await Assertions.Expect(page.Locator("[data-explore=live]")).ToHaveAttributeAsync("aria-pressed", "true");
        await Assertions.Expect(page).ToHaveURLAsync(new Regex("span=\\d+$"));
    }

    [Fact]
    public async Task The_picture_and_the_table_can_be_kept_and_say_what_was_seen()
    {
        await using var context = await browser.OpenAsync("ko");
        var page = await OpenAsync(context, View);
        var picture = await page.RunAndWaitForDownloadAsync(() => page.Locator("[data-explore=picture]").ClickAsync());
        var bytes = await File.ReadAllBytesAsync(await picture.PathAsync(), TestContext.Current.CancellationToken);
        Assert.Equal(new byte[] { 0x89, (byte)'P', (byte)'N', (byte)'G' }, bytes[..4]);
        Assert.True(bytes.Length > 10_000, $"only {bytes.Length} bytes of picture");
        var table = await page.RunAndWaitForDownloadAsync(() => page.Locator("[data-explore=csv]").ClickAsync());
        var lines = (await File.ReadAllTextAsync(await table.PathAsync(), Encoding.UTF8, TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("time,seconds,machine,signal,unit,mean,lowest,highest,last,samples,without_value", lines[0].TrimStart('\uFEFF'));
        // Eight hours in steps of half a minute without what lies in the future and ten minutes at 0 and 3 o'clock; until 04:20, now.
        Assert.Equal(2 * (4 * 120 + 40 - 2 * 20), lines.Length - 1);
        Assert.Contains("/api/v1/history/export.csv?signals=6,7&from=2026-11-24T00:00:00Z&to=2026-11-24T08:00:00Z", await page.GetAttributeAsync("[data-explore=raw]", "href"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_signal_of_another_machine_joins_and_its_states_with_it_and_the_cursor_reads_all()
    {
        await using var context = await browser.OpenAsync("en", 360, 740);
        var page = await OpenAsync(context, View);
        await page.Locator(".explore-list summary").ClickAsync();
        await page.Locator("[data-explore-find]").FillAsync("S1temp");
        Assert.Equal(0, await page.Locator(".explore-list label:visible", new() { HasText = "Sload" }).CountAsync());
        await page.Locator("[data-signal='9']:visible").First.CheckAsync();
        await page.WaitForURLAsync("**/explore?s=6,7,9&*");
        await SettleAsync(page);
        Assert.Equal(3, await page.EvaluateAsync<int>("ieumExplore.view.state.signals.length"));
        await page.EvaluateAsync("() => { const v = ieumExplore.view; v.hover = v.state.view.from + 3.2 * 3600e3; v.paint(); }");
        await Assertions.Expect(page.Locator(".explore canvas")).ToHaveAttributeAsync("aria-label", new Regex("S1temp"));
        await Assertions.Expect(page.Locator("[data-told]")).Not.ToHaveTextAsync("");
    }
}
