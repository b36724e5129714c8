using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ieum.Bench.Harness;
using Microsoft.Playwright;

namespace Ieum.Bench.Gantt;

/// <summary>
/// The plan page under a hand: a real node that planned 400 orders of five steps (2,000 operations) on 20 machines, a real Chromium, its trace. A frame's
/// figure is the time of script (events, timers, animation frame), style and layout on the main thread between one animation frame and the next.
/// Budget: 16 ms, so that the picture follows the hand sixty times a second.
/// </summary>
internal static class GanttBench
{
    private const int Orders = 400, Steps = 5, Machines = 20;
    private const string Categories = "devtools.timeline,disabled-by-default-devtools.timeline,toplevel";
    // What counts is taken from the outermost of these, so nothing is counted twice.
    private static readonly HashSet<string> Work = ["FunctionCall", "EventDispatch", "FireAnimationFrame", "TimerFire", "EvaluateScript", "RunMicrotasks", "UpdateLayoutTree", "RecalculateStyles", "Layout", "MinorGC", "MajorGC"];

    public static async Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        await using var node = await NodeUnderTest.StartAsync(Shop(), oneCore: false, cancel);
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(d => Path.Combine(d, "chromium")).First(File.Exists),
            Args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
        await using var context = await chromium.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 900 } });
        context.SetDefaultTimeout(300_000);
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(node.Address, "/plan").ToString());
        await page.Locator($".gantt[data-bars='{Orders * Steps}']").WaitForAsync();
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        sheet.Add("bars", Orders * Steps);
        await page.Locator("[data-gantt=fit]").ClickAsync();
        // Every view twice: with all bars in the window, and close up where names are written.
        foreach (var view in new[] { "machines", "orders", "load" })
        {
            await page.Locator($".panel nav a[href*='view={view}'], .panel nav a[href='/plan']").First.WaitForAsync();
            var link = view == "machines" ? page.Locator(".panel nav a").First : page.Locator($".panel nav a[href*='view={view}']");
            await link.ClickAsync();
            await page.WaitForFunctionAsync("v => new URLSearchParams(location.search).get('view') === (v === 'machines' ? null : v)", view);
            sheet.AddAll($"{view}Pan", await TraceAsync(chromium, page, PanAsync));
            sheet.AddAll($"{view}Zoom", await TraceAsync(chromium, page, ZoomAsync));
            sheet.AddAll($"{view}Scroll", await TraceAsync(chromium, page, ScrollAsync));
        }
        await page.Locator(".panel nav a").First.ClickAsync();
        await page.WaitForFunctionAsync("() => new URLSearchParams(location.search).get('view') === null");
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.Locator("[data-gantt=fit]").ClickAsync();
        // The view and its window have been painted, and the wheel of before has not left the bars above the screen: else the hand takes hold of nothing.
        await page.EvaluateAsync("() => new Promise(r => { scrollTo(0, 0); setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(r)), 1000); })");
        sheet.AddAll("drag", await TraceAsync(chromium, page, DragAsync));
    }

    private static void AddAll(this FigureSheet sheet, string name, double[] frames)
    {
        Array.Sort(frames);
        sheet.Add($"{name}Frames", frames.Length);
        sheet.Add($"{name}FrameP50Ms", frames[frames.Length / 2]);
        sheet.Add($"{name}FrameP95Ms", frames[frames.Length * 95 / 100]);
        sheet.Add($"{name}FrameMaxMs", frames[^1]);
    }

    private static async Task PanAsync(IPage page)
    {
        var plot = (await page.Locator(".gantt-plot").BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(plot.X + 700, plot.Y + 20);
        await page.Mouse.DownAsync();
        for (var i = 0; i < 60; i++) await page.Mouse.MoveAsync(plot.X + 700 + 4 * (i < 30 ? -i : i - 60), plot.Y + 20);
        await page.Mouse.UpAsync();
    }

    private static async Task ZoomAsync(IPage page)
    {
        await page.Locator(".gantt-plot").FocusAsync();
        for (var i = 0; i < 40; i++) await page.Keyboard.PressAsync(i < 20 ? "+" : "-");
    }

    private static async Task ScrollAsync(IPage page)
    {
        await page.Locator(".gantt-plot").HoverAsync();
        for (var i = 0; i < 40; i++) await page.Mouse.WheelAsync(0, i < 20 ? 60 : -60);
    }

    /// <summary>Carries one bar over many places, then puts it back: the node answers meanwhile what each place would do.</summary>
    private static async Task DragAsync(IPage page)
    {
        var id = await page.EvaluateAsync<string>("() => { const r = document.querySelector('.gantt-plot').getBoundingClientRect(); return ieumGantt.some(r.left + 600, r.top + 80); }");
        var at = await page.EvaluateAsync<float[]>("id => ieumGantt.where(id)", id);
        await page.Mouse.MoveAsync(at[0] + at[2] / 2, at[1] + at[3] / 2);
        await page.Mouse.DownAsync();
        for (var i = 1; i <= 60; i++)
        {
            await page.Mouse.MoveAsync(at[0] + at[2] / 2 + 5 * i, at[1] + at[3] / 2);
            if (i == 5 && !await page.EvaluateAsync<bool>("() => document.querySelector('.gantt-plot').classList.contains('dragging')"))
                throw new InvalidOperationException($"The hand took hold of nothing at {string.Join(", ", at)}.");
        }
        await page.Keyboard.PressAsync("Escape");
        await page.Mouse.UpAsync();
    }

    /// <summary>Milliseconds of script and layout in every frame of an action.</summary>
    private static async Task<double[]> TraceAsync(IBrowser chromium, IPage page, Func<IPage, Task> action)
    {
        var session = await chromium.NewBrowserCDPSessionAsync();
        var events = new List<JsonElement>();
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        session.Event("Tracing.dataCollected").OnEvent += (_, e) => { if (e is { } data) lock (events) events.AddRange(data.GetProperty("value").EnumerateArray().Select(x => x.Clone())); };
        session.Event("Tracing.tracingComplete").OnEvent += (_, _) => ended.TrySetResult();
        await session.SendAsync("Tracing.start", new() { ["transferMode"] = "ReportEvents", ["traceConfig"] = new Dictionary<string, object> { ["includedCategories"] = Categories.Split(',') } });
        await action(page);
        await page.EvaluateAsync("() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))");
        await session.SendAsync("Tracing.end");
        await ended.Task;
        await session.DetachAsync();
        return Frames(events);
    }

    private static double[] Frames(List<JsonElement> events)
    {
        var spans = events.Where(e => e.GetProperty("ph").GetString() == "X" && Work.Contains(e.GetProperty("name").GetString()!) && e.TryGetProperty("dur", out _))
            .Select(e => (Thread: (e.GetProperty("pid").GetInt64(), e.GetProperty("tid").GetInt64()), Name: e.GetProperty("name").GetString()!, From: e.GetProperty("ts").GetDouble(), To: e.GetProperty("ts").GetDouble() + e.GetProperty("dur").GetDouble())).ToList();
        // The page's main thread is the one that fires animation frames.
        var main = spans.Where(s => s.Name == "FireAnimationFrame").GroupBy(s => s.Thread).OrderByDescending(g => g.Count()).First().Key;
        var (frames, end, sum) = (new List<double>(), double.MinValue, 0.0);
        foreach (var s in spans.Where(s => s.Thread == main).OrderBy(s => s.From).ThenByDescending(s => s.To))
        {
            if (s.From < end) continue;
            end = s.To;
            sum += (s.To - s.From) / 1000;
            // What comes after the drawing belongs to the next frame.
            if (s.Name != "FireAnimationFrame") continue;
            frames.Add(sum);
            sum = 0;
        }
        return [.. frames];
    }

    private static string Shop()
    {
        var random = new Random(20261128);
        var machines = new JsonArray([.. Enumerable.Range(1, Machines).Select(m => (JsonNode)new JsonObject { ["id"] = $"M{m:00}" })]);
        var week = new JsonObject();
        foreach (var day in new[] { "monday", "tuesday", "wednesday", "thursday", "friday" }) week[day] = new JsonArray("08:00-12:00", "13:00-20:00");
        var products = new JsonArray([.. Enumerable.Range(0, 40).Select(p => (JsonNode)new JsonObject
        {
            ["item"] = $"ITEM-{p:00}",
            ["steps"] = new JsonArray([.. Enumerable.Range(1, Steps).Select(s => (JsonNode)new JsonObject
            {
                ["step"] = s * 10, ["name"] = $"step {s}",
                ["machines"] = new JsonArray([.. Enumerable.Range(0, 3).Select(k => (p * 3 + s * 4 + k * 7) % Machines + 1).Distinct().Select(m => (JsonNode)new JsonObject { ["machine"] = $"M{m:00}", ["setUp"] = "20 min", ["perPiece"] = $"{random.Next(1, 6)} min" })]),
            })]),
        })]);
        var now = TimeProvider.System.GetUtcNow();
        var orders = new JsonArray([.. Enumerable.Range(1, Orders).Select(o => (JsonNode)new JsonObject
        {
            ["id"] = $"PO-{o:0000}", ["item"] = $"ITEM-{random.Next(40):00}", ["quantity"] = random.Next(5, 40), ["release"] = now.AddDays(-1).ToString("O", CultureInfo.InvariantCulture),
            ["due"] = now.AddDays(random.Next(3, 40)).ToString("O", CultureInfo.InvariantCulture),
        })]);
        return new JsonObject
        {
            ["Security"] = new JsonObject { ["DemoOwner"] = true }, ["Plan"] = new JsonObject { ["SolveLimit"] = "2 s" },
            ["company"] = new JsonObject { ["id"] = "bench", ["country"] = "KR", ["sites"] = new JsonArray(new JsonObject { ["id"] = "s", ["areas"] = new JsonArray(new JsonObject { ["id"] = "a", ["lines"] = new JsonArray(new JsonObject { ["id"] = "l", ["machines"] = machines }) }) }) },
            ["calendar"] = new JsonObject { ["week"] = week }, ["products"] = products, ["orders"] = orders,
        }.ToJsonString();
    }
}
