namespace Ieum.Ui.Tests;

/// <summary>Manual entry on a phone in a real browser.</summary>
[Collection(BrowserGroup.Name)]
public sealed class EntryTests(Browser browser)
{
    [Fact]
    public async Task What_is_entered_without_a_network_is_sent_once_when_it_is_back()
    {
        await using var context = await browser.OpenAsync("ko", 360, 740, false);
        var page = await context.NewPageAsync();
        await page.GotoAsync("/m/B-MC1");
        await page.WaitForFunctionAsync("document.documentElement.dataset.ready === '1'");
        var before = browser.Host.Entries.Entered.Count;
        await context.SetOfflineAsync(true);
        await page.FillAsync("[data-point='bore diameter'] input", "12.345");
        await page.ClickAsync("[data-point='bore diameter'] [data-enter]");
        await page.ClickAsync("[data-point='state'] [data-reason='tool change']");
        await page.WaitForSelectorAsync("[data-entry-queue] .warn");
        Assert.Equal(before, browser.Host.Entries.Entered.Count);

        await context.SetOfflineAsync(false);
        await page.WaitForFunctionAsync("(JSON.parse(localStorage.getItem('ieum.entries')) ?? []).length === 0", null, new() { Timeout = 120_000 });
        var entered = browser.Host.Entries.Entered.Values;
        Assert.Equal(before + 2, entered.Count);
        Assert.Contains(entered, e => e is { Point: "bore diameter", Value: "12.345", By: "owner" });
        Assert.Contains(entered, e => e is { Point: "state", Value: "stopped", Reason: "tool change" });
    }
}
