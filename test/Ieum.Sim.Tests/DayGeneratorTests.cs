using System.Globalization;
using Ieum.Sim.Feeds;
using Ieum.Sim.Generate;
using Ieum.Sim.Machines;

namespace Ieum.Sim.Tests;

public sealed class DayGeneratorTests
{
    private static readonly DateTimeOffset Monday = GeneratedDays.Monday;

    [Theory]
    [InlineData("mill")]
    [InlineData("fiveaxis")]
    [InlineData("lathe")]
    [InlineData("hone")]
    public void The_same_seed_gives_the_same_day_and_another_seed_another(string type)
    {
        var first = GeneratedDays.Until(GeneratedDays.Generator(type, 4), Monday.AddHours(12));
        Assert.Equal(first, GeneratedDays.Until(GeneratedDays.Generator(type, 4), Monday.AddHours(12)));
        Assert.NotEqual(first, GeneratedDays.Until(GeneratedDays.Generator(type, 5), Monday.AddHours(12)));
    }

    [Fact]
    public void How_often_it_is_asked_does_not_change_the_day()
    {
        var whole = GeneratedDays.Until(GeneratedDays.Generator("mill"), Monday.AddHours(10));
        var generator = GeneratedDays.Generator("mill");
        var pieces = new List<FeedLine>();
        for (var at = Monday; at <= Monday.AddHours(10); at = at.AddSeconds(7.3)) generator.Advance(at, pieces, 100);
        while (generator.Advance(Monday.AddHours(10), pieces, 100) && pieces.Count < whole.Count) { }
        Assert.Equal(whole, pieces);
    }

    [Theory]
    [InlineData("mill")]
    [InlineData("lathe")]
    public void Time_never_runs_backwards_and_every_item_belongs_to_the_machine(string type)
    {
        var items = DeviceDescription.Of(type).Items.ToDictionary(i => i.Name);
        var last = long.MinValue;
        foreach (var line in GeneratedDays.Until(GeneratedDays.Generator(type, 2), Monday.AddDays(1)))
        {
            Assert.True(line.Ticks >= last, $"{line} comes after a later line.");
            last = line.Ticks;
            Assert.True(items.TryGetValue(line.Item, out var item), line.ToString());
            Assert.Equal(item!.IsCondition, line.IsCondition);
        }
    }

    [Fact]
    public void The_machine_is_dark_at_night_and_on_sunday_and_nobody_starts_it_at_lunch()
    {
        var lines = GeneratedDays.Until(GeneratedDays.Generator("mill", 3), Monday.AddDays(7)).Where(l => l.Item == "execution").ToList();
        var hours = ShopHours.Parse(ShopHours.Default, Monday.Offset);
        foreach (var line in lines)
        {
            var local = hours.Local(line.Ticks);
            if (line.Value == "UNAVAILABLE") continue;
            Assert.NotEqual(DayOfWeek.Sunday, local.DayOfWeek);
            // On at 07:55; a run begun before 18:00 may end later, within the longest recorded dwell of 28 minutes.
            Assert.InRange(local.TimeOfDay, new TimeSpan(7, 55, 0), new TimeSpan(19, 0, 0));
        }
        var starts = lines.Zip(lines.Skip(1)).Where(p => p.First.Value == "READY" && p.Second.Value == "ACTIVE").Select(p => hours.Local(p.Second.Ticks).TimeOfDay).ToList();
        Assert.True(starts.Count > 100, $"only {starts.Count} starts in a week");
        Assert.DoesNotContain(starts, t => t >= new TimeSpan(12, 0, 0) && t < new TimeSpan(13, 0, 0));
    }

    [Fact]
    public void A_job_of_twenty_pieces_counts_twenty_parts_in_about_twenty_cycles()
    {
        var generator = GeneratedDays.Generator("lathe", 8, onlyWork: true);
        GeneratedDays.Until(generator, Monday.AddHours(8.5));
        var start = Monday.AddHours(8.5);
        generator.Enqueue(new("P-17", 20, TimeSpan.FromSeconds(90), start));
        Assert.Equal(1, generator.Progress.Waiting);
        var lines = GeneratedDays.Until(generator, Monday.AddHours(10));

        var parts = lines.Where(l => l.Item == "PartCountAct").ToList();
        Assert.Equal(Enumerable.Range(1, 20).Select(i => i.ToString(CultureInfo.InvariantCulture)), parts.Select(p => p.Value));
        Assert.Equal("P-17", Assert.Single(lines, l => l.Item == "program").Value);
        Assert.True(lines.Count(l => l is { Item: "execution", Value: "ACTIVE" }) >= 20, "every piece begins with ACTIVE; a hold adds one");
        // 20 cycles of 90 s are 1800 s; the last piece is done one unloading (9 s) earlier. One hold of at most 90 s per 40 min of
        // cutting is expected; three would be rare.
        var seconds = (parts[^1].Ticks - start.UtcTicks) / (double)TimeSpan.TicksPerSecond;
        Assert.InRange(seconds, 1800 - 9 - 40, 1800 - 9 + 40 + 270);
        Assert.Equal(20, generator.Progress.PiecesMade);
        Assert.Equal(0, generator.Progress.Waiting);
    }

