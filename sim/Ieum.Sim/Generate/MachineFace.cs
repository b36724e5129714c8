using System.Globalization;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;

namespace Ieum.Sim.Generate;

/// <summary>Everything a generated machine shows: words, counters, measured items, alarms. Says only what changed.</summary>
internal sealed class MachineFace
{
    private const double CuttingShare = 0.76;   // cut_time over auto_time of the recorded mill

    private readonly MachineModel _model;
    private readonly DeviceDescription _device;
    private readonly Action<string, string> _say;
    private readonly GeneratedItem[] _items;
    private readonly Dictionary<string, string> _shown = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _alarms = new(StringComparer.Ordinal);
    private readonly AlarmModel[] _known;
    private readonly double _alarmRate;
    private double _total, _auto, _cut;
    private long _parts;
    private bool _reachable;
    private string? _fault;

    public MachineFace(MachineModel model, DeviceDescription device, Action<string, string> say)
    {
        (_model, _device, _say) = (model, device, say);
        _items = [.. device.Items.Where(i => model.Items.ContainsKey(i.Name)).Select(i => new GeneratedItem(i, model.Items[i.Name]))];
        _known = [.. model.Alarms.Where(a => device.Items.Any(i => i.Name == a.Item))];
        _alarmRate = _known.Sum(a => a.PerHour) / 3600;
    }

    public string Mode { get; private set; } = "MANUAL";

    public void SwitchOn(Random random, string word)
    {
        _reachable = true;
        foreach (var item in _device.Items)
        {
            switch (item)
            {
                case { IsCondition: true }: Show(item.Name, Conditions.Normal); break;
                case { Type: "AVAILABILITY" }: Show(item.Name, "AVAILABLE"); break;
                case { Type: "EMERGENCY_STOP" }: Show(item.Name, "ARMED"); break;
                case { Type: "POWER_STATE" }: Show(item.Name, "ON"); break;
                case { Type: "CONTROLLER_MODE" }: Show(item.Name, Mode); break;
                case { Type: "EXECUTION" }: Show(item.Name, word); break;
                case { Type: "PROGRAM", SubType: null }: Show(item.Name, "O1000"); break;
                case { Type: "PROGRAM" or "PROGRAM_COMMENT" }: Show(item.Name, ""); break;
            }
        }
        ShowParts();
        ShowCounters();
        foreach (var item in _items) Show(item.Name, item.Begin(random));
    }

    public void SwitchOff()
    {
        _alarms.Clear();
        Unreachable();
        _shown.Clear();
    }

    /// <summary>The adapter has lost the control: every item is unavailable, what was shown is remembered.</summary>
    public void Unreachable()
    {
        _reachable = false;
        foreach (var item in _device.Items) _say(item.Name, item.IsCondition ? Conditions.Unavailable : FeedLine.Unavailable);
    }

    /// <summary>The adapter is back and tells all it sees.</summary>
    public void Reachable()
    {
        _reachable = true;
        foreach (var (item, value) in _shown) _say(item, value);
    }

    public void Become(string word, string mode, string? program)
    {
        if (mode != Mode) ShowType("CONTROLLER_MODE", Mode = mode);
        if (program is not null) ShowType("PROGRAM", program);
        ShowType("EXECUTION", word);
    }

    /// <summary>The fault of a breakdown stands at the first condition of the control or, where it has none, of the machine.</summary>
    public void Break(Feeds.Breakdown breakdown)
    {
        _fault ??= _device.Items.Where(i => i.IsCondition).OrderByDescending(i => i.Type == "SYSTEM").FirstOrDefault()?.Name;
        if (_fault is null) return;
        _alarms.Remove(_fault);
        Show(_fault, $"Fault|{breakdown.Code}|||{breakdown.Text}");
    }

    public void Repair()
    {
        if (_fault is { } fault) Show(fault, Conditions.Normal);
        _fault = null;
    }

    public void CountPart()
    {
        _parts++;
        ShowParts();
    }

    public void Step(Random random, bool running, double seconds, long ticks)
    {
        _total += seconds;
        if (running)
        {
            _auto += seconds;
            if (random.NextDouble() < CuttingShare) _cut += seconds;
        }
        ShowCounters();
        foreach (var item in _items)
        {
            if (!item.Step(random, running, seconds) && !(item.IsPath && Moves(item, random, running, seconds))) continue;
            Show(item.Name, item.Value);
        }
        Alarms(random, seconds, ticks);
    }

    private bool Moves(GeneratedItem path, Random random, bool running, double seconds)
    {
        var model = _model.Items[path.Name];
        return random.NextDouble() < (running ? model.Running : model.Idle).Rate * seconds
            && path.Follow(_items.Where(i => i.IsPosition).Take(3).Select(i => i.Value), random);
    }

    private void Alarms(Random random, double seconds, long ticks)
    {
        if (_alarms.Count > 0)
            foreach (var over in _alarms.Where(a => a.Value <= ticks).Select(a => a.Key).ToList())
            {
                _alarms.Remove(over);
                Show(over, Conditions.Normal);
            }
        if (_fault is not null || _known.Length == 0 || random.NextDouble() >= _alarmRate * seconds) return;
        var u = random.NextDouble() * _alarmRate * 3600;
        var alarm = _known.FirstOrDefault(a => (u -= a.PerHour) < 0) ?? _known[^1];
        Show(alarm.Item, $"{alarm.Level}|{alarm.Code}||{alarm.Qualifier}|{alarm.Text}");
        // A later alarm of the same item replaces the earlier one, as the controls of the recordings do.
        _alarms[alarm.Item] = ticks + (long)(Math.Max(1, Quantiles.At(alarm.Duration, random.NextDouble())) * TimeSpan.TicksPerSecond);
    }

    private void ShowCounters()
    {
        foreach (var item in _device.Items)
            if (item.Type == "ACCUMULATED_TIME")
                Show(item.Name, Math.Floor(item.Name switch { "auto_time" => _auto, "cut_time" => _cut, _ => _total }).ToString("0", CultureInfo.InvariantCulture));
    }

    private void ShowParts() => ShowType("PART_COUNT", _parts.ToString(CultureInfo.InvariantCulture));

    private void ShowType(string type, string value)
    {
        foreach (var item in _device.Items)
            if (item.Type == type && (item.SubType is null || item.SubType == "ALL")) Show(item.Name, value);
    }

    private void Show(string item, string value)
    {
        if (_shown.TryGetValue(item, out var shown) && shown == value) return;
        _shown[item] = value;
        if (_reachable) _say(item, value);
    }
}
