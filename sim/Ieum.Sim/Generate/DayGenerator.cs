using System.Globalization;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;

namespace Ieum.Sim.Generate;

/// <summary>Plays a <see cref="MachineModel"/>: the days of a machine in the line format of the recordings, for ever.</summary>
/// <remarks>The same model, seed and start give the same lines, as long as no work is ordered. One thread advances; any may order work.</remarks>
internal sealed class DayGenerator : IWorkFeed
{
    private readonly MachineModel _model;
    private readonly ShopHours _hours;
    private readonly int _seed;
    private readonly bool _onlyWork, _dropouts;
    private readonly MachineFace _face;
    private readonly Lock _gate = new();
    private readonly List<WorkOrder> _orders = [];
    private readonly Queue<FeedLine> _ready = new();
    private readonly long _tick;
    private Random _random;
    private long _now, _day = long.MinValue, _stateEnds, _dropoutEnds, _told;
    private bool _powered;
    private string _state = "STOPPED";
    private JobRun? _job;
    private long _pieces;
    private Breakdown? _breakdown;
    private bool _broken;

    /// <param name="dropouts">Lose the control as often as the recorded adapter did.</param>
    /// <param name="start">The story begins at the local midnight before it.</param>
    public DayGenerator(MachineModel model, DeviceDescription device, int seed, DateTimeOffset start, ShopHours hours, bool onlyWork, bool dropouts = false)
    {
        (_model, _hours, _seed, _onlyWork, _dropouts) = (model, hours, seed, onlyWork, dropouts);
        _tick = (long)(model.Tick * TimeSpan.TicksPerSecond);
        _now = hours.Midnight(start.UtcTicks);
        _random = new(seed);
        _face = new(model, device, (item, value) => _ready.Enqueue(new(_now, item, value)));
        _face.Unreachable();
    }

    public bool TakesWork => true;

    public WorkProgress Progress
    {
        get { lock (_gate) return new(_orders.Count + (_job is null ? 0 : 1), _job?.Order.Program, _pieces); }
    }

    public void Enqueue(WorkOrder work) { lock (_gate) _orders.Add(work); }

    public bool Break(Breakdown breakdown)
    {
        lock (_gate) _breakdown = breakdown;
        return true;
    }

    public bool Advance(DateTimeOffset until, List<FeedLine> into, int limit)
    {
        for (var given = 0; given < limit;)
        {
            if (_ready.TryDequeue(out var line))
            {
                into.Add(line);
                given++;
            }
            else if (_now + _tick > until.UtcTicks || !Step(until.UtcTicks)) break;
        }
        return true;
    }

    /// <returns>False when nothing happens until then.</returns>
    private bool Step(long until)
    {
        NewDay();
        var wanted = _hours.IsPowered(_now) || WorkIsDue();
        if (!_powered && !wanted)
        {
            // Nothing happens in the dark: on to the next switch-on or order. An order never wakes the machine in a past
            // that was already told, and looking on more often does not move the clock.
            long next;
            lock (_gate) next = _orders.Count == 0 ? long.MaxValue : Math.Max(_told, _orders.Min(o => o.At.UtcTicks));
            next = Math.Min(_hours.NextPowerOn(_now), next);
            if (next > until)
            {
                _told = until;
                return false;
            }
            _now = next;
            return true;
        }
        _now += _tick;
        if (!_powered) SwitchOn();
        else if (!wanted && _state != "ACTIVE") { SwitchOff(); return true; }
        if (_dropoutEnds > 0)
        {
            if (_now < _dropoutEnds) { _stateEnds += _tick; return true; }
            _dropoutEnds = 0;
            _face.Reachable();
        }
        if (!Stands()) Execute();
        _face.Step(_random, _state == "ACTIVE", _model.Tick, _now);
        if (_dropouts && _job is null && _random.NextDouble() < _model.Dropouts.PerHour / 3600 * _model.Tick && _model.Dropouts.Duration.Length > 0)
        {
            _dropoutEnds = _now + Ticks(Math.Max(1, Quantiles.At(_model.Dropouts.Duration, _random.NextDouble())));
            _face.Unreachable();
        }
        return true;
    }

