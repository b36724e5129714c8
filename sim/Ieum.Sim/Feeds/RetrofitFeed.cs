using System.Globalization;
using Ieum.Model;

namespace Ieum.Sim.Feeds;

/// <summary>What a retrofit box sees of a machine: the colours of its stack lamp, a cycle contact and the mains current.</summary>
/// <remarks>
/// Green while the program runs, amber while it waits in the middle of work, red while a fault is active. The current is
/// sampled every second and told when it moved by more than <see cref="DeadBand"/>: about 2 A of auxiliaries, more with the
/// spindle's load when it is known, with the noise of a clamp.
/// </remarks>
internal sealed class RetrofitFeed(IFeed machine, int seed) : IWorkFeed
{
    private const double DeadBand = 0.3, IdleAmps = 2.1, RunningAmps = 7.5, AmpsPerLoadPercent = 0.11, NoiseAmps = 0.12;

    private readonly List<FeedLine> _inner = [];
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);
    private readonly HashSet<(string Item, string Code)> _faults = [];
    private readonly Queue<FeedLine> _ready = new();
    private readonly Random _random = new(seed);
    private long _nextSample = long.MaxValue;
    private string _execution = FeedLine.Unavailable;
    private double _load, _amps = double.NaN;
    private long _cycles;
    private bool _ended, _inCycle;

    public void Enqueue(WorkOrder work)
    {
        if (machine is IWorkFeed feed) feed.Enqueue(work);
        else throw new InvalidOperationException("The machine behind the retrofit box plays a recording and takes no work.");
    }

    public WorkProgress Progress => machine is IWorkFeed feed ? feed.Progress : default;

    public bool Break(Breakdown breakdown) => machine is IWorkFeed feed && feed.Break(breakdown);

    public bool TakesWork => machine is IWorkFeed { TakesWork: true };

    public bool Advance(DateTimeOffset until, List<FeedLine> into, int limit)
    {
        var given = 0;
        while (given < limit)
        {
            while (given < limit && _ready.TryDequeue(out var line))
            {
                into.Add(line);
                given++;
            }
            if (given >= limit || _ended) break;
            _inner.Clear();
            if (!machine.Advance(until, _inner, 1024)) _ended = true;
            foreach (var line in _inner)
            {
                SampleUpTo(line.Ticks);
                See(line);
            }
            if (_inner.Count < 1024 && until != DateTimeOffset.MaxValue) SampleUpTo(until.UtcTicks);
            if (_ready.Count == 0) break;
        }
        return !_ended || _ready.Count > 0;
    }

    private void See(in FeedLine line)
    {
        if (_nextSample == long.MaxValue) _nextSample = line.Ticks;
        if (line.IsCondition)
        {
            var report = Conditions.Read(line.Value);
            if (report.Level == ConditionLevel.Fault) _faults.Add((line.Item, report.Code));
            else if (report.Code.Length == 0) Clear(line.Item);
            else _faults.Remove((line.Item, report.Code));
        }
        else if (ItemRoles.IsExecution(line.Item))
        {
            Count(line.Value);
            _execution = line.Value;
        }
        else if (ItemRoles.IsSpindleLoad(line.Item))
            _load = double.TryParse(line.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var load) ? Math.Clamp(load, 0, 200) : 0;
        else return;
        var running = _execution == "ACTIVE";
        Tell(line.Ticks, "in_cycle", running ? "true" : "false");
        Tell(line.Ticks, "lamp_green", running ? "true" : "false");
        Tell(line.Ticks, "lamp_amber", MachineStates.OfExecution(_execution) == MachineState.Stopped ? "true" : "false");
        Tell(line.Ticks, "lamp_red", _faults.Count > 0 ? "true" : "false");
        Tell(line.Ticks, "cycle_count", _cycles.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>A cycle ends when the machine is ready or stopped again; a hold in the middle belongs to it.</summary>
    private void Count(string execution)
    {
        if (execution == "ACTIVE") _inCycle = true;
        else if (execution is not ("FEED_HOLD" or "INTERRUPTED" or "WAIT"))
        {
            if (_inCycle && MachineStates.OfExecution(execution) is not (MachineState.Unknown or MachineState.Offline)) _cycles++;
            _inCycle = false;
        }
    }

    private void Clear(string item) => _faults.RemoveWhere(f => f.Item == item);

    private void SampleUpTo(long ticks)
    {
        for (; _nextSample <= ticks; _nextSample += TimeSpan.TicksPerSecond)
        {
            var aim = _execution switch
            {
                "ACTIVE" => RunningAmps + AmpsPerLoadPercent * _load,
                FeedLine.Unavailable => 0.05,
                _ => IdleAmps,
            };
            // The sum of three uniforms is close enough to a normal for the noise of a clamp.
            var amps = Math.Max(0, aim + NoiseAmps * 2 * (_random.NextDouble() + _random.NextDouble() + _random.NextDouble() - 1.5));
            if (Math.Abs(amps - _amps) <= DeadBand) continue;
            _amps = amps;
            Tell(_nextSample, "current", amps.ToString("0.00", CultureInfo.InvariantCulture));
        }
    }

    private void Tell(long ticks, string item, string value)
    {
        if (_told.TryGetValue(item, out var told) && told == value) return;
        _told[item] = value;
        _ready.Enqueue(new(ticks, item, value));
    }
}
