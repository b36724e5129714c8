using Microsoft.Playwright;

namespace Ieum.Ui.Tests;

/// <summary>The Gantt under a hand, a finger and a keyboard, in a real Chromium.</summary>
[Collection(BrowserGroup.Name)]
public sealed class GanttTests(Browser browser)
{
    private const string Later = "PO-2611-034-1-BODY.10";   // begins at 05:00 on the 25th on the fourth machine

    [Fact]
    public async Task Panning_moves_the_window_in_the_address_and_a_press_explains_a_bar()
    {
        await using var context = await browser.OpenAsync("en");
        var page = await ReadyAsync(context, "/plan");
        var plot = (await page.Locator(".gantt-plot").BoundingBoxAsync())!;
        var room = plot.Width - 164;
        await page.Mouse.MoveAsync(plot.X + 164 + room / 2, plot.Y + 15);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(plot.X + 164 + room / 4, plot.Y + 15, new() { Steps = 4 });
        await page.Mouse.UpAsync();
        // 48 h wide, dragged left by a quarter: from 4.8 h before 13:20 it + 12 h is 20:32, in UTC 11:32.
        await page.WaitForURLAsync("**/plan?from=2026-11-24T11:3*");
        var bar = await WhereAsync(page, Later);
        await page.Mouse.ClickAsync(bar.X + bar.Width / 2, bar.Y + bar.Height / 2);
        await Assertions.Expect(page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("[?&]op=PO-2611-034-1-BODY\\.10$"));
        await Assertions.Expect(page.Locator(".why h2")).ToHaveTextAsync(Later);
    }

