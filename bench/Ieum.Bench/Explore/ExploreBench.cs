using Ieum.Bench.Harness;
using Ieum.Model;
using Ieum.Record;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Playwright;

namespace Ieum.Bench.Explore;

/// <summary>
/// The history explorer as a person feels it: a node, a real Chromium, keys pressed one after the other; from the key until every signal is
/// drawn in full. Budget: 200 ms a step at ten million points. Two pasts: four signals of two machines over three years (10 M points together),
/// and one signal of 10 M points at one a second.
/// </summary>
internal static class ExploreBench
{
    private const int Years = 3, Chunk = 65_536;
    private const string Shop = """
        { "Security": { "DemoOwner": true }, "company": { "id": "bench", "country": "KR", "sites": [ { "id": "s", "areas": [ { "id": "a", "lines": [ { "id": "l", "machines": [ { "id": "M1" }, { "id": "M2" } ] } ] } ] } ] } }
        """;

    public static async Task RunAsync(FigureSheet sheet, CancellationToken cancel)
    {
        var scale = double.Parse(Environment.GetEnvironmentVariable("IEUM_BENCH_SCALE") ?? "1", System.Globalization.CultureInfo.InvariantCulture);
        var end = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        await using var node = await NodeUnderTest.StartAsync(Shop, oneCore: false, cancel, folder => FillAsync(folder, end, scale, sheet));
        using var playwright = await Playwright.CreateAsync();
        await using var chromium = await playwright.Chromium.LaunchAsync(new()
        {
            ExecutablePath = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(d => Path.Combine(d, "chromium")).First(File.Exists),
            Args = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        });
        await using var context = await chromium.NewContextAsync(new() { ViewportSize = new() { Width = 1280, Height = 800 } });
        context.SetDefaultTimeout(120_000);
        var from = end.AddYears(-Years);
        await WalkAsync(context, node.Address, $"/explore?s=1,2,3,4&from={from:yyyy-MM-dd}T00:00:00Z&to={end:yyyy-MM-dd}T00:00:00Z", "years", sheet);
        await WalkAsync(context, node.Address, $"/explore?s=5&from={end.AddSeconds(-10e6 * scale):yyyy-MM-dd'T'HH:mm:ss}Z&to={end:yyyy-MM-dd}T00:00:00Z", "dense", sheet);
    }

    /// <summary>From everything down to minutes and out again, three moves at every width; then the same way with the tiles at hand.</summary>
    private static async Task WalkAsync(IBrowserContext context, Uri address, string view, string name, FigureSheet sheet)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(address, view).ToString());
        await SettleAsync(page);
        var opened = await page.EvaluateAsync<double[]>("() => [ieumExplore.steps[0].ms, ieumExplore.steps[0].points]");
        await page.Locator(".explore canvas").FocusAsync();
        var steps = await PressAsync(page, [.. Enumerable.Repeat((string[])["+", "ArrowLeft", "ArrowLeft", "PageUp"], 12).SelectMany(k => k), .. Enumerable.Repeat((string[])["-", "ArrowRight", "PageDown"], 12).SelectMany(k => k)]);
        var known = await PressAsync(page, [.. Enumerable.Repeat("+", 12), .. Enumerable.Repeat("-", 12)]);
        sheet.Add($"{name}OpenMs", opened[0]);
        sheet.Add($"{name}PointsInView", opened[1]);
        sheet.Add($"{name}Steps", steps.Length);
        foreach (var (what, times) in new[] { ("Step", steps.Select(s => s[0])), ("StepWithStates", steps.Where(s => s[1] > 0).Select(s => s[1])), ("KnownStep", known.Select(s => s[0])) })
        {
            var sorted = times.Order().ToArray();
            sheet.Add($"{name}{what}P50Ms", sorted[sorted.Length / 2]);
            sheet.Add($"{name}{what}P95Ms", sorted[sorted.Length * 95 / 100]);
            sheet.Add($"{name}{what}MaxMs", sorted[^1]);
        }
        await page.CloseAsync();
    }

    /// <summary>Time until the signals, and until states were drawn too; 0 where they were not before the next key.</summary>
    private static async Task<double[][]> PressAsync(IPage page, string[] keys)
    {
        var before = await page.EvaluateAsync<int>("ieumExplore.steps.length");
        foreach (var key in keys)
        {
            await page.Keyboard.PressAsync(key);
            await SettleAsync(page);
        }
        return await page.EvaluateAsync<double[][]>($"ieumExplore.steps.slice({before.ToString(System.Globalization.CultureInfo.InvariantCulture)}).map(s => [s.ms, s.wholeMs ?? 0])");
    }

    private static async Task SettleAsync(IPage page) => await page.WaitForFunctionAsync("() => { const v = window.ieumExplore?.view; return v && !v.pending && v.steps.length > 0; }", null, new() { PollingInterval = 10 });

    private static async Task FillAsync(string folder, DateTimeOffset end, double scale, FigureSheet sheet)
    {
        await using var recorder = Recorder.Open(new RecordOptions { Folder = folder }, Clocks.Real, NullLogger.Instance);
        (string Machine, string Name, double Points, TimeSpan Over)[] wanted =
        [
            ("M1", "load", 2.5e6, TimeSpan.FromDays(365 * Years)), ("M1", "temperature", 2.5e6, TimeSpan.FromDays(365 * Years)),
            ("M2", "load", 2.5e6, TimeSpan.FromDays(365 * Years)), ("M2", "power", 2.5e6, TimeSpan.FromDays(365 * Years)), ("M1", "dense", 10e6, TimeSpan.FromSeconds(10e6 * scale)),
        ];
        var random = new Random(20261123);
        var points = 0L;
        foreach (var (machine, name, count, over) in wanted)
        {
            var number = recorder.Register(new(new(new(machine), name), Unit.Percent, ValueKind.Real, SignalRole.Load));
            var (all, walk) = ((int)(count * scale), 0);
            for (var at = 0; at < all; at += Chunk)
            {
                var samples = new Sample[Math.Min(Chunk, all - at)];
                for (var i = 0; i < samples.Length; i++)
                {
                    var ticks = end.UtcTicks - over.Ticks + (long)(over.Ticks * ((double)(at + i) / all));
                    samples[i] = new(number, ticks, ticks, SampleValue.Of((walk += random.Next(3) - 1) / 10.0), Quality.Good);
                }
                points += samples.Length;
                await recorder.AppendAsync(new(new($"{machine}.bench"), new(machine), samples), CancellationToken.None);
            }
        }
        foreach (var machine in new[] { "M1", "M2" })
        {
            var number = recorder.Register(new(new(new(machine), "execution"), Unit.One, ValueKind.Text, SignalRole.Execution));
            List<Sample> samples = [];
            for (var at = end.AddDays(-365 * Years); at < end; at += TimeSpan.FromMinutes(random.Next(5, 60)))
                samples.Add(new(number, at.UtcTicks, at.UtcTicks, SampleValue.Of(samples.Count % 2 == 0 ? "ACTIVE" : "READY"), Quality.Good));
            points += samples.Count;
            await recorder.AppendAsync(new(new($"{machine}.bench"), new(machine), samples.ToArray()), CancellationToken.None);
        }
        await recorder.SealAllAsync();
        await recorder.TendAllAsync();   // what the node does beside its work within minutes
        sheet.Add("points", points);
    }
}