    /// <summary>Out of order: the control shows a fault, the program is interrupted, and work in hand waits for the repair.</summary>
    private bool Stands()
    {
        Breakdown? breakdown;
        lock (_gate)
        {
            breakdown = _breakdown;
            if (breakdown is not null && _now >= breakdown.From.UtcTicks + breakdown.Lasts.Ticks) _breakdown = null;
        }
        var stands = breakdown is not null && _now >= breakdown.From.UtcTicks && _now < breakdown.From.UtcTicks + breakdown.Lasts.Ticks;
        if (stands && !_broken) Become(_job is null ? "STOPPED" : "INTERRUPTED", _face.Mode, null);
        if (stands) _face.Break(breakdown!);
        else if (_broken) _face.Repair();
        if (stands) _job?.Hold(_tick);
        // What it would have done without work begins anew from a stop.
        else if (_broken) (_state, _stateEnds) = ("STOPPED", _now + Ticks(60));
        return _broken = stands;
    }

    private void NewDay()
    {
        var day = _hours.Midnight(_now);
        if (day == _day) return;
        _day = day;
        // Every day has its own numbers, so that day 9 is the same whether or not somebody watched day 8.
        _random = new(unchecked(_seed * 486_187_739 + (int)(day / TimeSpan.TicksPerHour)));
    }

    private bool WorkIsDue()
    {
        lock (_gate)
        {
            if (_job is not null) return true;
            foreach (var order in _orders) if (order.At.UtcTicks <= _now) return true;
            return false;
        }
    }

    private void SwitchOn()
    {
        _powered = true;
        _state = "STOPPED";
        _stateEnds = _now + Ticks(60 + _random.NextDouble() * 240);
        _face.SwitchOn(_random, _state);
    }

    private void SwitchOff()
    {
        _powered = false;
        _dropoutEnds = 0;
        _face.SwitchOff();
    }

    private void Execute()
    {
        if (_job is null && _state != "ACTIVE") TakeJob();
        if (_job is { } job)
        {
            var made = false;
            var word = job.Order.Attended && !_hours.IsManned(_now) ? job.Hold(_tick) : job.At(_now, _model.Tick, out made);
            if (made)
            {
                lock (_gate) _pieces++;
                _face.CountPart();
            }
            if (word != _state) Become(word, "AUTOMATIC", job.Order.Program);
            if (!job.Done) return;
            lock (_gate) _job = null;
            _stateEnds = _now + Ticks(60);
            return;
        }
        if (_now < _stateEnds) return;
        if (_onlyWork)
        {
            if (_state != "READY") Become("READY", "AUTOMATIC", null);
            return;
        }
        if (!_model.States.TryGetValue(_state, out var from)) from = _model.States["READY"];
        var next = GeneratedItem.Pick(from.Next, _random);
        // Nobody starts a run at lunch or after hours; what runs may end.
        if (next == "ACTIVE" && !_hours.IsManned(_now)) next = "READY";
        var entered = _model.States.GetValueOrDefault(next) ?? _model.States["READY"];
        if (_state == "ACTIVE" && next == "READY" && _face.Mode == "AUTOMATIC")
        {
            lock (_gate) _pieces++;
            _face.CountPart();
        }
        _stateEnds = _now + Ticks(Math.Max(_model.Tick, Quantiles.At(entered.Dwell, _random.NextDouble())));
        if (next == _state) return;
        var program = next == "ACTIVE" && _random.NextDouble() < _model.ProgramChange
            ? "O" + _random.Next(1001, 1400).ToString(CultureInfo.InvariantCulture) : null;
        Become(next, GeneratedItem.Pick(entered.Modes, _random), program);
    }

    private void Become(string word, string mode, string? program)
    {
        _face.Become(word, mode, program);
        _state = word;
    }

    private void TakeJob()
    {
        lock (_gate)
        {
            var due = _orders.FindIndex(o => o.At.UtcTicks <= _now);
            if (due < 0) return;
            _job = new(_orders[due], _random);
            _orders.RemoveAt(due);
        }
    }

    private static long Ticks(double seconds) => (long)(seconds * TimeSpan.TicksPerSecond);
}
