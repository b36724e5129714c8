using Bunit;
using Ieum.Model;
using Ieum.Node.Ui.Pages;
using Ieum.Plan;
using Ieum.Ui.Tests.Fakes;

namespace Ieum.Ui.Tests;

/// <summary>Three taps tell what happened; the ways out stand there with their clocks.</summary>
public sealed class ReplanPageTests : FakePage
{
    [Fact]
    public void Three_taps_tell_a_breakdown_and_one_more_chooses()
    {
        Open();
        var page = Render<ReplanPage>();
        page.Find("button[data-kind=machine]").Click();
        page.FindAll("button[data-which]")[1].Click();
        page.Find("button[data-amount='4']").Click();
        page.WaitForAssertion(() => Assert.Equal(2, page.FindAll("section[data-case]").Count));
        var told = Assert.IsType<PlanChange.MachineDown>(Get<FakeReplan>().Told[^1].Change);
        Assert.Equal(4.Hours, told.Range.Duration);
        page.Find("section[data-case] li[data-way=machine] button").Click();
        page.WaitForAssertion(() => Assert.Contains("Plan 8 is in force", page.Find(".note.good").TextContent, StringComparison.Ordinal));
        Assert.Equal((AlternativeKind.Machine, "kim"), (Get<FakeReplan>().Chosen[0].Kind, Get<FakeReplan>().Chosen[0].By));
    }

    [Fact]
    public void Every_kind_can_be_told_in_three_taps()
    {
        Open();
        var page = Render<ReplanPage>();
        foreach (var (kind, type) in new[] { ("material", typeof(PlanChange.OrderWaits)), ("scrap", typeof(PlanChange.Scrapped)), ("rush", typeof(PlanChange.OrderIs)), ("absent", typeof(PlanChange.Away)) })
        {
            page.Find($"button[data-kind={kind}]").Click();
            page.Find("button[data-which]").Click();
            page.Find("button[data-amount]").Click();
            page.WaitForAssertion(() => Assert.IsType(type, Get<FakeReplan>().Cases[0].Told.Change));
        }
    }

    [Theory]
    [InlineData("en", "12 min left", "too late")]
    [InlineData("ko", "12분 남음", "시간 지남")]
    [InlineData("ja", "あと12分", "時間切れ")]
    public void The_clock_counts_down_and_closes_what_it_has_run_out_for(string language, string left, string over)
    {
        Open(language);
        var page = Render<ReplanPage>();
        Assert.Contains(left, page.Find("li[data-way=machine] [role=timer]").TextContent, StringComparison.Ordinal);
        Get<FakeReplan>().Now += 13.Minutes;
        Wire.Advance(1.Seconds);   // the page paints itself once a second
        page.WaitForAssertion(() => Assert.Contains(over, page.Find("li[data-way=machine] [role=timer]").TextContent, StringComparison.Ordinal));
        Assert.True(page.Find("li[data-way=machine] button").HasAttribute("disabled"));
        Assert.False(page.Find("li[data-way=outside] button").HasAttribute("disabled"));
    }
}
