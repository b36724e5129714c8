namespace Ieum.Analyze;

/// <summary>
/// A streaming detector for one signal: no training, a fixed amount of memory, each value judged by itself and earlier ones only.
/// Several plain figures of the signal (value, level, step, spread, distance from the season, rhythm) each have the range they
/// kept to so far; how far a figure leaves its range is its surprise, and the greatest surprise makes the score.
/// </summary>
/// <remarks>
/// Not safe for two threads. The weights were chosen once on public series and synthetic machine signals and are frozen
/// (docs/decisions/0012); a change of any of them is a new <see cref="Version"/>.
/// </remarks>
public sealed class SignalDetector
{
    public const string Model = "signal-novelty", Version = "1";

    /// <summary>Scores from here on are alarms.</summary>
    public const double Threshold = 0.5;

    /// <summary>Values for which no second alarm is raised after an alarm: one event is one alarm.</summary>
    public const int Gate = 150;

    /// <summary>Values beyond, either way, are left out: their squares overflow.</summary>
    public const double MostSize = 1e150;

    private const int Kinds = 10, Quiet = 50, WarmUp = 200, RunsToTrust = 20;
    // A surprise of a tenth of the range so far, weighted per kind, is the threshold.
    private const double Scale = 10, FastWeight = 0.05, SlowWeight = 0.003, SpreadWeight = 1.0 / 25, SlowSpreadWeight = 1.0 / 150, CycleSpreadWeight = 0.002;
    private const byte Format = 1;
    private readonly double[] _sensitivity = NewSensitivity();
    private NoveltyRange _range, _levels, _jumps, _spreads, _slowSpreads, _seasons;
    private SeasonProfile _season = new();
    private CycleWatch _cycle;
    private double _fast, _slow, _spread, _slowSpread, _cycleSpread, _last;
    private double _run, _longestRun, _runs;
    private bool _stuckTold;
    private long _gateUntil;

    /// <summary>Usable values seen so far.</summary>
    public long Count { get; private set; }

    /// <summary>How far the detector can be believed, 0 to 1: little after a hundred values, almost fully after a thousand.</summary>
    public double Confidence => 1 - Math.Exp(-Count / (double)WarmUp);

    /// <summary>How much a kind's surprise counts, above 0 to 1; 1 until somebody answered an alarm of that kind with "wrong".</summary>
    /// <summary>Of kinds that nightly models tell the detector knows nothing; theirs is always 1.</summary>
    public double SensitivityOf(AnomalyKind kind) => (int)kind < Kinds ? _sensitivity[(int)kind] : 1;

    /// <param name="sensitivity">0.02 to 1.</param>
    public void SetSensitivity(AnomalyKind kind, double sensitivity)
    {
        if (!(sensitivity is >= 0.02 and <= 1)) throw new ArgumentOutOfRangeException(nameof(sensitivity), sensitivity, "A sensitivity lies between 0.02 and 1.");
        if ((int)kind < Kinds) _sensitivity[(int)kind] = sensitivity;
    }

    /// <summary>Judges the next value. One that is no finite number, or beyond <see cref="MostSize"/>, scores 0 and changes nothing.</summary>
    /// <param name="seconds">Source time, seconds since 1970 UTC, for the season; NaN where unknown.</param>
    public AnomalyVerdict Step(double seconds, double value)
    {
        if (!(Math.Abs(value) <= MostSize)) return default;   // NaN and infinities too
        Count++;
        if (Count == 1) (_fast, _slow, _last) = (value, value, value);
        var fresh = 1.0 / Count;
        var floor = 1e-9 + 1e-6 * Math.Abs(_slow);
        var best = new Best(_sensitivity);

        best.Add(AnomalyKind.Range, 1.1 * Scale * _range.Step(value, floor));
        _fast += (value - _fast) * Math.Max(FastWeight, fresh);
        best.Add(AnomalyKind.Level, 1.2 * Scale * _levels.Step(_fast - _slow, floor));
        best.Add(AnomalyKind.Jump, 0.7 * Scale * _jumps.Step(value - _last, floor));

        var square = (value - _slow) * (value - _slow);
        _spread += (square - _spread) * Math.Max(SpreadWeight, fresh);
        _slowSpread += (square - _slowSpread) * Math.Max(SlowSpreadWeight, fresh);
        _cycleSpread += (square - _cycleSpread) * Math.Max(CycleSpreadWeight, fresh);
        // In logarithms, so that half and double are equally far. Only after five (three) memories the start is forgotten.
        if (Count > 5 / SpreadWeight) best.Add(AnomalyKind.Spread, 1.5 * Scale * _spreads.Step(0.5 * Math.Log(_spread + floor * floor), 1));
        if (Count > 3 / SlowSpreadWeight) best.Add(AnomalyKind.SlowSpread, 1.5 * Scale * _slowSpreads.Step(0.5 * Math.Log(_slowSpread + floor * floor), 0.3));
        _slow += (value - _slow) * Math.Max(SlowWeight, fresh);

        best.Add(AnomalyKind.Stuck, StuckFor(value));
        _last = value;
        if (_season.Step(seconds, value) is var rest && !double.IsNaN(rest)) best.Add(AnomalyKind.Season, Scale * _seasons.Step(rest, floor));
        _cycle.Step(Count, value, _slow, Math.Sqrt(_cycleSpread));
        best.Add(AnomalyKind.CycleSize, Scale * _cycle.SizeOff);
        best.Add(AnomalyKind.CycleTime, Scale * _cycle.TimeOff);
        return Judge(best.Surprise, best.Kind);
    }