    [Fact]
    public void A_job_wakes_the_machine_at_night_and_jobs_run_one_after_the_other()
    {
        var generator = GeneratedDays.Generator("mill", 8, onlyWork: true);
        var night = Monday.AddHours(2);
        generator.Enqueue(new("A", 2, TimeSpan.FromSeconds(60), night));
        generator.Enqueue(new("B", 1, TimeSpan.FromSeconds(30), night));
        var lines = GeneratedDays.Until(generator, Monday.AddHours(3));
        Assert.Equal(["UNAVAILABLE", "O1000", "A", "B", "UNAVAILABLE"], lines.Where(l => l.Item == "program").Select(l => l.Value));
        Assert.Equal(3, generator.Progress.PiecesMade);
        Assert.Equal("UNAVAILABLE", lines.Last(l => l.Item == "execution").Value);
    }

    [Fact]
    public void An_attended_job_rests_over_lunch_and_loses_no_piece()
    {
        var generator = GeneratedDays.Generator("mill", 8, onlyWork: true);
        generator.Enqueue(new("LUNCH", 9, TimeSpan.FromMinutes(20), Monday.AddHours(11), Attended: true));
        var lines = GeneratedDays.Until(generator, Monday.AddHours(16));
        var states = lines.Where(l => l.Item == "execution").Select(l => (Hour: (l.Ticks - Monday.UtcTicks) / (double)TimeSpan.TicksPerHour, l.Value)).ToList();
        Assert.Contains(states, s => s is { Hour: >= 12 and < 12.01, Value: "FEED_HOLD" or "READY" });
        Assert.DoesNotContain(states, s => s is { Hour: >= 12.01 and < 12.99, Value: "ACTIVE" });
        // Three pieces of 20 min before 12:00, six from 13:00 on: done about 15:00.
        var parts = lines.Where(l => l.Item == "PartCountAct").ToList();
        Assert.Equal(9, generator.Progress.PiecesMade);
        Assert.InRange((parts[^1].Ticks - Monday.UtcTicks) / (double)TimeSpan.TicksPerHour, 14.8, 15.3);
    }

    [Fact]
    public void Temperatures_rise_while_the_machine_works()
    {
        var generator = GeneratedDays.Generator("mill", 8, onlyWork: true);
        generator.Enqueue(new("HOT", 60, TimeSpan.FromSeconds(120), Monday.AddHours(8)));
        var temperatures = GeneratedDays.Until(generator, Monday.AddHours(10)).Where(l => l.Item == "S2temp" && l.Value is not ("UNAVAILABLE" or "0"))
            .Select(l => (At: (l.Ticks - Monday.UtcTicks) / (double)TimeSpan.TicksPerHour, Value: double.Parse(l.Value, CultureInfo.InvariantCulture))).ToList();
        var cold = temperatures.Where(t => t.At < 8.1).Average(t => t.Value);
        var warm = temperatures.Where(t => t.At > 9).Average(t => t.Value);
        Assert.True(warm > cold + 1, $"cold {cold:0.0}, warm {warm:0.0}");
    }

    [Fact]
    public void A_machine_that_breaks_down_stops_with_a_fault_and_goes_on_with_its_work_when_it_is_repaired()
    {
        var generator = GeneratedDays.Generator("mill", onlyWork: true);
        generator.Enqueue(new("O1", 30, TimeSpan.FromMinutes(10), Monday.AddHours(8)));
        Assert.True(generator.Break(new(Monday.AddHours(10), TimeSpan.FromHours(2), "9031", "SPINDLE")));
        var before = GeneratedDays.Until(generator, Monday.AddHours(10));
        Assert.DoesNotContain(before, l => l.Value.StartsWith("Fault|9031", StringComparison.Ordinal));
        var made = generator.Progress.PiecesMade;
        Assert.InRange(made, 9, 12);   // two hours of ten minutes a piece

        var during = GeneratedDays.Until(generator, Monday.AddHours(12).AddSeconds(-1));
        Assert.Contains(during, l => l.Value.StartsWith("Fault|9031", StringComparison.Ordinal));
        Assert.Equal("INTERRUPTED", Assert.Single(during, l => ItemRoles.IsExecution(l.Item)).Value);
        Assert.Equal(made, generator.Progress.PiecesMade);

        var after = GeneratedDays.Until(generator, Monday.AddHours(16));
        Assert.Contains(after, l => l.Value == Conditions.Normal);
        Assert.InRange(generator.Progress.PiecesMade, 30, 30);   // five hours of work in eight, two of them lost
    }
}
