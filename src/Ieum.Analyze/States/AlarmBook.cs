using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>One alarm: the condition it belongs to and the controller's own code.</summary>
internal readonly record struct AlarmKey(SignalNumber Condition, string Code);

/// <summary>Which alarms are on, after the rules of MTConnect conditions.</summary>
/// <remarks>
/// One condition may carry several alarms at once, told apart by their native code. <c>Normal</c> without a code ends
/// all of them, <c>Normal</c> with a code that one; <c>Unavailable</c> ends all, because nothing is known of them any more.
/// </remarks>
internal sealed class AlarmBook
{
    private readonly Dictionary<AlarmKey, ActiveAlarm> _on = [];

    /// <summary>Told for every alarm that ends, with what it was.</summary>
    public Action<AlarmKey, ActiveAlarm, DateTimeOffset>? Ended { get; init; }

    public IReadOnlyCollection<ActiveAlarm> On => _on.Values;
    public int Faults { get; private set; }
    public int Warnings => _on.Count - Faults;

    /// <summary>The report a sample carries; nothing is known of a condition whose source died. Null when it cannot be read.</summary>
    public static ConditionReport? ReportOf(in Sample sample) => sample.Quality switch
    {
        Quality.Unavailable or Quality.Stale => new ConditionReport(ConditionLevel.Unavailable, "", "", "", ""),
        Quality.Bad => null,
        _ => ConditionReport.TryParse(sample.Value.Text, out var report) ? report : null,
    };

    /// <summary>Takes one report in and says what it changed.</summary>
    public AlarmChange Apply(SignalNumber condition, in ConditionReport report, DateTimeOffset at)
    {
        if (report.Level is ConditionLevel.Normal or ConditionLevel.Unavailable)
        {
            var all = report.Level == ConditionLevel.Unavailable || report.Code.Length == 0;
            return all ? EndAll(condition, at) : End(new(condition, report.Code), at) ? AlarmChange.Ended : AlarmChange.None;
        }
        var key = new AlarmKey(condition, report.Code);
        var isFault = report.Level == ConditionLevel.Fault;
        if (!_on.TryGetValue(key, out var known))
        {
            _on[key] = new(condition, report, at);
            if (isFault) Faults++;
            return isFault ? AlarmChange.FaultRaised : AlarmChange.WarningRaised;
        }
        _on[key] = known with { Report = report };
        var wasFault = known.Report.Level == ConditionLevel.Fault;
        if (isFault == wasFault) return AlarmChange.None;
        Faults += isFault ? 1 : -1;
        return isFault ? AlarmChange.Worsened : AlarmChange.Eased;
    }

    private AlarmChange EndAll(SignalNumber condition, DateTimeOffset at)
    {
        var change = AlarmChange.None;
        // Removing while enumerating is safe for Dictionary since .NET Core 3.0.
        foreach (var key in _on.Keys)
            if (key.Condition == condition && End(key, at)) change = AlarmChange.Ended;
        return change;
    }

    private bool End(AlarmKey key, DateTimeOffset at)
    {
        if (!_on.Remove(key, out var alarm)) return false;
        if (alarm.Report.Level == ConditionLevel.Fault) Faults--;
        Ended?.Invoke(key, alarm, at);
        return true;
    }
}

/// <summary>What a condition report changed.</summary>
internal enum AlarmChange : byte
{
    /// <summary>Nothing: it was on, or off, already.</summary>
    None = 0,
    WarningRaised,
    /// <summary>A fault began that was off before.</summary>
    FaultRaised,
    /// <summary>A warning became a fault: the same alarm, getting worse.</summary>
    Worsened,
    /// <summary>A fault became a warning.</summary>
    Eased,
    Ended,
}
