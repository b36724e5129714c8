using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Recordings;

namespace Ieum.Sim.Generate;

/// <summary>Collects alarms: how often each comes, how long it stays.</summary>
internal sealed class AlarmTrace
{
    private readonly Dictionary<(string Item, ConditionLevel Level, string Code, string Qualifier, string Text), (int Count, List<double> Seconds)> _alarms = [];
    private readonly Dictionary<string, (ConditionReport Report, long Since)> _open = new(StringComparer.Ordinal);

    public int Count(ConditionLevel level) => _alarms.Where(a => a.Key.Level == level).Sum(a => a.Value.Count);

    public void See(in RecordedLine line, bool counts)
    {
        var report = Conditions.Read(line.Value);
        if (_open.Remove(line.Item, out var open))
        {
            if (open.Report == report) { _open[line.Item] = open; return; }
            if (open.Since > 0) _alarms[Key(line.Item, open.Report)].Seconds.Add((double)(line.Ticks - open.Since) / TimeSpan.TicksPerSecond);
        }
        if (report.Level is not (ConditionLevel.Warning or ConditionLevel.Fault)) return;
        _open[line.Item] = (report, counts ? line.Ticks : 0);
        if (!counts) return;
        var known = _alarms.GetValueOrDefault(Key(line.Item, report), (0, []));
        _alarms[Key(line.Item, report)] = (known.Item1 + 1, known.Item2);
    }

    public void EndDay() => _open.Clear();

    public IReadOnlyList<AlarmModel> Models(double hours) => [.. _alarms.OrderByDescending(a => a.Value.Count)
        .Select(a => new AlarmModel(a.Key.Item, a.Key.Level.ToString(), a.Key.Code, a.Key.Qualifier, a.Key.Text,
            ModelFit.Round(a.Value.Count / hours), Quantiles.Of(a.Value.Seconds.Count > 0 ? a.Value.Seconds : [30], 4)))];

    private static (string, ConditionLevel, string, string, string) Key(string item, ConditionReport r) => (item, r.Level, r.Code, r.Qualifier, r.Message);
}
