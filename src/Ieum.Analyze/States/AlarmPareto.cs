using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>Alarms of a stretch of time, worst first.</summary>
internal static class AlarmPareto
{
    private sealed class Line
    {
        public ConditionReport Report;
        public ConditionLevel Worst;
        public int Count;
        public TimeSpan Duration;
        public DateTimeOffset Last;
    }

    /// <param name="end">How far anything is known; alarms that are still on last until there.</param>
    public static ImmutableArray<AlarmLine> Of(Story story, TimeRange range, DateTimeOffset end, Func<SignalNumber, string> nameOf)
    {
        var lines = new Dictionary<AlarmKey, Line>();
        var book = new AlarmBook { Ended = Ended };
        foreach (var e in story.Events)
        {
            if (e.Role != SignalRole.Condition || e.At >= end) continue;
            if (AlarmBook.ReportOf(e.Sample) is not { } report) continue;
            var change = book.Apply(e.Sample.Signal, report, e.At);
            if (report.Level is not (ConditionLevel.Warning or ConditionLevel.Fault)) continue;
            var line = LineOf(new(e.Sample.Signal, report.Code));
            line.Report = report;
            if (!range.Contains(e.At)) { line.Worst = report.Level; continue; }
            if (report.Level > line.Worst) line.Worst = report.Level;
            if (change is AlarmChange.WarningRaised or AlarmChange.FaultRaised) line.Count++;
            line.Last = e.At;
        }
        foreach (var alarm in book.On) Ended(new(alarm.Condition, alarm.Report.Code), alarm, end);
        return [.. lines.Where(l => l.Value.Count > 0 || l.Value.Duration > TimeSpan.Zero)
            .Select(l => new AlarmLine(nameOf(l.Key.Condition), l.Key.Code, l.Value.Worst, l.Value.Report.Message, l.Value.Count, l.Value.Duration, l.Value.Last))
            .OrderByDescending(l => l.Duration).ThenByDescending(l => l.Count).ThenBy(l => l.Condition, StringComparer.Ordinal).ThenBy(l => l.Code, StringComparer.Ordinal)];

        Line LineOf(AlarmKey key) => lines.TryGetValue(key, out var line) ? line : lines[key] = new();

        void Ended(AlarmKey key, ActiveAlarm alarm, DateTimeOffset at)
        {
            if (at < alarm.Since || new TimeRange(alarm.Since, at).Intersect(range) is not { } part) return;
            var line = LineOf(key);
            line.Duration += part.Duration;
            // Raised before the range and on at its start: seen last when it was raised.
            if (line.Last == default) line.Last = alarm.Since;
        }
    }
}
