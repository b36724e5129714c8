using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace Ieum.Ui.Tests;

/// <summary>Every analysis can be kept as a picture and a table, and its link opens the same view again.</summary>
[Collection(BrowserGroup.Name)]
public sealed class KeepTests(Browser browser)
{
    private static async Task<IPage> OpenAsync(IBrowserContext context, string path)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(path);
        await page.WaitForFunctionAsync("document.documentElement.dataset.ready === '1'");
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        return page;
    }

    [Theory]
    [InlineData("/losses", 4)]                 // waterfall, Pareto, bottleneck, indicators
    [InlineData("/energy", 1)]
    [InlineData("/quality?machine=B-MC1", 3)]  // chart, capability, forecast
    [InlineData("/anomalies?n=10", 1)]
    public async Task Every_panel_is_kept_as_a_picture_and_its_figures_as_a_table(string path, int panels)
    {
        await using var context = await browser.OpenAsync("ko");
        var page = await OpenAsync(context, path);
        await Assertions.Expect(page.Locator("[data-picture]")).ToHaveCountAsync(panels);
        for (var i = 0; i < panels; i++)
        {
            var panel = (await page.Locator(".panel:has([data-picture])").Nth(i).BoundingBoxAsync())!;
            var kept = await page.RunAndWaitForDownloadAsync(() => page.Locator("[data-picture]").Nth(i).ClickAsync());
            var bytes = await File.ReadAllBytesAsync(await kept.PathAsync(), TestContext.Current.CancellationToken);
            await kept.SaveAsAsync(Path.Combine(Browser.Screenshots, $"kept-{path[1..].Split('?')[0]}-{i}.png"));
            Assert.EndsWith(".png", kept.SuggestedFilename, StringComparison.Ordinal);
            // As wide as the panel with its margin, in two points per pixel, and not empty.
            Assert.InRange(BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)), 2 * (panel.Width + 31), 2 * (panel.Width + 33));
            Assert.True(bytes.Length > 8_000, $"{kept.SuggestedFilename} has {bytes.Length} bytes");
        }
        var table = await page.RunAndWaitForDownloadAsync(() => page.Locator("main a[download$='.csv']").First.ClickAsync());
        Assert.True((await File.ReadAllTextAsync(await table.PathAsync(), Encoding.UTF8, TestContext.Current.CancellationToken)).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Length > 1);
    }

    [Fact]
    public async Task A_link_names_the_period_so_that_it_shows_the_same_tomorrow()
    {
        await using var context = await browser.OpenAsync("en");
        var page = await OpenAsync(context, "/losses?machine=B-MC1&hours=8");
        Assert.Equal("/losses?machine=B-MC1&hours=8&to=2026-11-24T04%3A20%3A00Z", await page.GetAttributeAsync("[data-copy-link]", "data-copy-link"));   // the factory's now
        page = await OpenAsync(context, "/losses?machine=B-MC1&hours=8&to=2026-11-23T04%3A20%3A00Z");
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync(new Regex("Mon 23 Nov 05:20 – Mon 23 Nov 13:20"));
        await page.GetByRole(AriaRole.Link, new() { Name = "Earlier" }).ClickAsync();
        await page.WaitForURLAsync("**/losses?machine=B-MC1&hours=8&to=2026-11-22T20%3A20%3A00Z");
        page = await OpenAsync(context, "/quality");
        var link = (await page.GetAttributeAsync("[data-copy-link]", "data-copy-link"))!;
        Assert.Matches("^/quality\\?characteristic=.+&kind=i-mr&n=\\d+$", link);
    }
}
