using Bunit;
using Ieum.Node.Ui.Pages;
using Ieum.Node.Ui.Parts;
using Ieum.Node.Views;
using Ieum.Plan.Across;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace Ieum.Ui.Tests;

/// <summary>The page "one factory" over the real planner, kept to a few rounds.</summary>
[Collection(BrowserGroup.Name)]
public sealed class OneFactoryTests(Browser browser) : FakePage
{
    private static readonly TimeSpan AgainstHanging = TimeSpan.FromMinutes(3);

    [Theory]
    [InlineData("en", "By telephone (today)")]
    [InlineData("ko", "전화로 이어 가기(오늘)")]
    [InlineData("ja", "電話でつなぐ(今日)")]
    public async Task A_run_ends_in_three_bars_the_promises_of_every_order_and_what_left_a_company(string language, string phone)
    {
        Open(language);
        var page = Render<OneFactoryPage>();
        page.Find("[data-do=start]").Click();
        await EndAsync(Get<IOneFactory>());
        Wire.Advance(TimeSpan.FromSeconds(1));   // the page paints itself once a second
        page.WaitForAssertion(() => Assert.NotNull(page.Find("[data-part=result]")), AgainstHanging);
        var report = Get<IOneFactory>().Run!.Report!;
        Assert.True(report.Verified);
        var bars = page.FindAll("[data-part=result] .bars li");
        Assert.Equal(3, bars.Count);
        Assert.Contains(phone, bars[0].TextContent, StringComparison.Ordinal);
        var t = page.Services.GetRequiredService<Ieum.Node.Ui.Texts>();
        Assert.Contains(t.Number(report.Objective), bars[1].TextContent, StringComparison.Ordinal);
        Assert.Contains(t.Number(report.Reference!.Value), bars[2].TextContent, StringComparison.Ordinal);
        Assert.Equal(6, page.FindAll(".promise-sheet li").Count);
        Assert.Equal(report.LateOrders.Closed, page.FindAll(".promise-sheet .late").Count);
        Assert.NotEmpty(page.FindAll("[data-side=out] .talk li"));
        Assert.NotEmpty(page.Find(".search-curve polyline").GetAttribute("points")!);
    }

    [Fact]
    public async Task The_run_goes_on_when_the_page_is_left_and_the_address_brings_another_town_back()
    {
        Open();
        var desk = Get<IOneFactory>();
        Assert.True(desk.Start(new(8, 4, 5)));
        Assert.False(desk.Start(new(6, 3, 1)));   // one at a time
        Get<NavigationManager>().NavigateTo("/plan/across?orders=6&companies=3&seed=1");
        var page = Render<OneFactoryPage>();
        Assert.Contains("Another town (town8-K4-s5)", page.Find(".note.warn").TextContent, StringComparison.Ordinal);
        Get<NavigationManager>().NavigateTo("/plan/across?orders=8&companies=4&seed=5&see=C");
        page.WaitForAssertion(() => Assert.Contains("company C", page.Find("[data-side=in] h2").TextContent, StringComparison.Ordinal), AgainstHanging);
        Assert.Empty(page.FindAll(".note.warn"));
        desk.Cancel();
        await EndAsync(desk);
        Assert.True(desk.Run!.Cancelled || desk.Run.Report is not null);
    }

    private static async Task EndAsync(IOneFactory desk)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        desk.Changed += Look;
        Look();
        await ended.Task.WaitAsync(AgainstHanging, Xunit.TestContext.Current.CancellationToken);
        desk.Changed -= Look;

        void Look()
        {
            if (desk.Run is { GoingOn: false }) ended.TrySetResult();
        }
    }

    [Fact]
    public void A_file_that_is_no_instance_is_refused_with_its_reason_and_a_good_one_is_kept()
    {
        Open();
        var desk = Get<IOneFactory>();
        Assert.Equal(AcrossRules.NotAnInstance, desk.Keep("a.json", "{}").Rule);
        Assert.NotNull(desk.Keep("a.fjs", "only words").Rule);
        var (file, rule, _) = desk.Keep("mine.json", AcrossTown.Make(4, 2, 3).Json);
        Assert.Null(rule);
        Assert.Equal(AcrossTown.Make(4, 2, 3).Json, desk.TownOf(new(6, 3, 1, file)).Town!.Json);
        Assert.Equal(AcrossRules.Unreadable, desk.TownOf(new(6, 3, 1, "gone")).Rule);
        Assert.Equal(AcrossRules.OutOfRange, desk.TownOf(new(1_000, 3, 1)).Rule);
    }

    [Fact]
    public void What_leaves_a_company_is_told_in_words_of_the_bytes_on_the_wire_and_names_no_machine()
    {
        Open();
        var town = AcrossTown.Make(5, 3, 2);
        var talk = new AcrossTalk(town);
        ClosedBooks.Plan(new("", 3, 2, 12, ClosedBooks.DefaultPadding, 0, 0) { Town = town, Talk = talk }, TimeProvider.System, Xunit.TestContext.Current.CancellationToken);
        var told = talk.Of(1);
        Assert.Contains(told.Lines, l => l.Kind == TalkKind.Menu && l.Offers.All(o => o.Finish > l.Arrival && o.Price >= 0));
        Assert.Contains(told.Lines, l => l is { Kind: TalkKind.Accept, Word: "committed" });
        var panel = Render<TalkPanel>(p => p.Add(x => x.Company, town.Companies[1]).Add(x => x.Talk, told));
        Assert.Contains("when is it done?", panel.Find("[data-side=out]").TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("-m1", panel.Find("[data-side=out]").TextContent, StringComparison.Ordinal);
        Assert.Contains(told.LastReply, panel.Find("pre:last-of-type").TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_a_browser_a_town_is_planned_left_and_found_again()
    {
        await using var context = await browser.OpenAsync("ko");
        var page = await context.NewPageAsync();
        await page.GotoAsync("/plan/across?orders=5&companies=3&seed=4");
        await page.Locator("[data-live='1']").WaitForAsync(new() { State = WaitForSelectorState.Attached });   // before it a press is lost
        await page.ClickAsync("[data-do=start]");
        await page.WaitForSelectorAsync("[data-do=cancel], [data-part=result]", new() { Timeout = (float)AgainstHanging.TotalMilliseconds });   // it has begun
        await page.GotoAsync("/losses");
        await page.GotoAsync("/plan/across");   // no town named: what was planned last
        await page.WaitForSelectorAsync("[data-part=result]", new() { Timeout = (float)AgainstHanging.TotalMilliseconds });
        Assert.Equal(5, await page.Locator(".promise-sheet li").CountAsync());
        await page.Locator("[data-live='1']").WaitForAsync(new() { State = WaitForSelectorState.Attached });
        await page.ClickAsync("[data-see=B]");
        await page.WaitForURLAsync("**/plan/across?orders=5&companies=3&seed=4&see=B");
    }
}
