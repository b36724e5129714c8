using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Ieum.Conformance.Sim;
using Ieum.Conformance.Sparkplug;
using Ieum.House.Tests.Node;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.TestKit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Ieum.Ui.Tests;

/// <summary>A person who has never seen the product, an empty node, two machines with OPC UA servers, one on Modbus, and a box that publishes to mosquitto: by the pages alone.</summary>
[Collection(BrowserGroup.Name)]
public sealed class ConnectWalkTests(Browser browser, ITestOutputHelper output)
{
    private readonly Stopwatch _time = Stopwatch.StartNew();
    private int _clicks;
    private TimeSpan _began;

    [Fact]
    public async Task A_newcomer_sees_the_first_machine_live_and_connecting_others_does_not_disturb_it()
    {
        using var free = new TcpListener(IPAddress.Loopback, 0);
        free.Start();
        var port = ((IPEndPoint)free.LocalEndpoint).Port;
        free.Stop();
        var broker = Path.Combine(Needs.Scratch, $"mosquitto-{port}.conf");
        await File.WriteAllTextAsync(broker, $"listener {port} 127.0.0.1\nallow_anonymous true\npersistence false\n", TestContext.Current.CancellationToken);
        using var mosquitto = Counterpart.Program(Needs.Program("mosquitto", "apt-get install mosquitto"), "-c", broker);
        var origin = TimeProvider.System.GetUtcNow();
        await using var sim = await SimProcess.RunAsync($$$"""
            {"id":"mill","protocol":"opcua","source":{"generated":"mill","seed":3}},{"id":"lathe","protocol":"opcua","source":{"generated":"lathe","seed":5}},
            {"id":"hone","protocol":"modbus","source":{"generated":"hone","seed":4}},
            {"id":"box","protocol":"mqtt","group":"shop","broker":"127.0.0.1:{{{port}}}","source":{"generated":"mill","seed":6}}
            """, speed: 60, origin);
        await using var node = await RunningNode.StartAsync(clocks: new(new ScenarioClock(SimProcess.Start0800, 60, origin, TimeProvider.System), TimeProvider.System));
        await using var context = await browser.OpenAsync("ko");
        var page = await context.NewPageAsync();

        try { await WalkAsync(); }
        catch (Exception)
        {
            // What the person would have seen where it went wrong.
            await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "connect-failed.png"), FullPage = true });
            foreach (var told in await page.Locator("[role=alert]").AllInnerTextsAsync()) output.WriteLine(told);
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
            Told("first machine live", most: 15);

            var desk = node.Services.GetRequiredService<ISettingsDesk>();
            var before = desk.HealthOf(new("M1.opcua"))!;
            await StartAsync("M2");
            await ConnectAsync("M2", "lathe");
            var after = desk.HealthOf(new("M1.opcua"))!;
            Assert.Equal((LinkState.Connected, before.Since, 0L, 0L, 0L), (after.Link, after.Since, (long)after.Reconnects, after.Counters.Lost, after.Counters.Gaps));
            Assert.True(after.Counters.Received > before.Counters.Received, $"M1 stood still: {before.Counters} {after.Counters}");

            await StartAsync("M3");
            await FindAsync("M3", sim.Endpoint("hone").Replace("tcp://", "", StringComparison.Ordinal), "modbus");
            await ClickAsync(page.Locator("table.rows button", new() { HasTextRegex = new("^holding 0 … 99 ›$") }));
            await ClickAsync(page.Locator("table.rows tr").Filter(new() { Has = page.GetByRole(AriaRole.Cell, new() { Name = "holding:1", Exact = true }) }).GetByRole(AriaRole.Button));
            await LookAndSaveAsync("M3");
            Told("a machine on Modbus", most: 8);

            await StartAsync("M4");
            await FindAsync("M4", string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}"), "mqtt");
            await ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "모두 추가" }));
            // Where the box tells the time of its values is found by the page, and is no value itself.
            await Assertions.Expect(page.Locator("textarea")).ToHaveValueAsync("time=ts");
            await LookAndSaveAsync("M4");
            Told("a box on MQTT", most: 7);
            var heard = desk.Connections.Single(c => c.Protocol == "mqtt").Points;
            Assert.Contains(heard, p => p is { Address: "shop/box/current#value", Role: SignalRole.Current });
            Assert.DoesNotContain(heard, p => p.Address.EndsWith("#ts", StringComparison.Ordinal));
            Assert.Equal(["M1.opcua", "M2.opcua", "M3.modbus", "M4.mqtt"], desk.Connections.Select(c => c.Source.Value).Order());
            var first = desk.HealthOf(new("M1.opcua"))!;
            Assert.Equal((LinkState.Connected, before.Since, 0L), (first.Link, first.Since, (long)first.Reconnects));
        }

        void Told(string what, int most)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what}: {_clicks} clicks, {(_time.Elapsed - _began).TotalSeconds:0} s by a script on this machine"));
            Assert.True(_clicks <= most, $"{what}: {_clicks} clicks; {most} are enough.");
        }

        async Task StartAsync(string id)
        {
            (_clicks, _began) = (0, _time.Elapsed);
            await page.GotoAsync(node.Address.Url + "/settings/machines?edit=new");
            await RegisterAsync(id);
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
            await FindAsync(machine, new Uri(sim.Endpoint(simulated)).Authority, "opcua");
            // The certificate of a server that was never seen is shown; the person compares it and trusts it.
            await ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "신뢰", Exact = true }));
            foreach (var step in (string[])["Machines", simulated, "Monitoring", "Items"])
                await ClickAsync(page.Locator("table.rows button", new() { HasTextRegex = new($"^{step} ›$") }));
            await ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "모두 추가" }));
            await LookAndSaveAsync(machine);
        }

        async Task FindAsync(string machine, string address, string protocol)
        {
            await ReadyAsync("/settings/connect");
            await Assertions.Expect(page.Locator("select").First).ToHaveValueAsync(machine);
            await page.Locator("input[placeholder]").FillAsync(address);
            await ClickAsync(page.GetByRole(AriaRole.Button, new() { Name = "설비 찾기" }));
            // Who was found has an address; the templates below, of which some name the same protocol, have none.
            await ClickAsync(page.Locator(".pick button:has(code)", new() { HasText = protocol }).First);
        }

        async Task LookAndSaveAsync(string machine)
        {
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
            // Asked again and again: the page changes its address without loading, maybe before anybody waits for that.
            await Assertions.Expect(page).ToHaveURLAsync(new Regex($"^http://[^/]+{Regex.Escape(path)}"));
            // By selector: the node's own policy lets no page evaluate a text as a script.
            await page.Locator("[data-live='1']").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        }
    }
}
