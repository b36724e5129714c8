using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>One alarm from when it came to when it went.</summary>
/// <param name="Range">Cut to the asked range.</param>
/// <param name="Level">As it was last reported while it was on.</param>
public sealed record AlarmSpan(TimeRange Range, string Condition, string Code, ConditionLevel Level, string Message);

internal static class AlarmSpans
{
    /// <summary>Every alarm that was on in the range, by its begin.</summary>
    /// <param name="end">How far anything is known; alarms that are still on last until there.</param>
    public static ImmutableArray<AlarmSpan> Of(Story story, TimeRange range, DateTimeOffset end, Func<SignalNumber, string> nameOf)
    {
        var spans = new List<AlarmSpan>();
        var book = new AlarmBook { Ended = Ended };
        foreach (var e in story.Events)
            if (e.Role == SignalRole.Condition && e.At < end && AlarmBook.ReportOf(e.Sample) is { } report) book.Apply(e.Sample.Signal, report, e.At);
        foreach (var alarm in book.On) Ended(new(alarm.Condition, alarm.Report.Code), alarm, end);
        return [.. spans.OrderBy(s => s.Range.From).ThenBy(s => s.Condition, StringComparer.Ordinal).ThenBy(s => s.Code, StringComparer.Ordinal)];

        void Ended(AlarmKey key, ActiveAlarm alarm, DateTimeOffset at)
        {
            if (at < alarm.Since || new TimeRange(alarm.Since, at).Intersect(range) is not { } part) return;
            spans.Add(new(part, nameOf(key.Condition), key.Code, alarm.Report.Level, alarm.Report.Message));
        }
    }
}
