using System.Globalization;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;
using Ieum.Sim.Recordings;

namespace Ieum.Sim.Generate;

/// <summary>Fits a <see cref="MachineModel"/> to days of lines; also measures generated days, so that both are judged alike.</summary>
/// <remarks>
/// Time in which the execution word is UNAVAILABLE is cut out: less than an hour is a dropout, more is the end of the day.
/// A value told again unchanged is no change. See docs/simulated-machines.md for what the model keeps and what it loses.
/// </remarks>
internal sealed class ModelFit(DeviceDescription device)
{
    private const double DayBreakSeconds = 3600;

    private readonly Dictionary<string, List<double>> _dwell = [];
    private readonly Dictionary<string, Dictionary<string, int>> _next = [], _modes = [];
    private readonly Dictionary<string, ItemTrace> _items = device.Items.Where(IsModelled).ToDictionary(i => i.Name, i => new ItemTrace(i), StringComparer.Ordinal);
    private readonly AlarmTrace _alarms = new();
    private readonly List<double> _dropouts = [], _gaps = [];
    private double _running, _idle;
    private long _lines, _transitions;
    private int _days, _runs, _programs;

    /// <summary>Items with a life of their own; availability, execution, mode, programs and counters follow from the states.</summary>
    private static bool IsModelled(DataItem i) => !i.IsCondition &&
        i.Type is not ("AVAILABILITY" or "EXECUTION" or "CONTROLLER_MODE" or "PROGRAM" or "PROGRAM_COMMENT" or "PROGRAM_EDIT_NAME"
            or "PART_COUNT" or "ACCUMULATED_TIME" or "POWER_STATE" or "EMERGENCY_STOP");

    public void AddDay(IEnumerable<RecordedLine> lines)
    {
        var day = new DayCursor();
        var before = _lines;
        foreach (var line in lines)
        {
            if (!line.Head) _lines++;
            Add(day, line);
        }
        if (_lines > before) _days++;
        _alarms.EndDay();
    }

    public MachineModel Model(string type)
    {
        var powered = (_running + _idle) / 3600;
        var basis = new FitBasis(_days, Round(powered), _lines, Round(_running / Math.Max(1, _running + _idle)),
            Round(_transitions / powered), Round(_alarms.Count(ConditionLevel.Fault) / powered), Round(_alarms.Count(ConditionLevel.Warning) / powered));
        _gaps.Sort();
        return new(type, basis, _gaps.Count == 0 ? 1 : Math.Clamp(Round(Quantiles.At(_gaps, 0.5)), 0.1, 5),
            _next.Where(n => _dwell.ContainsKey(n.Key)).ToDictionary(n => n.Key, n => new StateModel(Quantiles.Of(_dwell[n.Key], 100),
                Shares(n.Value), Shares(_modes.GetValueOrDefault(n.Key) ?? new() { ["AUTOMATIC"] = 1 }))),
            Round(Math.Min(1, (double)_programs / Math.Max(1, _runs))),
            _items.Where(i => i.Value.Any).ToDictionary(i => i.Key, i => i.Value.Model(_running, _idle)),
            _alarms.Models(powered), new(Round(_dropouts.Count / powered), Quantiles.Of(_dropouts, 4)));
    }

    private void Add(DayCursor day, in RecordedLine line)
    {
        if (ItemRoles.IsExecution(line.Item)) { Execution(day, line); return; }
        if (line.Value is FeedLine.Unavailable || line.Value.StartsWith("Unavailable|", StringComparison.OrdinalIgnoreCase)) return;
        if (line.Value.Contains('|', StringComparison.Ordinal))
        {
            _alarms.See(line, counts: !line.Head);
            return;
        }
        if (line.Item == "mode") day.Mode = line.Value;
        if (line.Item == "program" && day.Program != line.Value)
        {
            if (!line.Head && day.Program is not null) _programs++;
            day.Program = line.Value;
        }
        if (!_items.TryGetValue(line.Item, out var trace)) return;
        if (!line.Head && day.State == "ACTIVE" && line.Ticks > day.LastTicks && day.LastTicks > 0)
            _gaps.Add((double)(line.Ticks - day.LastTicks) / TimeSpan.TicksPerSecond);
        if (!line.Head) day.LastTicks = line.Ticks;
        trace.See(line.Value, line.Head || day.State == FeedLine.Unavailable ? null : day.State == "ACTIVE");
    }

    private void Execution(DayCursor day, in RecordedLine line)
    {
        if (line.Head) { (day.State, day.Since) = (line.Value, 0); return; }
        if (line.Value == day.State) return;
        var seconds = day.Since == 0 ? 0 : (double)(line.Ticks - day.Since) / TimeSpan.TicksPerSecond;
        if (day.State == FeedLine.Unavailable)
        {
            if (day.Since != 0 && seconds < DayBreakSeconds && day.Powered is not null) _dropouts.Add(seconds);
            else (day.Powered, day.Dwelt) = (null, 0);
        }
        else if (day.Since != 0)
        {
            if (day.State == "ACTIVE") _running += seconds; else _idle += seconds;
            day.Dwelt += seconds;
        }
        if (line.Value != FeedLine.Unavailable)
        {
            // A word that comes back after a dropout has not changed: its dwell time goes on.
            if (day.Powered != line.Value)
            {
                if (day.Powered is { } from)
                {
                    _transitions++;
                    Count(_next, from, line.Value);
                    if (!_dwell.TryGetValue(from, out var list)) _dwell[from] = list = [];
                    list.Add(day.Dwelt);
                }
                if (day.Mode is { } mode) Count(_modes, line.Value, mode);
                if (line.Value == "ACTIVE") _runs++;
                day.Dwelt = 0;
            }
            day.Powered = line.Value;
        }
        (day.State, day.Since) = (line.Value, line.Ticks);
    }

    private static void Count(Dictionary<string, Dictionary<string, int>> counts, string from, string to)
    {
        if (!counts.TryGetValue(from, out var row)) counts[from] = row = new(StringComparer.Ordinal);
        row[to] = row.GetValueOrDefault(to) + 1;
    }

    internal static Dictionary<string, double> Shares(Dictionary<string, int> counts)
    {
        double sum = counts.Values.Sum();
        return counts.OrderByDescending(c => c.Value).ToDictionary(c => c.Key, c => Round(c.Value / sum), StringComparer.Ordinal);
    }

    internal static double Round(double value) => double.Parse(
        Quantiles.Significant(value).ToString("G5", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private sealed class DayCursor
    {
        public string State = FeedLine.Unavailable;
        public string? Powered, Mode, Program;
        public long Since, LastTicks;
        public double Dwelt;
    }
}
