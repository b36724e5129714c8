using Ieum.Sim.Feeds;
using Ieum.Sim.Generate;
using Ieum.Sim.Machines;
using Ieum.Sim.Recordings;

namespace Ieum.Sim.Tests;

/// <summary>Days of a generator as lines, for tests.</summary>
internal static class GeneratedDays
{
    /// <summary>A Monday; Korea's offset.</summary>
    public static readonly DateTimeOffset Monday = new(2026, 11, 2, 0, 0, 0, TimeSpan.FromHours(9));

    public static DayGenerator Generator(string type, int seed = 1, string shift = ShopHours.Default, bool onlyWork = false) => new(
        MachineModel.Of(type), DeviceDescription.Of(type), seed, Monday, ShopHours.Parse(shift, Monday.Offset), onlyWork);

    public static List<FeedLine> Until(IFeed feed, DateTimeOffset until)
    {
        var lines = new List<FeedLine>();
        feed.Advance(until, lines, int.MaxValue);
        return lines;
    }

    /// <summary>Measures generated weekdays with the same code that measured the real ones.</summary>
    public static MachineModel Measured(string type, int weeks, int seed)
    {
        var fit = new ModelFit(DeviceDescription.Of(type));
        // One period without lunch: the recorded shop's breaks are not known, so none are compared.
        var generator = Generator(type, seed, "08:00-18:00");
        var day = Monday;
        for (var d = 0; d < weeks * 7; d++, day = day.AddDays(1))
        {
            var lines = Until(generator, day.AddDays(1));
            if (day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) continue;
            fit.AddDay(lines.Select(l => new RecordedLine(l.Ticks, l.Item, l.Value, false)));
        }
        return fit.Model(type);
    }
}
