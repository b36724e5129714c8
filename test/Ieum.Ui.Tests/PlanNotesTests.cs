using System.Globalization;
using Bunit;
using Ieum.Model;
using Ieum.Node.Ui;
using Ieum.Node.Ui.Pages;
using Ieum.Ui.Tests.Fakes;

namespace Ieum.Ui.Tests;

/// <summary>What the plan page tells beside the chart: wrong data, how the plan was found, what is only reserved.</summary>
public sealed class PlanNotesTests : FakePage
{
    [Theory]
    [InlineData("en", "CP-SAT found no better", "late 2 h (bound 0 s), end 3 h 20 min (bound 2 h 30 min)")]
    [InlineData("ko", "CP-SAT도 더 낫지 않음", "지연 2시간(하한 0초)")]
    [InlineData("ja", "CP-SATでも改善なし", "遅れ 2時間(下限 0秒)")]
    public void The_planners_note_is_said_in_the_readers_language(string language, string more, string figures)
    {
        var words = SolverWords.Of("heuristic (least slack), CP-SAT found no better; late 120 weighted min (bound 0), end 200 min (bound 150)", new Texts(CultureInfo.GetCultureInfo(language)));
        Assert.Contains(more, words, StringComparison.Ordinal);
        Assert.Contains(figures, words, StringComparison.Ordinal);
        Assert.Equal("something older", SolverWords.Of("something older", new Texts(CultureInfo.GetCultureInfo(language))));
    }

    [Theory]
    [InlineData("least disturbance")]
    [InlineData("CP-SAT")]
    [InlineData("tabu search and CP-SAT")]
    [InlineData("tabu search, CP-SAT failed")]
    [InlineData("repair of the plan before, its sequence kept")]
    [InlineData("nothing left to plan")]
    [InlineData("heuristic (plan before)")]
    [InlineData("heuristic (apparent tardiness cost with set-ups), CP-SAT failed")]
    public void No_note_of_the_planner_stays_english(string name) =>
        Assert.DoesNotMatch("[a-z]{3,}", SolverWords.Of(name + "; late 0 weighted min (bound 0), end 9 min (bound 9)", new Texts(CultureInfo.GetCultureInfo("ko"))));

    [Fact]
    public void What_is_wrong_with_the_data_stands_there_with_row_field_rule_and_remedy()
    {
        Open();
        var rows = Render<PlanPage>().FindAll("#findings tbody tr");
        Assert.Equal(2, rows.Count);
        Assert.Contains("order PRV-0115, step 20", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("left out", rows[0].TextContent, StringComparison.Ordinal);
        Assert.Contains("add the machine or correct the routing", rows[0].TextContent, StringComparison.Ordinal);
        Assert.DoesNotContain("left out", rows[1].TextContent, StringComparison.Ordinal);
    }

    [Fact]
    public void Reserved_orders_are_told_apart_in_the_chart()
    {
        Open();
        var plan = Get<FakePlan>();
        var held = plan.InForce!.Promises[0].Order;
        var sheet = GanttSheet.Of(plan.InForce with { Reserved = [held] }, [.. Get<FakeFloor>().Company.Machines], new Dictionary<OperationId, OperationActual>(), plan.Orders, [], plan.CalendarOf, m => m.Id.Value, FakeFloor.Noon, null, false);
        Assert.Equal([held.Value], sheet.Orders.Where(o => o.Held).Select(o => o.Id));
    }
}
