using CsCheck;
using Ieum.Model;

namespace Ieum.Tests.Model;

/// <summary>Impossible things cannot be made.</summary>
public sealed class InvariantTests
{
    private static readonly MachineId Mill = new("B-MC1");
    private static readonly DateTimeOffset Monday = new(2026, 11, 2, 8, 0, 0, 9.Hours);
    private static readonly Routing Body = new(new("BODY"), [new RoutingStep.Work(10, "machining", [new(Mill, 90.Minutes, 15.Minutes)])]);

    [Theory]
    [InlineData("")]
    [InlineData(" B-MC1")]
    [InlineData("B-MC1 ")]
    [InlineData("B/MC1")]
    [InlineData("B\nMC1")]
    public void A_name_with_blanks_at_the_ends_slashes_or_control_characters_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => new MachineId(name));

    [Fact]
    public void Korean_and_japanese_names_are_fine() => Assert.Equal("선반 1号機", new MachineId("선반 1号機").ToString());

    [Fact]
    public void A_machine_stands_once_in_a_company()
    {
        var line = new ProductionLine("L", LocalName.Same("L"), [new(Mill, LocalName.Same("mill"), "milling"), new(Mill, LocalName.Same("mill"), "milling")]);
        Assert.Throws<ArgumentException>(() => new Company(new("B"), LocalName.Same("B"), "KR",
            [new("S", LocalName.Same("S"), [new("A", LocalName.Same("A"), [line])])]));
    }

    [Fact]
    public void A_machine_is_named_from_the_enterprise_down()
    {
        var line = new ProductionLine("milling", LocalName.Same("L"), [new(Mill, LocalName.Same("mill"), "milling")]);
        var company = new Company(new("B"), LocalName.Same("B"), "KR", [new("Sihwa", LocalName.Same("S"), [new("hall-1", LocalName.Same("A"), [line])])]);
        Assert.Equal("B/Sihwa/hall-1/milling/B-MC1", company.PathOf(Mill));
        Assert.Null(company.PathOf(new("F-5AX")));
    }

    [Fact]
    public void A_routing_rises_and_its_steps_name_each_machine_once()
    {
        Assert.Throws<ArgumentException>(() => new Routing(new("X"), []));
        Assert.Throws<ArgumentException>(() => new RoutingStep.Work(10, "mill", []));
        Assert.Throws<ArgumentException>(() => new RoutingStep.Work(10, "mill", [new(Mill, 1.Hours, 1.Minutes), new(Mill, 2.Hours, 1.Minutes)]));
        Assert.Throws<ArgumentException>(() => new Routing(new("X"), [new RoutingStep.Wait(20, "cool", 1.Hours), new RoutingStep.Wait(20, "cool", 1.Hours)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RoutingStep.Wait(10, "cool", -1.Hours));
    }

    [Fact]
    public void An_order_needs_pieces_and_a_due_date_after_its_release()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Order(new("1"), Body, 0, Monday, Monday + 1.Days));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Order(new("1"), Body, 1, Monday, Monday - 1.Hours));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Order(new("1"), Body, 1, Monday, Monday, weight: 101));
    }

    [Fact]
    public void Sixty_bodies_take_sixteen_and_a_half_hours()
    {
        // 1.5 h set-up + 60 × 15 min = 1.5 h + 15 h.
        Assert.Equal(TimeSpan.FromHours(16.5), ((RoutingStep.Work)Body.Steps[0]).Options[0].For(60));
    }

    [Fact]
    public void What_two_stretches_have_in_common_lies_in_both()
    {
        var range = Gen.Select(Gen.Int[0, 1000], Gen.Int[0, 1000]).Select((a, b) => new TimeRange(Monday.AddMinutes(Math.Min(a, b)), Monday.AddMinutes(Math.Max(a, b))));
        Gen.Select(range, range).Sample((a, b) =>
        {
            var common = a.Intersect(b);
            return common is null
                ? !a.Overlaps(b) || a.IsEmpty || b.IsEmpty
                : common == b.Intersect(a) && a.Contains(common.Value.From) && b.Contains(common.Value.From) && common.Value.Duration <= a.Duration;
        });
    }

    [Fact]
    public void Working_time_adds_up_wherever_a_range_is_cut()
    {
        var week = Enum.GetValues<DayOfWeek>().Where(d => d is not (DayOfWeek.Saturday or DayOfWeek.Sunday))
            .ToDictionary(d => d, _ => (IReadOnlyList<Shift>)[new(8.Hours, 12.Hours), new(13.Hours, 18.Hours)]);
        var calendar = new WorkCalendar(9.Hours, week, [new DateOnly(2026, 11, 3)]);
        Gen.Select(Gen.Int[0, 20_000], Gen.Int[0, 20_000], Gen.Int[0, 20_000]).Sample((a, b, c) =>
        {
            var cut = new[] { a, b, c }.Order().Select(m => Monday.AddMinutes(m)).ToArray();
            return calendar.WorkingDuration(new(cut[0], cut[2]))
                == calendar.WorkingDuration(new(cut[0], cut[1])) + calendar.WorkingDuration(new(cut[1], cut[2]));
        });
    }

    [Fact]
    public void Adding_working_time_and_measuring_it_agree()
    {
        var week = Enum.GetValues<DayOfWeek>().ToDictionary(d => d, _ => (IReadOnlyList<Shift>)[new(8.Hours, 12.Hours)]);
        var calendar = new WorkCalendar(9.Hours, week);
        Gen.Select(Gen.Int[0, 10_000], Gen.Int[1, 5_000]).Sample((from, work) =>
        {
            var start = Monday.AddMinutes(from);
            return calendar.WorkingDuration(new(start, calendar.AddWorking(start, work.Minutes)!.Value)) == work.Minutes;
        });
    }
}
