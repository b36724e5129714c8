using Bunit;
using Ieum.Model;
using Ieum.Node.Ui.Pages;
using Ieum.Node.Ui.Parts;
using Ieum.Plan;
using Ieum.Ui.Tests.Fakes;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.Ui.Tests;

/// <summary>Pages and parts rendered without a browser, over fake data and a clock that is moved by hand.</summary>
public sealed class PageTests : FakePage
{
    [Fact]
    public void An_alarm_does_not_hide_that_the_spindle_turns()
    {
        Open();
        var badge = Render<StateBadge>(p => p.Add(b => b.State, MachineState.Running).Add(b => b.Overlay, MachineOverlay.Fault));
        Assert.Equal("Running", badge.Find(".state-word").TextContent);
        Assert.Contains("Alarm", badge.Find(".mark").TextContent, StringComparison.Ordinal);
        Assert.Equal(2, badge.FindAll("svg").Count);   // a shape beside each word
    }

    [Fact]
    public void A_ribbon_gives_each_stretch_its_share_of_the_time()
    {
        Open();
        var from = FakeFloor.Noon;
        var ribbon = Render<Ribbon>(p => p.Add(r => r.Range, new TimeRange(from, from.AddHours(8))).Add(r => r.Spans,
        [
            new(new TimeRange(from.AddHours(-3), from.AddHours(2)), MachineState.Running, MachineOverlay.None, "ACTIVE"),   // 2 h of 8 h inside
            new(new TimeRange(from.AddHours(2), from.AddHours(8)), MachineState.Offline, MachineOverlay.None, ""),
        ]));
        Assert.Equal(("0%", "25%"), (ribbon.Find(".fill-running").GetAttribute("x"), ribbon.Find(".fill-running").GetAttribute("width")));
        Assert.Equal(("25%", "75%"), (ribbon.Find(".fill-offline").GetAttribute("x"), ribbon.Find(".fill-offline").GetAttribute("width")));
        Assert.Equal("Running 2 h, Offline 6 h", ribbon.Find("svg").GetAttribute("aria-label"));
    }

    [Fact]
    public void The_board_repaints_at_most_four_times_a_second_and_never_misses_the_last_change()
    {
        Open();
        var floor = Get<FakeFloor>();
        var page = Render<Today>();
        Show(MachineState.Offline);
        page.WaitForAssertion(() => Assert.Equal("Offline", Word()));
        var painted = page.RenderCount;
        Show(MachineState.Idle);
        Show(MachineState.Running);
        Assert.Equal("Offline", Word());
        Wire.Advance(250.Milliseconds);
        page.WaitForAssertion(() => Assert.Equal("Running", Word()));
        Assert.Equal(painted + 1, page.RenderCount);

        string Word() => page.Find(".tile .state-word").TextContent;
        void Show(MachineState state)
        {
            floor.Cards = [floor.Cards[0] with { State = state, Overlay = MachineOverlay.None }, .. floor.Cards.Skip(1)];
            floor.Raise();
        }
    }

    [Fact]
    public async Task A_page_that_was_left_follows_nothing_any_more()
    {
        Open();
        Render<Today>();
        Assert.True(Get<FakeFloor>().IsFollowed);
        await DisposeComponentsAsync();
        Assert.False(Get<FakeFloor>().IsFollowed);
    }

    [Theory]
    [InlineData(typeof(Today), "/settings")]
    [InlineData(typeof(Operator), "/settings/machines")]
    [InlineData(typeof(SettingsConnections), "/settings/machines?edit=new")]
    [InlineData(typeof(SettingsMachines), "/settings/machines?edit=new")]
    public void A_page_without_data_says_what_will_be_here_and_offers_one_next_step(Type page, string next)
    {
        Open(machines: 0);
        var shown = Render(b => { b.OpenComponent(0, page); b.CloseComponent(); });
        Assert.Equal(next, shown.Find(".empty a.btn").GetAttribute("href"));
        Assert.NotEmpty(shown.Find(".empty p").TextContent);
    }

