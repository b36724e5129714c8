using Ieum.Model;

namespace Ieum.Node.Ui;

/// <summary>The window of time that a Gantt shows, and the marks on its axis.</summary>
internal readonly record struct GanttView(TimeRange Range)
{
    /// <summary>Widths that the zoom steps through, in hours.</summary>
    public static IReadOnlyList<int> Steps { get; } = [4, 8, 12, 24, 48, 96, 168, 336];
    private static readonly int[] Ticks = [1, 2, 3, 6, 12, 24, 48];

    public double X(DateTimeOffset at) => (at - Range.From) / Range.Duration;

    public static int Nearest(int hours) => Steps.MinBy(s => Math.Abs(s - hours));
    public static int Zoom(int hours, int by) => Steps[Math.Clamp(IndexOf(hours) + by, 0, Steps.Count - 1)];
    private static int IndexOf(int hours) => Enumerable.Range(0, Steps.Count).First(i => Steps[i] == Nearest(hours));

    /// <summary>Marks on whole hours of factory time, at most 13; midnight marks name the day.</summary>
    public IEnumerable<(DateTimeOffset At, bool Midnight)> Marks()
    {
        var range = Range;
        var step = Ticks.First(t => range.Duration.TotalHours / t <= 12 || t == Ticks[^1]);
        var local = Texts.Local(Range.From);
        var at = new DateTimeOffset(local.Date, local.Offset);
        while (at < Range.From) at = at.AddHours(step);
        for (; at < Range.To; at = at.AddHours(step)) yield return (at, at.TimeOfDay == TimeSpan.Zero);
    }

    /// <summary>Stretches of the window in which a calendar does not work.</summary>
    public IEnumerable<TimeRange> Off(WorkCalendar calendar)
    {
        var at = Range.From;
        foreach (var work in calendar.WorkingTime(Range))
        {
            if (work.From > at) yield return new TimeRange(at, work.From);
            at = work.To;
        }
        if (at < Range.To) yield return new TimeRange(at, Range.To);
    }
}
