using System.Globalization;

namespace Ieum.Sim.Generate;

/// <summary>When a generated machine is switched on, and when people are there to start it.</summary>
/// <remarks>Monday to Friday all periods, Saturday the first one, Sunday none. A job that was ordered is worked at any hour.</remarks>
internal sealed class ShopHours(IReadOnlyList<(TimeSpan From, TimeSpan To)> periods, TimeSpan offset)
{
    public const string Default = "08:00-12:00,13:00-18:00";
    private static readonly TimeSpan WarmUp = TimeSpan.FromMinutes(5);

    /// <param name="text"><c>HH:mm-HH:mm</c>, several separated by commas, in order; 24:00 ends a day.</param>
    /// <exception cref="InvalidDataException">Not such a text.</exception>
    public static ShopHours Parse(string text, TimeSpan offset)
    {
        var periods = new List<(TimeSpan From, TimeSpan To)>();
        foreach (var part in text.Split(','))
        {
            var ends = part.Split('-');
            if (ends.Length != 2 || Time(ends[0]) is not { } from || Time(ends[1]) is not { } to || to <= from || (periods.Count > 0 && from < periods[^1].To))
                throw new InvalidDataException($"'shift' must be periods like {Default}, in order, not '{text}'.");
            periods.Add((from, to));
        }
        return new(periods, offset);

        static TimeSpan? Time(string t) => t.Trim() == "24:00" ? TimeSpan.FromDays(1)
            : TimeSpan.TryParseExact(t.Trim(), @"hh\:mm", CultureInfo.InvariantCulture, out var time) ? time : null;
    }

    public DateTimeOffset Local(long ticks) => new DateTimeOffset(ticks, TimeSpan.Zero).ToOffset(offset);

    /// <summary>Local midnight at or before an instant, UTC ticks.</summary>
    public long Midnight(long ticks) => (Local(ticks) is var l ? l - l.TimeOfDay : l).UtcTicks;

    /// <summary>People are there and it is not lunch time.</summary>
    public bool IsManned(long ticks) => Local(ticks) is var l && Of(l).Any(p => l.TimeOfDay >= p.From && l.TimeOfDay < p.To);

    /// <summary>Switched on a little before the first period, off a little after the last.</summary>
    public bool IsPowered(long ticks) => Local(ticks) is var l && Of(l) is { Count: > 0 } today &&
        l.TimeOfDay >= today[0].From - WarmUp && l.TimeOfDay < today[^1].To + WarmUp;

    /// <summary>The next instant at which the machine is switched on by the clock.</summary>
    public long NextPowerOn(long ticks)
    {
        for (var day = Local(Midnight(ticks)); ; day = day.AddDays(1))
            if (Of(day) is { Count: > 0 } today && (day + today[0].From - WarmUp).UtcTicks is var on && on > ticks) return on;
    }

    private IReadOnlyList<(TimeSpan From, TimeSpan To)> Of(DateTimeOffset day) => day.DayOfWeek switch
    {
        DayOfWeek.Sunday => [],
        DayOfWeek.Saturday => [periods[0]],
        _ => periods,
    };
}