    private AnomalyVerdict Judge(double surprise, AnomalyKind kind)
    {
        if (Count < Quiet || kind == AnomalyKind.None) return default;
        if (Count < 40 * WarmUp) surprise *= Confidence;   // beyond, the factor is 1 to the last bit
        var score = surprise / (1 + surprise);
        if (double.IsNaN(score)) score = 1;   // a surprise without bounds: the first movement after a signal that never moved
        if (Count <= _gateUntil) return new(0.5 * Math.Min(score, 0.98), kind, false);
        if (score < Threshold) return new(score, kind, false);
        _gateUntil = Count + Gate;
        if (kind == AnomalyKind.CycleTime) _cycle.Forget();
        if (kind == AnomalyKind.Stuck) _stuckTold = true;
        return new(score, kind, true);
    }

    /// <summary>Only for signals that do move: the run of equal values against the longest one before.</summary>
    private double StuckFor(double value)
    {
        if (value != _last)
        {
            _longestRun = Math.Max(_longestRun, _run);
            (_run, _runs, _stuckTold) = (0, _runs + 1, false);
            return 0;
        }
        _run++;
        return _stuckTold || _runs <= RunsToTrust ? 0 : Math.Max(0, (_run - _longestRun) / (1.5 * _longestRun + 30));
    }

    private static double[] NewSensitivity()
    {
        var all = new double[Kinds];
        Array.Fill(all, 1);
        return all;
    }

    /// <summary>The whole state as bytes; <see cref="Restore"/> goes on exactly where this stood.</summary>
    public byte[] Save()
    {
        using var bytes = new MemoryStream();
        using var to = new BinaryWriter(bytes);
        to.Write(Format);
        to.Write(Count);
        to.Write(_gateUntil);
        to.Write(_stuckTold);
        foreach (var v in (ReadOnlySpan<double>)[_fast, _slow, _spread, _slowSpread, _cycleSpread, _last, _run, _longestRun, _runs]) to.Write(v);
        foreach (var v in _sensitivity) to.Write(v);
        foreach (var r in (ReadOnlySpan<NoveltyRange>)[_range, _levels, _jumps, _spreads, _slowSpreads, _seasons]) r.Save(to);
        _cycle.Save(to);
        _season.Save(to);
        to.Flush();
        return bytes.ToArray();
    }

    /// <summary>A detector from the bytes of <see cref="Save"/>; null when they are of another version or damaged: the signal is then learned anew.</summary>
    public static SignalDetector? Restore(ReadOnlyMemory<byte> saved)
    {
        try
        {
            using var from = new BinaryReader(new MemoryStream(saved.ToArray()));
            if (from.ReadByte() != Format) return null;
            var d = new SignalDetector { Count = from.ReadInt64(), _gateUntil = from.ReadInt64(), _stuckTold = from.ReadBoolean() };
            (d._fast, d._slow, d._spread) = (from.ReadDouble(), from.ReadDouble(), from.ReadDouble());
            (d._slowSpread, d._cycleSpread, d._last) = (from.ReadDouble(), from.ReadDouble(), from.ReadDouble());
            (d._run, d._longestRun, d._runs) = (from.ReadDouble(), from.ReadDouble(), from.ReadDouble());
            for (var i = 0; i < Kinds; i++) d._sensitivity[i] = from.ReadDouble();
            (d._range, d._levels, d._jumps) = (NoveltyRange.Load(from), NoveltyRange.Load(from), NoveltyRange.Load(from));
            (d._spreads, d._slowSpreads, d._seasons) = (NoveltyRange.Load(from), NoveltyRange.Load(from), NoveltyRange.Load(from));
            d._cycle = CycleWatch.Load(from);
            d._season = SeasonProfile.Load(from);
            return d;
        }
        catch (EndOfStreamException)
        {
            return null;
        }
    }

    private ref struct Best(double[] sensitivity)
    {
        public double Surprise { get; private set; }
        public AnomalyKind Kind { get; private set; }

        public void Add(AnomalyKind kind, double surprise)
        {
            surprise *= sensitivity[(int)kind];
            if (surprise > Surprise) (Surprise, Kind) = (surprise, kind);
        }
    }
}
