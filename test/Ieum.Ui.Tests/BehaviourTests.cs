using Ieum.Model;
using Ieum.Ui.Tests.Fakes;
using Microsoft.Playwright;

namespace Ieum.Ui.Tests;

/// <summary>What the pages do under a person's hands, on a wall and on a bad network, in a real Chromium.</summary>
[Collection(BrowserGroup.Name)]
public sealed class BehaviourTests(Browser browser)
{
    [Fact]
    public async Task A_wall_board_of_24_machines_fits_1080p_with_state_words_of_48_pixels()
    {
        await using var host = await PageHost.StartAsync(24);
        await using var context = await browser.OpenAsync("ko", 1920, 1080);
        var page = await ReadyAsync(context, host.Address + "/");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "wall-24.ko.1920.png") });

        Assert.Equal(24, await page.Locator(".tile").CountAsync());
        var scroll = await page.EvaluateAsync<int[]>("() => { const m = document.querySelector('.main'); return [document.documentElement.scrollHeight, innerHeight, m.scrollHeight, m.clientHeight]; }");
        Assert.True(scroll[0] <= scroll[1] && scroll[2] <= scroll[3], string.Join(' ', scroll));
        Assert.True(await page.EvaluateAsync<double>("() => Math.min(...[...document.querySelectorAll('.state-word')].map(w => parseFloat(getComputedStyle(w).fontSize)))") >= 48);
        // Nothing a tile says is cut off below its edge.
        Assert.Equal(0, await page.EvaluateAsync<int>("() => [...document.querySelectorAll('.tile')].filter(t => t.scrollHeight > t.clientHeight + 1).length"));
    }

    [Fact]
    public async Task A_change_of_state_reaches_the_board_without_a_reload()
    {
        await using var host = await PageHost.StartAsync(2);
        await using var context = await browser.OpenAsync("en");
        var page = await ReadyAsync(context, host.Address + "/");
        await page.EvaluateAsync("window.sameDocument = true");
        host.Floor.Cards = [host.Floor.Cards[0] with { State = MachineState.Offline, Overlay = MachineOverlay.None }, .. host.Floor.Cards.Skip(1)];
        host.Floor.Raise();
        await Assertions.Expect(page.Locator(".tile").First.Locator(".state-word")).ToHaveTextAsync("Offline");
        Assert.True(await page.EvaluateAsync<bool>("window.sameDocument"));
    }

    [Fact]
    public async Task A_board_that_loses_the_node_keeps_its_picture_and_comes_back_by_itself()
    {
        var host = await PageHost.StartAsync(3);
        var address = host.Address;
        await using var context = await browser.OpenAsync("en");
        var page = await ReadyAsync(context, address + "/");
        await host.DisposeAsync();

        await Assertions.Expect(page.Locator("#components-reconnect-modal")).ToContainTextAsync("Showing the last picture, from");
        await Assertions.Expect(page.Locator(".tile")).ToHaveCountAsync(3);
        await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "wall-lost.en.1280.png") });

        await using var again = await PageHost.StartAsync(4, address);
        await Assertions.Expect(page.Locator(".tile")).ToHaveCountAsync(4, new() { Timeout = 30_000 });
        await Assertions.Expect(page.Locator("#components-reconnect-modal")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task What_an_operator_presses_without_network_is_shown_as_queued_and_arrives_once()
    {
        await using var host = await PageHost.StartAsync(6);
        await using var context = await browser.OpenAsync("ko", 360, 740);
        var page = await ReadyAsync(context, host.Address + "/operator/B-MC1");
        await context.SetOfflineAsync(true);
        await page.GetByRole(AriaRole.Button, new() { Name = "완료 등록" }).First.ClickAsync();                     // tap 1
        await page.Locator("dialog[open] [name=good]").FillAsync("19");
        await page.Locator("dialog[open] .counter:has([name=scrap]) [data-step='1']").ClickAsync();                // a scrapped piece: tap 2
        await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "operator-finish.ko.360.png") });
        await page.Locator("dialog[open] [data-shop=finished]").ClickAsync();                                       // tap 3
        await Assertions.Expect(page.Locator("[data-shop-queue]")).ToContainTextAsync("1건 전송 대기 중");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "operator-queued.ko.360.png") });
        Assert.Empty(host.Operator.Events);

        await context.SetOfflineAsync(false);
        await Assertions.Expect(page.Locator("[data-shop-queue]")).ToBeEmptyAsync();
        var finished = Assert.IsType<ShopEvent.Finished>(Assert.Single(host.Operator.Events));
        Assert.Equal((19, 1), (finished.Good, finished.Scrap));
        Assert.Equal("PO-2611-031-1-BODY.10", finished.Operation.Value);
        // By the factory's clock, which stands at noon in this factory.
        Assert.InRange(finished.At, FakeFloor.Noon, FakeFloor.Noon.AddMinutes(2));
    }

    [Fact]
    public async Task A_refused_report_says_why_in_the_operators_language()
    {
        await using var context = await browser.OpenAsync("ja", 360, 740);
        await context.RouteAsync("**/api/v1/shop/events", r => r.FulfillAsync(new()
        {
            Status = 409, ContentType = "application/problem+json", Body = """{"rule":"shop-machine-busy","title":"Another operation is running."}""",
        }));
        var page = await ReadyAsync(context, "/operator/B-MC2");
        await page.Locator("[data-shop=started]").First.ClickAsync();
        await Assertions.Expect(page.Locator("[data-shop-queue]")).ToContainTextAsync("この設備では別の作業が進行中です");
        await page.GetByRole(AriaRole.Button, new() { Name = "了解" }).ClickAsync();
        await Assertions.Expect(page.Locator("[data-shop-queue]")).ToBeEmptyAsync();
    }

    [Fact]
    public async Task Everything_an_operator_presses_is_at_least_48_pixels_high()
    {
        await using var context = await browser.OpenAsync("en", 360, 740);
        var page = await ReadyAsync(context, "/operator/B-MC1");
        await page.Locator("[data-open=pause]").ClickAsync();
        var small = await page.EvaluateAsync<string[]>("""
            () => [...document.querySelectorAll('main a, main button, .rail a, dialog[open] button')].filter(e => e.getBoundingClientRect().height)
              .filter(e => e.getBoundingClientRect().height < 48).map(e => `${e.textContent.trim()} ${e.getBoundingClientRect().height}`)
            """);
        Assert.Empty(small);
    }

    [Fact]
    public async Task Language_and_brightness_stay_and_the_page_with_them()
    {
        await using var context = await browser.OpenAsync("en");
        var page = await ReadyAsync(context, "/plan?hours=24&op=PRV-0114.10");
        await page.Locator("[data-theme-to=dark]").ClickAsync();
        await page.GetByText("日本語").ClickAsync();
        await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("生産計画");
        Assert.EndsWith("/plan?hours=24&op=PRV-0114.10", page.Url, StringComparison.Ordinal);
        Assert.Equal("dark", await page.GetAttributeAsync("html", "data-theme"));
        await page.GotoAsync("/");
        Assert.Equal("ja", await page.GetAttributeAsync("html", "lang"));
        Assert.Equal("dark", await page.GetAttributeAsync("html", "data-theme"));
    }

    [Fact]
    public async Task A_measurement_outside_its_limits_is_told_at_once_without_network_and_arrives_under_its_lot()
    {
        await using var host = await PageHost.StartAsync(6);
        await using var context = await browser.OpenAsync("ko", 360, 740);
        var page = await ReadyAsync(context, host.Address + "/operator/B-MC1");
        var sheet = page.Locator("[data-job]").First;
        await Assertions.Expect(sheet.Locator(".instruct summary")).ToContainTextAsync("도면 SB-1104 개정 C");
        await context.SetOfflineAsync(true);
        await sheet.Locator("[name=piece]").FillAsync("3");
        await sheet.Locator("[data-characteristic=bore]").FillAsync("20,03");     // a comma is a point here
        await sheet.Locator("[data-measure]").ClickAsync();
        await Assertions.Expect(sheet.Locator("[data-said].bad")).ToContainTextAsync("공차를 벗어났습니다: bore 20.03 (20 … 20.021)");
        await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "operator-measure.ko.360.png"), FullPage = true });
        Assert.Empty(host.Instructions.Measured);
        await context.SetOfflineAsync(false);
        await Assertions.Expect(page.Locator("[data-shop-queue]")).ToBeEmptyAsync();
        var measured = Assert.Single(host.Instructions.Measured);
        Assert.Equal((3, 20.03), (measured.Piece, measured.Values["bore"]));
        // The job itself was never shown as waiting for the network.
        await Assertions.Expect(sheet.Locator(".job-actions").First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Lots_of_one_job_are_measured_and_finished_one_by_one_each_under_its_own_number()
    {
        await using var host = await PageHost.StartAsync(6);
        await using var context = await browser.OpenAsync("ko", 360, 740);
        var page = await ReadyAsync(context, host.Address + "/operator/B-MC1");
        var job = page.Locator("[data-job]").First;
        await job.Locator("[data-lot]").First.SelectOptionAsync("");
        await job.Locator("[data-lot-new]").First.FillAsync("HEAT-7");
        await job.Locator("[data-characteristic=bore]").FillAsync("20.01");
        await job.Locator("[data-measure]").ClickAsync();
        await Assertions.Expect(job.Locator("[name=piece]")).ToHaveValueAsync("6");       // every fifth piece
        await ShotAsync("operator-lot");

        await job.Locator("[data-open=finish]").ClickAsync();
        await page.Locator("dialog[open] [name=good]").FillAsync("5");
        await ShotAsync("operator-lot-finish");
        await page.Locator("dialog[open] [data-shop=lotFinished]").ClickAsync();
        await Assertions.Expect(job.Locator(".lot-done")).ToHaveTextAsync(["로트 HEAT-7: 5개"]);
        await ShotAsync("operator-lot-done");

        await job.Locator("[data-open=finish]").ClickAsync();
        await page.Locator("dialog[open] [data-lot]").SelectOptionAsync("PO-2611-031-1-BODY");
        await page.Locator("dialog[open] [data-shop=finished]").ClickAsync();
        await Assertions.Expect(page.Locator("[data-operation='PO-2611-031-1-BODY.10']")).ToHaveCountAsync(0);
        var measured = Assert.Single(host.Instructions.Measured);
        Assert.Equal((1, new LotId("HEAT-7")), (measured.Piece, measured.Lot!.Value));
        // 20 ordered, 12 reported before, 5 of the heat: 3 are left for the last lot.
        Assert.Equal([("LotFinished", "HEAT-7", 5), ("Finished", "PO-2611-031-1-BODY", 3)],
            host.Operator.Events.Select(e => (e.GetType().Name, e.Lot!.Value.Value, e is ShopEvent.LotFinished l ? l.Good : ((ShopEvent.Finished)e).Good)));

        async Task ShotAsync(string name) => await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, $"{name}.ko.360.png"), FullPage = true });
    }

    [Fact]
    public async Task A_chosen_signal_is_drawn_as_a_trend_from_a_file_of_our_own()
    {
        await using var context = await browser.OpenAsync("en");
        var foreign = new List<string>();
        context.Request += (_, r) => { if (!r.Url.StartsWith(browser.Host.Address, StringComparison.Ordinal) && !r.Url.StartsWith("data:", StringComparison.Ordinal)) foreign.Add(r.Url); };
        var page = await ReadyAsync(context, "/machine/B-MC1");
        await page.GetByRole(AriaRole.Link, new() { Name = "Sload" }).ClickAsync();
        await Assertions.Expect(page.Locator(".chart svg")).ToBeVisibleAsync();
        await page.ScreenshotAsync(new() { Path = Path.Combine(Browser.Screenshots, "machine-trend.en.1280.png") });
        Assert.Empty(foreign);
    }

    private static async Task<IPage> ReadyAsync(IBrowserContext context, string address)
    {
        var page = await context.NewPageAsync();
        await page.GotoAsync(address);
        await page.WaitForFunctionAsync("document.documentElement.dataset.ready === '1'");
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        return page;
    }
}
