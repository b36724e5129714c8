using Ieum.TestKit;
using Microsoft.Playwright;

namespace Ieum.Ui.Tests;

/// <summary>Two hundred points in a real browser, on a desk and on a phone: found, chosen, looked at, and nothing wider than the screen.</summary>
[Collection(BrowserGroup.Name)]
public sealed class ConnectWideTests(Browser browser)
{
    [Fact]
    public async Task Two_hundred_points_are_found_chosen_and_looked_at_on_a_desk_and_on_a_phone()
    {
        await using var host = await PageHost.StartAsync();
        host.Settings.Wide = 200;
        foreach (var (language, width, dark) in new[] { ("ko", 1280, false), ("ja", 360, true) })
        {
            await using var context = await browser.OpenAsync(language, width, 800, dark);
            var page = await context.NewPageAsync();
            await page.GotoAsync(host.Address + "/settings/connect");
            await page.Locator("[data-live='1']").WaitForAsync(new() { State = WaitForSelectorState.Attached });
            await page.Locator("input[placeholder='192.168.0.0/24']").FillAsync("192.168.0.30");
            await page.Locator("section.panel button.primary").First.ClickAsync();
            await page.Locator(".pick button", new() { HasText = "192.168.0.30:502" }).First.ClickAsync();
            await Assertions.Expect(page.Locator("section:has(table.points) table.rows:not(.points) tbody tr")).ToHaveCountAsync(25);
            await LookAsync("found");
            // All two hundred at once; the list of what was chosen stays a list that people can read.
            await page.GetByRole(AriaRole.Button, new() { Name = language == "ko" ? "모두 추가" : "すべて追加" }).ClickAsync();
            await Assertions.Expect(page.Locator("table.points tbody tr")).ToHaveCountAsync(25);
            await LookAsync("chosen");
            await page.Locator("input[type=search]").Last.FillAsync("axis-19");
            await Assertions.Expect(page.Locator("table.points tbody tr")).ToHaveCountAsync(2);
            await page.Locator("input[type=search]").Last.FillAsync("");
            await page.GetByRole(AriaRole.Button, new() { Name = language == "ko" ? "현재값 보기" : "現在値を見る" }).ClickAsync();
            await Assertions.Expect(page.Locator("section.panel", new() { Has = page.Locator(".btns a[href='/settings']") }).Locator("td.figure").First).ToBeVisibleAsync();
            await LookAsync("looked");

            async Task LookAsync(string what)
            {
                // For people who look at them, as in WalkTests.
                if (!Needs.OnCi) await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, FormattableString.Invariant($"connect-wide-{what}.{language}.{width}.png")), FullPage = true });
                Assert.Empty(await page.EvaluateAsync<string[]>(WalkTests.Overflowing));
            }
        }
        Assert.Empty(host.Errors);
    }
}