    [Fact]
    public void Replanning_shows_progress_then_what_came_of_it()
    {
        Open();
        var plan = Get<FakePlan>();
        var page = Render<PlanPage>();
        page.Find("button.primary").Click();
        page.WaitForAssertion(() => Assert.Contains("You may leave this page", page.Find("[role=status]").TextContent, StringComparison.Ordinal));
        Assert.True(page.Find("button.primary").HasAttribute("disabled"));
        plan.Answer.SetResult(new PlanOutcome.Planned(plan.InForce! with { Number = 8 }, 0.03, []));
        page.WaitForAssertion(() => Assert.Equal("Plan 8 is in force; 2 late.", page.Find(".note").TextContent));
        Assert.Equal(("asked", "kim"), Assert.Single(plan.Asked));
    }

    [Fact]
    public void An_impossible_plan_names_the_rule_in_the_readers_language_and_keeps_the_plan_in_force()
    {
        Open("ko");
        var page = Render<PlanPage>();
        page.Find("button.primary").Click();
        Get<FakePlan>().Answer.SetResult(new PlanOutcome.Impossible([new PlanConflict(PlanRules.BeyondHorizon, "too much", new OrderId("PRV-1"))]));
        page.WaitForAssertion(() => Assert.Contains("PRV-1 일이 2년의 근무 시간에 들어가지 않습니다", page.Find(".note.bad").TextContent, StringComparison.Ordinal));
        Assert.NotNull(page.Find("canvas.gantt-plot"));
    }

    [Fact]
    public void Accepting_an_advice_decides_it_in_the_name_of_the_reader()
    {
        Open();
        var page = Render<Loops>();
        page.WaitForElement("article button.primary");
        var waiting = page.FindAll("article button.primary").Count;
        page.Find("article button.primary").Click();
        page.WaitForAssertion(() => Assert.Contains("accepted by kim", page.Find("article").TextContent, StringComparison.Ordinal));
        Assert.Empty(page.Find("article").QuerySelectorAll("button"));   // nothing is left to decide about it, and everything about the others
        Assert.Equal(waiting - 1, page.FindAll("article button.primary").Count);
    }

    [Fact]
    public void An_advice_shows_its_ways_by_rank_with_their_clocks_and_the_one_taken_is_marked()
    {
        Open();
        var page = Render<Loops>();
        page.WaitForElement("article li.way");
        Assert.Equal(["machine", "overtime", "outside", "nothing"], page.Find("article").QuerySelectorAll("li.way").Select(w => w.GetAttribute("data-way")));
        Assert.Equal([false, false, true, false], page.Find("article").QuerySelectorAll("li.way button").Select(b => b.HasAttribute("disabled")));   // parts for outside had to go five minutes ago
        page.Find("article li[data-way=overtime] button").Click();
        page.WaitForAssertion(() => Assert.Contains("taken", page.Find("article li[data-way=overtime] .tag").TextContent, StringComparison.Ordinal));
        Assert.Empty(page.Find("article").QuerySelectorAll("button"));
        page.Find(".levels li select").Change("3");
        page.WaitForAssertion(() => Assert.Equal(("breakdown", AutonomyLevel.ActInsideLimits), Assert.Single(Get<FakeLoops>().Allowed)));
    }

    [Fact]
    public void A_wrong_setting_is_told_with_rule_and_remedy_and_changes_nothing()
    {
        Open("ja");
        Get<NavigationManager>().NavigateTo("/settings?edit=new");
        var page = Render<SettingsConnections>();
        var before = Get<FakeSettings>().Connections;
        page.Find("input[maxlength='400']").Input("not an address");
        page.FindAll("button.primary").Single(b => b.TextContent == "保存して接続").Click();
        page.WaitForAssertion(() => Assert.Contains("接続先のアドレスを読み取れません", page.Find(".note.bad").TextContent, StringComparison.Ordinal));
        Assert.Equal(before, Get<FakeSettings>().Connections);
        page.Find("textarea").Change("device");
        page.FindAll("button").Single(b => b.TextContent == "接続をテスト").Click();
        page.WaitForAssertion(() => Assert.Contains("「device」は 名前=値 の形ではありません", page.Find(".note.bad").TextContent, StringComparison.Ordinal));
    }

