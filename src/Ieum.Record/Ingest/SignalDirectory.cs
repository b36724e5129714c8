using Ieum.Model;

namespace Ieum.Record.Ingest;

/// <summary>All signals in memory; new and changed ones wait here for the next write, which always comes before their samples.</summary>
internal sealed class SignalDirectory : ISignalDirectory
{
    private readonly Lock _gate = new();
    private readonly List<Signal?> _signals = [null];   // numbers begin at 1
    private readonly Dictionary<SignalId, int> _numbers = [];
    private readonly Dictionary<MachineId, List<int>> _machines = [];
    private readonly SortedSet<int> _unwritten = [];
    private readonly Action _changed;
    private int _end = 1;

    /// <param name="changed">Called outside the lock when something waits to be written.</param>
    public SignalDirectory(Action changed, IEnumerable<(int Number, Signal Signal)> known)
    {
        _changed = changed;
        foreach (var (number, signal) in known)
        {
            while (_signals.Count < number) _signals.Add(null);
            Add(signal);
        }
    }

    public int Count { get { lock (_gate) return _numbers.Count; } }

    public SignalNumber Register(Signal signal)
    {
        ArgumentNullException.ThrowIfNull(signal);
        int number;
        lock (_gate)
        {
            if (!_numbers.TryGetValue(signal.Id, out number)) number = Add(signal);
            else if (_signals[number] == signal) return new(number);
            else _signals[number] = signal;
            _unwritten.Add(number);
        }
        _changed();
        return new(number);
    }

    public Signal? Find(SignalNumber number) { lock (_gate) return number.Value >= 1 && number.Value < _signals.Count ? _signals[number.Value] : null; }

    /// <summary>Whether the number was given. Asked for every sample, hence without the lock: numbers are given in order and never taken back.</summary>
    public bool Knows(SignalNumber number) => number.Value >= 1 && number.Value < Volatile.Read(ref _end);

    public SignalNumber? Find(SignalId id) { lock (_gate) return _numbers.TryGetValue(id, out var n) ? new(n) : null; }

    public IReadOnlyList<(SignalNumber Number, Signal Signal)> All()
    {
        lock (_gate) return [.. _signals.Select((s, i) => (new SignalNumber(i), s!)).Where(s => s.Item2 is not null)];
    }

    public IReadOnlyList<(SignalNumber Number, Signal Signal)> Of(MachineId machine)
    {
        lock (_gate)
            return _machines.TryGetValue(machine, out var numbers) ? [.. numbers.Select(n => (new SignalNumber(n), _signals[n]!))] : [];
    }

    /// <summary>What waits to be written, by number. Stays waiting until <see cref="Written"/>.</summary>
    public IReadOnlyList<(int Number, Signal Signal)> Unwritten()
    {
        lock (_gate) return _unwritten.Count == 0 ? [] : [.. _unwritten.Select(n => (n, _signals[n]!))];
    }

    public void Written(IReadOnlyList<(int Number, Signal Signal)> written)
    {
        lock (_gate)
            foreach (var (number, signal) in written)
                if (_signals[number] == signal) _unwritten.Remove(number);   // changed again meanwhile: stays
    }

    private int Add(Signal signal)
    {
        var number = _signals.Count;
        _signals.Add(signal);
        _numbers.Add(signal.Id, number);
        if (!_machines.TryGetValue(signal.Id.Machine, out var numbers)) _machines.Add(signal.Id.Machine, numbers = []);
        numbers.Add(number);
        Volatile.Write(ref _end, number + 1);
        return number;
    }
}
