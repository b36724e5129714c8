using System.Collections.Immutable;
using System.Globalization;

namespace Ieum.Model;

/// <summary>When a company or machine works: weekly shifts, holidays of its country, and single days that differ.</summary>
/// <remarks>
/// Shifts are given in local time of <see cref="Offset"/>. Korea and Japan keep no summer time, so a fixed offset is
/// exact. A shift may end at 24:00. Shifts of one day never overlap and stand in order.
/// </remarks>
public sealed class WorkCalendar
{
    private readonly ImmutableDictionary<DayOfWeek, ImmutableArray<Shift>> _week;
    private readonly ImmutableDictionary<DateOnly, ImmutableArray<Shift>> _exceptions;

    /// <param name="offset">Distance of local time from UTC, for example +09:00.</param>
    /// <param name="week">Shifts per weekday; a weekday left out has none.</param>
    /// <param name="holidays">Days without work.</param>
    /// <param name="exceptions">Days whose shifts differ from the week (overtime, half days); they win over holidays.</param>
    /// <exception cref="ArgumentException">Shifts of one day overlap or stand out of order.</exception>
    public WorkCalendar(
        TimeSpan offset,
        IReadOnlyDictionary<DayOfWeek, IReadOnlyList<Shift>> week,
        IEnumerable<DateOnly>? holidays = null,
        IReadOnlyDictionary<DateOnly, IReadOnlyList<Shift>>? exceptions = null)
    {
        Offset = offset;
        _week = week.ToImmutableDictionary(d => d.Key, d => Checked(d.Value, d.Key.ToString()));
        Holidays = [.. holidays ?? []];
        _exceptions = exceptions?.ToImmutableDictionary(d => d.Key, d => Checked(d.Value, d.Key.ToString("O", CultureInfo.InvariantCulture)))
            ?? ImmutableDictionary<DateOnly, ImmutableArray<Shift>>.Empty;
    }

    public TimeSpan Offset { get; }
    public ImmutableSortedSet<DateOnly> Holidays { get; }

    /// <summary>Works around the clock, every day: furnaces, unattended cells.</summary>
    public static WorkCalendar Always(TimeSpan offset) => new(offset,
        Enum.GetValues<DayOfWeek>().ToDictionary(d => d, _ => (IReadOnlyList<Shift>)[Shift.WholeDay]));

    /// <summary>The shifts of one local day, in order; empty on a day off.</summary>
    public ImmutableArray<Shift> ShiftsOn(DateOnly day)
    {
        if (_exceptions.TryGetValue(day, out var special)) return special;
        if (Holidays.Contains(day)) return [];
        return _week.TryGetValue(day.DayOfWeek, out var shifts) ? shifts : [];
    }

    /// <summary>The working stretches inside <paramref name="range"/>, in order; back-to-back shifts are joined.</summary>
    public IEnumerable<TimeRange> WorkingTime(TimeRange range)
    {
        TimeRange? open = null;
        var last = DateOnly.FromDateTime(range.To.ToOffset(Offset).DateTime);
        for (var day = DateOnly.FromDateTime(range.From.ToOffset(Offset).DateTime); day <= last; day = day.AddDays(1))
        {
            var midnight = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), Offset);
            foreach (var shift in ShiftsOn(day))
            {
                if (new TimeRange(midnight + shift.From, midnight + shift.To).Intersect(range) is not { } piece) continue;
                if (open is { } before && before.To == piece.From) open = new TimeRange(before.From, piece.To);
                else
                {
                    if (open is { } done) yield return done;
                    open = piece;
                }
            }
        }
        if (open is { } rest) yield return rest;
    }

    public bool IsWorking(DateTimeOffset instant)
    {
        var local = instant.ToOffset(Offset);
        return ShiftsOn(DateOnly.FromDateTime(local.DateTime)).Any(s => local.TimeOfDay >= s.From && local.TimeOfDay < s.To);
    }

    /// <summary>Working time inside <paramref name="range"/>.</summary>
    public TimeSpan WorkingDuration(TimeRange range) =>
        WorkingTime(range).Aggregate(TimeSpan.Zero, (sum, piece) => sum + piece.Duration);

    /// <summary>The instant at which <paramref name="work"/> of working time has passed since <paramref name="from"/>.</summary>
    /// <returns><see langword="null"/> when the calendar has less than that within ten years: it never works.</returns>
    public DateTimeOffset? AddWorking(DateTimeOffset from, TimeSpan work)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(work, TimeSpan.Zero);
        var left = work;
        foreach (var piece in WorkingTime(new TimeRange(from, from.AddYears(10))))
        {
            if (left <= piece.Duration) return piece.From + left;
            left -= piece.Duration;
        }
        return null;
    }

    private static ImmutableArray<Shift> Checked(IReadOnlyList<Shift> shifts, string day)
    {
        for (var i = 1; i < shifts.Count; i++)
            if (shifts[i].From < shifts[i - 1].To)
                throw new ArgumentException($"Shifts on {day} overlap or stand out of order: {shifts[i - 1]} and {shifts[i]}.");
        return [.. shifts];
    }
}

/// <summary>One shift of a day, as time since local midnight; ends after it begins and not after 24:00.</summary>
public readonly record struct Shift
{
    /// <exception cref="ArgumentOutOfRangeException">Not <c>0:00 ≤ from &lt; to ≤ 24:00</c>.</exception>
    public Shift(TimeSpan from, TimeSpan to)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(to, from);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(to, TimeSpan.FromDays(1));
        (From, To) = (from, to);
    }

    public TimeSpan From { get; }
    public TimeSpan To { get; }
    public TimeSpan Duration => To - From;
    public static Shift WholeDay { get; } = new(TimeSpan.Zero, TimeSpan.FromDays(1));
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{From:hh\\:mm}-{(int)To.TotalHours:00}:{To.Minutes:00}");
}