    [Fact]
    public async Task Work_that_is_dragged_asks_while_it_moves_lands_in_a_draft_and_can_be_taken_back_and_put_into_force()
    {
        await using var host = await PageHost.StartAsync();
        await using var context = await browser.OpenAsync("en");
        var page = await ReadyAsync(context, host.Address + "/plan?hours=48");
        var bar = await WhereAsync(page, Later);
        await page.Mouse.MoveAsync(bar.X + 10, bar.Y + bar.Height / 2);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(bar.X + 130, bar.Y + bar.Height / 2, new() { Steps = 6 });
        await Assertions.Expect(page.Locator(".gantt[data-feasible=yes]")).ToBeVisibleAsync();
        await Assertions.Expect(page.Locator(".gantt-tip")).ToContainTextAsync("no order misses its date");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "gantt-drag.en.1280.png") });
        Assert.Null(host.Board.Of("owner"));   // asked, but nothing done
        Assert.All(host.Board.Asked, a => Assert.Equal(Later, a.Operation.Value));
        await page.Mouse.UpAsync();

        await Assertions.Expect(page.Locator(".draft")).ToContainTextAsync("changes: 1");
        var moved = host.Board.Of("owner")!;
        var was = host.Plan.InForce!.Operations.Single(o => o.Operation.Value == Later);
        // 120 of 1,080 or so pixels of 48 h: five hours and a bit later, on whole grid steps.
        Assert.InRange((moved.Plan.Operations.Single(o => o.Operation == was.Operation).Start - was.Start).TotalHours, 4, 7);
        Assert.Equal(was.Operation, Assert.Single(moved.Locks).Operation);

        await page.Locator(".gantt-plot").PressAsync("Control+z");
        await Assertions.Expect(page.Locator(".draft")).ToContainTextAsync("changes: 0");
        Assert.Equal(was, host.Board.Of("owner")!.Plan.Operations.Single(o => o.Operation == was.Operation));
        await page.Locator(".gantt-plot").PressAsync("Control+y");
        await Assertions.Expect(page.Locator(".draft")).ToContainTextAsync("changes: 1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Put the draft into force" }).ClickAsync();
        await Assertions.Expect(page.Locator(".note.good")).ToContainTextAsync("Plan 8 is in force");
        await Assertions.Expect(page.Locator(".draft")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task What_cannot_be_is_told_in_words_and_the_bar_goes_back()
    {
        await using var host = await PageHost.StartAsync();
        await using var context = await browser.OpenAsync("ko");
        var page = await ReadyAsync(context, host.Address + "/plan?hours=48");
        var bar = await WhereAsync(page, Later);
        // A row of a machine that cannot do it: seen at once, without asking the node.
        await DragAsync(page, bar, 20, 46);
        await Assertions.Expect(page.Locator(".gantt-tip.bad")).ToContainTextAsync("이 설비로는 할 수 없는 작업입니다");
        // What only the node knows: told after the drop.
        host.Board.Refuse = "plan-beyond-horizon";
        await DragAsync(page, bar, 90, 0);
        await Assertions.Expect(page.Locator(".gantt-tip.bad")).ToContainTextAsync("일이 2년의 근무 시간에 들어가지 않습니다");
        Assert.Null(host.Board.Of("owner"));
        Assert.Equal(bar.X, (await WhereAsync(page, Later)).X, 1f);
    }

    [Fact]
    public async Task The_keyboard_chooses_moves_locks_and_splits()
    {
        await using var host = await PageHost.StartAsync();
        await using var context = await browser.OpenAsync("en");
        var page = await ReadyAsync(context, host.Address + "/plan?hours=48&op=" + Later);
        var plot = page.Locator(".gantt-plot");
        await plot.FocusAsync();
        await plot.PressAsync("l");
        await Assertions.Expect(page.Locator("[data-do=lock]")).ToHaveTextAsync("Unlock");
        await plot.PressAsync("Alt+ArrowRight");
        await plot.PressAsync("ArrowRight");
        await plot.PressAsync("Enter");
        await Assertions.Expect(page.Locator(".draft")).ToContainTextAsync("changes: 2");
        await Assertions.Expect(page.Locator(".gantt-say")).ToContainTextAsync("no order misses its date");
        var was = host.Plan.InForce!.Operations.Single(o => o.Operation.Value == Later);
        Assert.True(host.Board.Of("owner")!.Plan.Operations.Single(o => o.Operation == was.Operation).Start > was.Start);
        await plot.PressAsync("s");
        await page.Locator("#split-pieces").FillAsync("7");
        await page.Locator("#split-pieces").PressAsync("Enter");
        await Assertions.Expect(page.Locator("#split-pieces")).ToHaveCountAsync(0);
        Assert.Equal((Later, 7), (Assert.Single(host.Board.Split).Operation.Value, host.Board.Split[0].Pieces));
        await plot.PressAsync("ArrowRight");   // the next on the same machine
        await Assertions.Expect(page.Locator(".why h2")).Not.ToHaveTextAsync(Later);
        await plot.PressAsync("-");
        await page.WaitForURLAsync("**/plan?*hours=80*");   // 48 h by 0.6
    }

    [Fact]
    public async Task A_finger_that_rests_lifts_a_bar_and_one_that_moves_looks_around()
    {
        await using var host = await PageHost.StartAsync();
        await using var context = await browser.OpenAsync("ja", 360, 740);
        var page = await ReadyAsync(context, host.Address + "/plan?hours=24&from=2026-11-24T18:00:00Z");
        var session = await context.NewCDPSessionAsync(page);
        await page.Locator(".gantt-plot").ScrollIntoViewIfNeededAsync();
        var bar = await WhereAsync(page, Later);
        var window = await page.GetAttributeAsync(".gantt", "data-window");
        await TouchAsync(session, "touchStart", bar.X + 8, bar.Y + 12);
        await Assertions.Expect(page.Locator(".gantt-plot.dragging")).ToBeVisibleAsync();
        for (var i = 1; i <= 4; i++) await TouchAsync(session, "touchMove", bar.X + 8 + 15 * i, bar.Y + 12);
        await Assertions.Expect(page.Locator(".gantt-tip")).ToBeVisibleAsync();
        await TouchAsync(session, "touchEnd");
        await Assertions.Expect(page.Locator(".draft")).ToContainTextAsync("変更 1件");
        Assert.Equal(window, await page.GetAttributeAsync(".gantt", "data-window"));
    }

    [Fact]
    public async Task On_paper_the_chart_is_drawn_as_vectors_with_every_bar_of_the_window()
    {
        await using var context = await browser.OpenAsync("ja");
        var page = await ReadyAsync(context, "/plan?hours=24");
        await page.EvaluateAsync("dispatchEvent(new Event('beforeprint'))");
        var text = await page.Locator(".gantt-paper svg").InnerHTMLAsync();
        Assert.Contains(".10</text>", text, StringComparison.Ordinal);
        Assert.Contains("! PO", text, StringComparison.Ordinal);   // late by word, not by colour alone
        await page.EvaluateAsync("dispatchEvent(new Event('afterprint'))");
        await page.EmulateMediaAsync(new() { Media = Media.Print });
        var pdf = await page.PdfAsync(new() { Path = Path.Combine(Browser.Screenshots, "gantt.ja.pdf"), PreferCSSPageSize = true });
        Assert.True(pdf.Length > 10_000);
    }

    [Fact]
    public async Task From_ten_minutes_to_a_year_the_axis_tells_minutes_hours_days_and_months()
    {
        await using var context = await browser.OpenAsync("en");
        var page = await ReadyAsync(context, "/plan?hours=48");
        var plot = page.Locator(".gantt-plot");
        await plot.FocusAsync();
        // In until it is narrow enough: ten minutes, told to the page as an address that others can open.
        for (var i = 0; i < 13; i++) await plot.PressAsync("+");
        Assert.Equal(10 * 60_000, await WidthAsync(page));
        await page.WaitForURLAsync("**/plan?*hours=0.1667*");
        Assert.Matches(@">\d\d:[0-5][1-9]<", await PaperAsync(page));
        // Out by the button: a day has hours, a month has days, the widest is a year with its months.
        await page.GotoAsync("/plan?hours=24&from=2026-11-24T00:00:00Z");
        await page.Locator(".gantt[data-live][data-window]").WaitForAsync();
        var day = await PaperAsync(page);
        Assert.Contains(">20:00<", day, StringComparison.Ordinal);
        Assert.Contains("Nov 24", day, StringComparison.Ordinal);
        var wider = page.Locator("[data-gantt=out]");
        for (var i = 0; i < 7; i++) await wider.ClickAsync();
        var month = await PaperAsync(page);
        Assert.InRange(await WidthAsync(page), 28 * 24 * 3_600_000L, 40 * 24 * 3_600_000L);
        Assert.Contains(">Nov 2026<", month, StringComparison.Ordinal);
        Assert.DoesNotContain(">20:00<", month, StringComparison.Ordinal);
        for (var i = 0; i < 7; i++) await wider.ClickAsync();
        Assert.Equal(370L * 24 * 3_600_000, await WidthAsync(page));
        await page.WaitForURLAsync("**/plan?*hours=8880*");
        var year = await PaperAsync(page);
        foreach (var name in new[] { "Nov 2026", "Jan 2027", "Apr 2027" }) Assert.Contains($">{name}<", year, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Orders_machines_and_load_show_the_same_plan_on_the_screen_and_on_paper()
    {
        await using var host = await PageHost.StartAsync();
        await using var context = await browser.OpenAsync("ja");
        var page = await ReadyAsync(context, host.Address + "/plan?hours=96&from=2026-11-24T00:00:00Z");
        var plan = host.Plan.InForce!;
        // By order: a line each, late ones first and by word; a press on a bar explains it here too.
        await page.Locator("nav a[href*='view=orders']").ClickAsync();
        await page.WaitForURLAsync("**/plan?*view=orders*");
        await Assertions.Expect(page.Locator("nav a.btn[aria-current=true]")).ToHaveTextAsync("注文別");
        var orders = await PaperAsync(page);
        // The names beside the lines; a long one keeps its beginning and its end.
        string[] names = [.. System.Text.RegularExpressions.Regex.Matches(orders, """<text x="8" [^>]*font-size="13"[^>]*>([^<]+)<""").Select(m => m.Groups[1].Value)];
        string[] known = [.. plan.Operations.Select(o => o.Order.Value).Distinct()];
        Assert.Equal(known.Length, names.Length);
        Assert.All(known, o => Assert.Contains(names, n => n.EndsWith(o[^6..], StringComparison.Ordinal)));
        var late = plan.Promises.Count(p => p.IsLate && known.Contains(p.Order.Value));
        Assert.InRange(late, 1, names.Length - 1);
        Assert.All(names.Take(late), n => Assert.StartsWith("! ", n, StringComparison.Ordinal));
        Assert.All(names.Skip(late), n => Assert.False(n.StartsWith('!')));
        await page.Locator(".gantt-plot").FocusAsync();
        await page.Locator(".gantt-plot").PressAsync("ArrowRight");
        await Assertions.Expect(page.Locator(".why h2")).ToBeVisibleAsync();
        // Load: percent of the open time, never above what a machine has; nothing to press there.
        await page.Locator("nav a[href*='view=load']").ClickAsync();
        await page.WaitForURLAsync("**/plan?*view=load*");
        var load = await PaperAsync(page);
        var shares = System.Text.RegularExpressions.Regex.Matches(load, @">(\d+) %<").Select(m => int.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).ToArray();
        Assert.NotEmpty(shares);
        Assert.All(shares, s => Assert.InRange(s, 0, 100));
        Assert.DoesNotContain(Later, load, StringComparison.Ordinal);
        var pdf = await page.PdfAsync(new() { PreferCSSPageSize = true });
        Assert.True(pdf.Length > 10_000);
    }

    /// <summary>What would be printed now: the same painter draws it as on the screen.</summary>
    private static async Task<string> PaperAsync(IPage page)
    {
        await page.EvaluateAsync("dispatchEvent(new Event('beforeprint'))");
        var drawn = await page.Locator(".gantt-paper svg").InnerHTMLAsync();
        await page.EvaluateAsync("dispatchEvent(new Event('afterprint'))");
        return drawn;
    }

    private static async Task<long> WidthAsync(IPage page) => long.Parse((await page.GetAttributeAsync(".gantt", "data-window"))!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);

    private static async Task DragAsync(IPage page, (float X, float Y, float Width, float Height) bar, float right, float down)
    {
        await page.Mouse.MoveAsync(bar.X + 10, bar.Y + bar.Height / 2);
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(bar.X + 10 + right, bar.Y + bar.Height / 2 + down, new() { Steps = 5 });
        await page.Mouse.UpAsync();
    }

    private static async Task TouchAsync(ICDPSession session, string type, double x = 0, double y = 0) => await session.SendAsync("Input.dispatchTouchEvent",
        new() { ["type"] = type, ["touchPoints"] = type == "touchEnd" ? Array.Empty<object>() : [new Dictionary<string, object> { ["x"] = x, ["y"] = y }] });

    private static async Task<(float X, float Y, float Width, float Height)> WhereAsync(IPage page, string operation)
    {
        var at = await page.EvaluateAsync<float[]>("id => ieumGantt.where(id)", operation);
        return (at[0], at[1], at[2], at[3]);
    }

    private static async Task<IPage> ReadyAsync(IBrowserContext context, string address)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(address);
        await page.WaitForFunctionAsync("document.documentElement.dataset.ready === '1'");
        await page.Locator(".gantt[data-live][data-window]").WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        return page;
    }
}