    [Fact]
    public void A_machine_saved_with_one_name_carries_it_in_all_three()
    {
        Open(machines: 1);
        Get<NavigationManager>().NavigateTo("/settings/machines?edit=new");
        var page = Render<SettingsMachines>();
        var inputs = page.FindAll("input");
        inputs[0].Change("B-NEW");
        page.FindAll("input")[1].Change("연삭기");
        page.FindAll("button").Single(b => b.TextContent == "Save the machine").Click();
        page.WaitForAssertion(() => Assert.Equal(new LocalName("연삭기", "연삭기", "연삭기"), Assert.Single(Get<FakeSettings>().Saved).Name));
    }

    [Fact]
    public void An_unknown_machine_leads_back_instead_of_failing()
    {
        Open();
        Assert.Equal("/", Render<MachinePage>(p => p.Add(m => m.Id, "no-such")).Find(".empty a").GetAttribute("href"));
        Assert.Equal("/operator", Render<OperatorMachine>(p => p.Add(m => m.Id, " ")).Find(".empty a").GetAttribute("href"));
    }

    [Fact]
    public void The_machines_own_count_is_shown_until_people_report()
    {
        Open(machines: 1);
        var card = Get<FakeFloor>().Cards[0];
        var op = Get<FakePlan>().InForce!.Operations[0] with { Quantity = 60 };
        foreach (var (good, scrap, counted, shown, machineSaid) in new (int, int, int?, int, bool)[] { (0, 0, 12, 12, true), (0, 0, null, 0, false), (7, 0, 12, 7, false), (0, 2, 12, 0, false) })
        {
            var work = card.Work! with { Quantity = 60, Good = good, Scrap = scrap, Counted = counted };
            var tile = Render<MachineTile>(p => p.Add(t => t.Card, card with { Work = work }).Add(t => t.Now, FakeFloor.Noon)).Find(".tile-work .figure");
            Assert.Equal(($"{shown}/60 pcs", machineSaid), (tile.TextContent, tile.GetAttribute("title") == "counted by the machine"));
        }
        Assert.Equal("12/60 pcs", Figure(OperationStatus.Running, 0, 12));
        Assert.Equal("60 pcs", Figure(OperationStatus.Running, 0, null));
        Assert.Equal("7/60 pcs", Figure(OperationStatus.Paused, 7, 12));
        Assert.Equal("60 pcs", Figure(OperationStatus.Waiting, 0, 12));

        string Figure(OperationStatus status, int good, int? counted) => Render<JobCard>(p => p
                .Add(j => j.Job, new Dispatch(1, 1, op, OperationActual.Waiting(op.Operation) with { Status = status, Good = good }))
                .Add(j => j.Machine, op.Machine).Add(j => j.Now, FakeFloor.Noon).Add(j => j.Counted, counted))
            .Find(".job-facts .figure").TextContent;
    }

    [Fact]
    public void A_waiting_job_can_be_started_and_a_running_one_paused_or_finished()
    {
        Open();
        var op = Get<FakePlan>().InForce!.Operations[0];
        Assert.Equal(["started"], Buttons(OperationStatus.Waiting));
        Assert.Equal(["pause", "finish"], Buttons(OperationStatus.Running));
        Assert.Equal(["resumed", "finish"], Buttons(OperationStatus.Paused));

        string?[] Buttons(OperationStatus status) => [.. Render<JobCard>(p => p
                .Add(j => j.Job, new Dispatch(1, 1, op, OperationActual.Waiting(op.Operation) with { Status = status }))
                .Add(j => j.Machine, op.Machine).Add(j => j.Now, FakeFloor.Noon))
            .FindAll("article > .job-actions > button").Select(b => b.GetAttribute("data-shop") ?? b.GetAttribute("data-open"))];
    }
}
