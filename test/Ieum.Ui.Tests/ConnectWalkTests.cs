using System.Diagnostics;
using System.Globalization;
using Ieum.Conformance.Sim;
using Ieum.House.Tests.Node;
using Ieum.Model;
using Ieum.Node.Views;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Ieum.Ui.Tests;

/// <summary>A person who has never seen the product, an empty node, and two machines with OPC UA servers: by the pages alone.</summary>
[Collection(BrowserGroup.Name)]
public sealed class ConnectWalkTests(Browser browser, ITestOutputHelper output)
{
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private int _clicks;

    [Fact]
    public async Task A_newcomer_sees_the_first_machine_live_and_connecting_the_second_does_not_disturb_it()
    {
        var origin = TimeProvider.System.GetUtcNow();
        await using var sim = await SimProcess.RunAsync("""
            {"id":"mill","protocol":"opcua","source":{"generated":"mill","seed":3}},{"id":"lathe","protocol":"opcua","source":{"generated":"lathe","seed":5}}
            """, speed: 60, origin);
        await using var node = await RunningNode.StartAsync(clocks: new(new ScenarioClock(SimProcess.Start0800, 60, origin, TimeProvider.System), TimeProvider.System));
        await using var context = await browser.OpenAsync("ko");
        var page = await context.NewPageAsync();

        try { await WalkAsync(); }
        catch (Exception)
        {
            // What the person would have seen where it went wrong.
            await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "connect-failed.png") });
            throw;
        }

        async Task WalkAsync()
        {
            await page.GotoAsync(node.Address.OwnerLink!);
            await page.FillAsync("[name='Form.Name']", "owner");
            await page.FillAsync("[name='Form.Password']", "a long password");
            await page.FillAsync("[name='Form.Repeat']", "a long password");
            await ClickAsync(page.Locator("button.primary"));
            // From page to page by what the empty pages offer.
            await ClickAsync(page.Locator(".empty a.primary[href='/settings']"));
            await ClickAsync(page.Locator(".empty a.primary[href='/settings/machines?edit=new']"));
            await RegisterAsync("M1");
            await ConnectAsync("M1", "mill");
            await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "connect-first-live.ko.1280.png") });
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"first machine live: {_clicks} clicks, {_time.Elapsed.TotalSeconds:0} s by a script on this machine"));
            Assert.True(_clicks <= 15, $"{_clicks} clicks to the first live machine; 15 are enough.");

            var desk = node.Services.GetRequiredService<ISettingsDesk>();
            var before = desk.HealthOf(new("M1.opcua"))!;
            await page.GotoAsync(node.Address.Url + "/settings/machines?edit=new");
            await RegisterAsync("M2");
            await ConnectAsync("M2", "lathe");
            var after = desk.HealthOf(new("M1.opcua"))!;
            Assert.Equal((LinkState.Connected, before.Since, 0L, 0L, 0L), (after.Link, after.Since, (long)after.Reconnects, after.Counters.Lost, after.Counters.Gaps));
            Assert.True(after.Counters.Received > before.Counters.Received, $"M1 stood still: {before.Counters} {after.Counters}");
        }

        async Task RegisterAsync(string id)
        {
            await ReadyAsync("/settings/machines?edit=new");
            await page.Locator(".form input").First.FillAsync(id);
            await ClickAsync(page.Locator("button.primary"));
            await ClickAsync(page.Locator($"a[href='/settings/connect?machine={id}']"));
        }

        async Task ConnectAsync(string machine, string simulated)
        {
            await ReadyAsync("/settings/connect");
            await Assertions.Expect(page.Locator("select").First).ToHaveValueAsync(machine);
            await page.Locator("input[placeholder]").FillAsync(new Uri(sim.Endpoint(simulated)).Authority);
            await ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "설비 찾기" }));
            await ClickAsync(page.Locator(".pick button", new() { HasText = "opcua" }).First);
            // The certificate of a server that was never seen is shown; the person compares it and trusts it.
            await ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "신뢰", Exact = true }));
            foreach (var step in (string[])["Machines", simulated, "Monitoring", "Items"])
                await ClickAsync(page.Locator("table.rows button", new() { HasTextRegex = new($"^{step} ›$") }));
            await ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "모두 추가" }));
            await ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "현재값 보기" }));
            await Assertions.Expect(page.Locator("section", new() { HasText = "3 · 값 확인하고 저장" }).Locator("td.figure", new() { HasTextRegex = new("[0-9]") }).First).ToBeVisibleAsync();
            if (machine == "M1") await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "connect-preview.ko.1280.png"), FullPage = true });
            await ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "저장하고 연결" }));
            await ReadyAsync($"/machine/{machine}");
            await Assertions.Expect(page.Locator(".values .value .figure").First).ToBeVisibleAsync();
        }

        async Task ClickAsync(ILocator at)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{_time.Elapsed.TotalSeconds:0.0} s  click {++_clicks}: {at}"));
            await at.ClickAsync();
        }

        async Task ReadyAsync(string path)
        {
            await page.WaitForURLAsync(url => new Uri(url).PathAndQuery.StartsWith(path, StringComparison.Ordinal));
            // By selector: the node's own policy lets no page evaluate a text as a script.
            await page.Locator("[data-live='1']").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        }
    }
}
