using Ieum.Model;
using Ieum.Ui.Tests.Fakes;
using Microsoft.Playwright;

namespace Ieum.Ui.Tests;

/// <summary>Writing, stopping and releasing under a person's hands, on a phone, in a real browser.</summary>
[Collection(BrowserGroup.Name)]
public sealed class WriteWalkTests(Browser browser)
{
    [Fact]
    public async Task A_person_writes_takes_back_stops_everything_and_the_audit_tells_it()
    {
        await using var host = await PageHost.StartAsync();
        await using var context = await browser.OpenAsync("en", 360, 740);
        var page = await context.NewPageAsync();
        await GoAsync("/writes/list");
        await page.Locator("[data-rule=S1temp] a.primary").ClickAsync();
        await ReadyAsync("/writes/ask");
        await page.Locator("input.entry-field").FillAsync("44");
        await page.GetByRole(AriaRole.Button, new() { Name = "Check without sending" }).ClickAsync();
        await page.Locator("[data-dry=free] button.primary").ClickAsync();
        var card = page.Locator("article.write", new() { HasText = "44 °C" });
        await Assertions.Expect(card.Locator(".state-word")).ToHaveTextAsync("Confirmed");
        Assert.Equal(SampleValue.Of(44.0), host.Writes.Held(FakeWrites.Oven));

        await card.GetByRole(AriaRole.Button, new() { Name = "Take back to 41.5 °C" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Takes back write")).ToBeVisibleAsync();
        Assert.Equal(SampleValue.Of(41.5), host.Writes.Held(FakeWrites.Oven));

        // Two presses and no word needed: a hand may be in the machine.
        await page.Locator("button.stop").ClickAsync();
        await page.Locator(".mud-dialog button.primary").ClickAsync();
        await Assertions.Expect(page.Locator(".stop-on")).ToContainTextAsync("no reason given");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "writes-stopped.en.360.png"), FullPage = true });
        var sent = host.Writes.Sent.Count;
        await GoAsync("/writes/ask?machine=B-MC3&signal=S1temp");
        await page.Locator("input.entry-field").FillAsync("45");
        await page.GetByRole(AriaRole.Button, new() { Name = "Check without sending" }).ClickAsync();
        await Assertions.Expect(page.Locator("[data-dry=refused] .checks li.refused").First).ToContainTextAsync("All writing is stopped");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "writes-refused.en.360.png"), FullPage = true });
        Assert.Equal(sent, host.Writes.Sent.Count);

        await GoAsync("/writes");
        await page.GetByRole(AriaRole.Button, new() { Name = "Allow writing again" }).ClickAsync();
        await page.Locator(".mud-dialog input").FillAsync("checked, nobody inside");
        await page.Locator(".mud-dialog button.primary").ClickAsync();
        await Assertions.Expect(page.Locator(".stop-off")).ToBeVisibleAsync();

        await GoAsync("/writes/audit");
        await Assertions.Expect(page.Locator(".audit")).ToContainTextAsync("checked, nobody inside");
        await Assertions.Expect(page.GetByText("entries are as they were written")).ToBeVisibleAsync();
        Assert.Empty(host.Errors);

        async Task GoAsync(string path)
        {
            await page.GotoAsync(host.Address + path);
            await ReadyAsync(path);
        }

        async Task ReadyAsync(string path)
        {
            await page.WaitForURLAsync(url => url.Contains(path, StringComparison.Ordinal));
            await page.WaitForFunctionAsync("document.documentElement.dataset.ready === '1'");
        }
    }
}
