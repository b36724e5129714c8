using System.Globalization;
using CsCheck;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Ui;
using Ieum.Node.Ui.Parts;
using Ieum.Ui.Tests.Fakes;

namespace Ieum.Ui.Tests;

/// <summary>What the pages work out themselves: losses, windows of time, reasons, addresses, files.</summary>
public sealed class WorkingTests
{
    private static readonly Texts En = new(CultureInfo.GetCultureInfo("en"));
    private static readonly DateTimeOffset Noon = FakeFloor.Noon;

    [Fact]
    public void Losses_hang_from_each_other_down_to_the_effective_time()
    {
        var machine = new MachineId("B-MC1");
        var times = new ProductionTimes(10.Hours, 6.Hours, 1.Hours, 2.Hours, 1.Hours, TimeSpan.Zero);
        var bars = LossWaterfall.Of(new OeeAnswer(machine, new TimeRange(Noon, Noon.AddHours(12)), times, 100, 90, 0.6, 0.8, 0.9), En);
        // 10 h planned − 2 h delay − 1 h set-up − 1 h down = 6 h; 20 % speed loss leaves 4.8 h; 10 % of it scrap leaves 4.32 h = 0.432 of 10 h
        Assert.Equal([1, 0.2, 0.1, 0.1, 0.6, 0.12, 0.048, 0.432], bars.Select(b => Math.Round(b.Length, 6)));
        Assert.Equal([0, 0.8, 0.7, 0.6, 0, 0.48, 0.432, 0], bars.Select(b => Math.Round(b.From, 6)));
        Assert.Equal("4 h 19 min", bars[^1].Figure);   // 4.32 h
    }

    [Fact]
    public void Nothing_planned_gives_no_losses_and_a_slow_standard_no_negative_one()
    {
        var range = new TimeRange(Noon, Noon.AddHours(1));
        Assert.Empty(LossWaterfall.Of(new OeeAnswer(new("M"), range, new(TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), 0, 0, null, null, null), En));
        var fast = LossWaterfall.Of(new OeeAnswer(new("M"), range, new(1.Hours, 1.Hours, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero), 10, 10, 1, 1.2, 1), En);
        Assert.DoesNotContain(fast, b => b.Length < 0 || b.Figure.StartsWith('−'));
    }

    [Fact]
    public void Off_hours_are_what_the_calendar_leaves_open()
    {
        var calendar = new FakePlan(new FakeFloor()).CalendarOf(new("B-MC1"));
        var day = new DateTimeOffset(2026, 11, 24, 0, 0, 0, TimeSpan.FromHours(9));   // a Tuesday: 8-12 and 13-20
        var closed = GanttSheet.Closed(calendar, new(day, day.AddDays(1)));
        Assert.Equal([(0, 8), (12, 13), (20, 24)], closed.Chunk(2).Select(c => (Hours(c[0]), Hours(c[1]))));

        double Hours(long ms) => (DateTimeOffset.FromUnixTimeMilliseconds(ms) - day).TotalHours;
    }

    [Fact]
    public void A_bar_that_waits_for_its_machine_says_for_whom_and_until_when_one_can_act()
    {
        MachineId m = new("M1");
        var always = WorkCalendar.Always(Texts.Zone);
        PlannedOperation Op(string order, int step, double start, double end) =>
            new(OperationId.Of(new(order), step), new(order), step, m, 5, Noon.AddHours(start), Noon.AddHours(end), TimeSpan.Zero, TimeSpan.FromHours(end - start));
        var plan = new PlanVersion(1, null, Noon, "first", [Op("A", 10, 0, 2), Op("B", 10, 2, 3), Op("B", 20, 5, 6)],
            [new(new("B"), Noon.AddHours(6), Noon.AddHours(10)), new(new("A"), Noon.AddHours(2), Noon.AddHours(1))], true, "");

        var waits = WhyThen.Of(plan, OperationId.Of(new("B"), 10), [], [], always, En)!;
        Assert.Equal(("plan.why.cause.machine", "A.10"), (waits.CauseKey, (string)waits.CauseArgs[0]!));
        Assert.Equal(Noon.AddHours(2 + 4), waits.Latest);   // starts at 2 h, 4 h of slack (due 10 h, finish 6 h)
        Assert.Equal("plan.why.cause.chosen", WhyThen.Of(plan, OperationId.Of(new("B"), 20), [], [], always, En)!.CauseKey);   // 2 h free before it
        Assert.Null(WhyThen.Of(plan, OperationId.Of(new("A"), 10), [], [], always, En)!.Latest);   // late already
        Assert.Null(WhyThen.Of(plan, new("nobody"), [], [], always, En));
    }

    [Theory]
    [InlineData("/plan?op=1", true)]
    [InlineData("/", true)]
    [InlineData("//evil.example", false)]
    [InlineData("/\\evil.example", false)]
    [InlineData("https://evil.example", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_addresses_of_this_node_are_led_back_to(string? address, bool local) => Assert.Equal(local, UiSetup.IsLocal(address));

    [Fact]
    public void A_file_for_a_spreadsheet_quotes_what_must_be_quoted_and_runs_no_formula() =>
        Assert.Equal("a,\"b,c\",\"d\"\"e\",-1.5,'=SUM(A1)\r\n", CsvLink.Text([["a", "b,c", "d\"e", "-1.5", "=SUM(A1)"]]));

    [Theory]
    [InlineData("2026-11-24T04:20:00Z", true)]
    [InlineData("0001-01-01", false)]
    [InlineData("yesterday", false)]
    [InlineData(null, false)]
    public void An_instant_in_an_address_is_read_or_left_alone(string? text, bool good) => Assert.Equal(good, Texts.Instant(text) is not null);
}
