using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Ieum.TestKit;
using Microsoft.Playwright;

namespace Ieum.Ui.Tests;

/// <summary>A real Chromium looks at every page in every language, wide and narrow, light and dark.</summary>
[Collection(BrowserGroup.Name)]
public sealed partial class WalkTests(Browser browser)
{
    private static readonly (string Name, string Path)[] Pages =
    [
        ("today", "/"), ("machine", "/machine/B-MC2"), ("plan", "/plan"), ("plan-why", "/plan?op=PO-2611-032-1-BODY.10"), ("plan-orders", "/plan?view=orders&hours=168"), ("plan-load", "/plan?view=load&hours=336"), ("exchange", "/plan/data"), ("instructions", "/plan/instructions"),
        ("late", "/plan/late?op=PO-2611-032-1-BODY.20"), ("promise", "/promise"), ("replan", "/plan/replan"), ("branches", "/plan/branches"), ("one-factory", "/plan/across"), ("operator", "/operator"), ("operator-machine", "/operator/B-MC1"), ("entry", "/m/B-MC1"), ("entry-sheet", "/machines/B-MC1/qr"), ("loops", "/loops"), ("anomalies", "/anomalies?all=true"),
        ("writes", "/writes"), ("writes-list", "/writes/list"), ("writes-ask", "/writes/ask?machine=B-MC3&signal=S1temp"), ("writes-rule", "/writes/rule?machine=B-MC3&signal=recipe"), ("writes-audit", "/writes/audit"),
        ("losses", "/losses"), ("explore", "/explore?s=6,7,9&span=28800"), ("explore-year", "/explore?s=6,7&from=2025-12-01T00:00:00Z&to=2026-11-24T00:00:00Z&by=unit"), ("quality", "/quality?machine=B-MC1"), ("energy", "/energy"),
        ("phone", "/phone"), ("settings", "/settings"), ("settings-machines", "/settings/machines"), ("settings-connect", "/settings/connect"), ("settings-sparkplug", "/settings/sparkplug"), ("settings-corrections", "/settings/corrections?edit="), ("settings-record", "/settings/record"), ("settings-users", "/settings/users"),
        ("login", "/account/login"), ("setup", "/setup?token=once"), ("not-found", "/nowhere"),
    ];

    public static TheoryData<string, int, bool> Looks => new()
    {
        { "ko", 1280, false }, { "ja", 1280, true }, { "en", 1280, false },
        { "ko", 360, true }, { "ja", 360, false }, { "en", 360, true },
    };

    [Theory]
    [MemberData(nameof(Looks))]
    public async Task Every_page_fits_is_translated_and_raises_no_error(string language, int width, bool dark)
    {
        await using var context = await browser.OpenAsync(language, width, width < 600 ? 740 : 800, dark);
        var faults = new ConcurrentBag<string>();
        // A page that is loaded is looked at only after half a second without network; meanwhile others load.
        await Parallel.ForEachAsync(Pages, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (known, _) =>
        {
            var (name, path) = known;
            var page = await context.NewPageAsync();
            page.Console += (_, m) => { if (m.Type == "error" && !(name == "not-found" && m.Text.Contains("404", StringComparison.Ordinal))) faults.Add($"{name}: {m.Text}"); };
            page.PageError += (_, e) => faults.Add($"{name}: {e}");
            await page.GotoAsync(path);
            await page.WaitForFunctionAsync("document.documentElement.dataset.ready === '1'");
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            Assert.Equal(language, await page.GetAttributeAsync("html", "lang"));
            foreach (var o in await page.EvaluateAsync<string[]>(Overflowing)) faults.Add($"{name}: wider than its place: {o}");
            foreach (var o in await page.EvaluateAsync<string[]>(TooFaint)) faults.Add($"{name}: hard to read: {o}");
            foreach (Match m in BareKey().Matches(await page.InnerTextAsync("body"))) faults.Add($"{name}: bare key '{m.Value}'");
            // For people who look at them; nothing is read out of a picture, and CI throws them away.
            if (!Needs.OnCi) await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, $"{name}.{language}.{width}.{(dark ? "dark" : "light")}.png"), FullPage = width < 600 });
            await page.CloseAsync();
        });
        string[] all = [.. faults.Concat(browser.Host.Errors).Distinct().Order(StringComparer.Ordinal)];
        Assert.True(all.Length == 0, string.Join('\n', all));
    }

    // Elements that scroll on purpose, or clip with an ellipsis, are asked to keep their own box inside the window.
    internal const string Overflowing = """
        () => {
          const wide = document.documentElement.clientWidth, found = [];
          for (const e of document.querySelectorAll('body *')) {
            if (e.closest('svg') && e.tagName !== 'svg') continue;
            const style = getComputedStyle(e), box = e.getBoundingClientRect();
            if (!box.width || style.visibility === 'hidden' || e.closest('.visually-hidden, .skip, .mud-popover-provider')) continue;
            let kept = false;
            for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
              if (getComputedStyle(p).overflowX !== 'visible') { kept = true; break; }
            if (!kept && (box.right > wide + 1 || box.left < -1)) found.push(`${e.tagName}.${e.className} ends at ${Math.round(box.right)} of ${wide}`);
            if (style.overflowX === 'visible' && style.display !== 'inline' && e.clientWidth && e.scrollWidth > e.clientWidth + 1 && e.tagName !== 'svg')
              found.push(`${e.tagName}.${e.className} needs ${e.scrollWidth} of ${e.clientWidth}`);
          }
          return found.slice(0, 8);
        }
        """;

    // WCAG 2.2 AA, 1.4.3: 4.5 to 1, large text 3 to 1. Disabled controls are exempt.
    private const string TooFaint = """
        () => {
          const parse = c => (c.match(/[\d.]+/g) ?? []).map(Number);
          const light = ([r, g, b]) => [r, g, b].map(v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4).reduce((s, v, i) => s + v * [.2126, .7152, .0722][i], 0);
          const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const e = walker.currentNode.parentElement;
            if (!walker.currentNode.data.trim() || e.closest('svg, script, .visually-hidden, .skip, dialog:not([open]), :disabled, .lost')) continue;
            const style = getComputedStyle(e), box = e.getBoundingClientRect();
            if (!box.width || style.visibility === 'hidden') continue;
            let back = [0, 0, 0, 0];
            for (let p = e; p && !(back[3] === undefined || back[3] > 0); p = p.parentElement) back = parse(getComputedStyle(p).backgroundColor);
            const a = light(parse(style.color)), b = light(back), ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
            const size = parseFloat(style.fontSize), large = size >= 24 || size >= 18.66 && Number(style.fontWeight) >= 700;
            if (ratio < (large ? 3 : 4.5)) found.push(`"${walker.currentNode.data.trim().slice(0, 30)}" ${ratio.toFixed(2)} in ${e.className || e.tagName}`);
          }
          return found.slice(0, 5);
        }
        """;

    [GeneratedRegex(@"\b(nav|today|one|machine|plan|gantt|exchange|instruct|operator|loops|writes|anomaly|explore|push|andon|settings|edge|record|connect|value|state|common|span|time|rule|account|word|reason|signal)\.[a-z][\w.-]*\b")]
    private static partial Regex BareKey();
}
