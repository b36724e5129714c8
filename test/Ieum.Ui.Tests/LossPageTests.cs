using Bunit;
using Ieum.Model;
using Ieum.Node.Ui.Pages;
using Ieum.Node.Ui.Parts;
using Ieum.Node.Views;
using Ieum.Ui.Tests.Fakes;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.Ui.Tests;

/// <summary>What operators are asked, and what the losses, quality and energy pages say.</summary>
public sealed class LossPageTests : FakePage
{
    [Theory]
    [InlineData("en", "Tool change")]
    [InlineData("ko", "공구 교체")]
    [InlineData("ja", "工具交換")]
    public void A_stop_asks_its_reason_and_one_tap_answers_it(string language, string reason)
    {
        Open(language);
        var part = Render<StopAsk>(p => p.Add(s => s.Machine, new MachineId("B-MC1")));
        part.WaitForElement("section.warn");
        part.FindAll("section.warn button").Single(b => b.TextContent == reason).Click(new MouseEventArgs());
        var said = Assert.Single(Get<FakeLosses>().Said);
        Assert.Equal(("tool", "kim", FakeFloor.Noon.AddMinutes(-24)), (said.Reason, said.By, said.At));   // the middle of the newest stop, 12 min from half an hour ago
    }

    [Fact]
    public void The_next_unexplained_stop_is_asked_until_none_is_left_and_short_ones_never()
    {
        Open();
        var part = Render<StopAsk>(p => p.Add(s => s.Machine, new MachineId("B-MC1")));
        for (var left = 2; left > 0; left--)   // of five stops two are explained and one lasted two minutes
            part.WaitForElement("section.warn button").Click(new MouseEventArgs());
        part.WaitForAssertion(() => Assert.Empty(part.FindAll("section.warn")));
        Assert.Equal(2, Get<FakeLosses>().Said.Count);
    }

    [Fact]
    public void At_the_machine_the_job_in_hand_stands_before_what_is_asked_and_that_before_what_comes_next()
    {
        Open();
        var page = Render<OperatorMachine>(p => p.Add(m => m.Id, "B-MC1"));
        var parts = page.Find(".jobs").Children.Select(c => c.ClassName).ToArray();
        Assert.Contains("first", parts[0], StringComparison.Ordinal);
        Assert.Equal("jobs-ask", parts[1]);
        Assert.True(parts.Length > 2);
        Assert.Single(page.FindAll(".jobs-ask"));
    }

    [Fact]
    public void A_call_stands_on_every_page_until_somebody_comes()
    {
        Open();
        var part = Render<StopAsk>(p => p.Add(s => s.Machine, new MachineId("B-MC1")));
        var bar = Render<AndonBar>();
        Assert.Empty(bar.FindAll("[role=alert]"));
        part.FindAll("button").Single(b => b.TextContent == "Material needed").Click(new MouseEventArgs());
        bar.WaitForAssertion(() => Assert.Contains("Material needed", bar.Find("[role=alert]").TextContent, StringComparison.Ordinal));
        Assert.Contains("Planner told", bar.Markup, StringComparison.Ordinal);
        bar.FindAll("button")[0].Click(new MouseEventArgs());
        bar.WaitForAssertion(() => Assert.Contains("kim is coming", bar.Markup, StringComparison.Ordinal));
        bar.FindAll("button").Single(b => b.TextContent == "Solved").Click(new MouseEventArgs());
        bar.WaitForAssertion(() => Assert.Empty(bar.FindAll("[role=alert]")));
        Assert.Empty(Get<IAndonDesk>().Open);
    }

    [Fact]
    public void Unexplained_time_is_shown_as_a_loss_and_a_missing_input_is_named()
    {
        Open();
        var page = Render<Losses>();
        page.WaitForElement("ul.bars");
        // 34 + 18 + 2 + 46 + 12 = 112 min, of which 46 + 12 were never explained: 52 %.
        Assert.Contains("52 %", page.Find("p.note.warn").TextContent, StringComparison.Ordinal);
        Assert.Contains("Unexplained", page.Markup, StringComparison.Ordinal);
        Assert.Contains("no data: RQ", page.Markup, StringComparison.Ordinal);
        Assert.Equal(34, page.FindAll("table.rows tbody tr").Count);
    }

    [Fact]
    public void A_control_chart_marks_the_point_that_breaks_a_rule_and_can_be_kept_as_a_picture()
    {
        Open();
        var page = Render<QualityPage>();
        Assert.Contains("A point beyond the control limits", page.Markup, StringComparison.Ordinal);
        Assert.Contains("21", page.FindAll("figure.spc")[0].QuerySelectorAll("svg rect title").Select(t => t.TextContent));   // the 21st part
        Assert.DoesNotContain("1", page.FindAll("figure.spc")[0].QuerySelectorAll("svg rect title").Select(t => t.TextContent));
        Assert.StartsWith("data:image/svg+xml", page.Find("figure.spc a").GetAttribute("href"), StringComparison.Ordinal);
        Assert.Contains("Cpk", page.Markup, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forecast_tells_its_features_in_words_and_what_it_rests_on_and_is_silent_where_it_knows_too_little()
    {
        Open();
        var where = Get<NavigationManager>();
        where.NavigateTo("/quality?machine=B-MC1");
        var page = Render<QualityPage>();
        page.WaitForAssertion(() => Assert.Contains("Mean of Sload", page.Markup, StringComparison.Ordinal));
        Assert.Contains("more of it makes a bad part 2.4 times as likely", page.Markup, StringComparison.Ordinal);
        Assert.Contains("less of it makes a bad part 1.4 times as likely", page.Markup, StringComparison.Ordinal);   // 1 / 0.7
        Assert.Contains("quality-logistic v1, 240 parts, 31 of them bad", page.Markup, StringComparison.Ordinal);
        where.NavigateTo("/quality?machine=B-MC2");
        page = Render<QualityPage>();
        page.WaitForAssertion(() => Assert.Contains("12 measured parts could be joined with the machine's data, 1 of them bad", page.Markup, StringComparison.Ordinal));
    }

    [Fact]
    public void Energy_names_the_factor_its_year_and_source()
    {
        Open();
        var page = Render<EnergyPage>();
        page.WaitForElement("table.rows");
        Assert.Contains("0.4230 kg/kWh (JP, 2023)", page.Markup, StringComparison.Ordinal);
        Assert.Contains("Not yet compared with its source.", page.Markup, StringComparison.Ordinal);
        Assert.Contains("0.148", page.Markup, StringComparison.Ordinal);
    }
}
