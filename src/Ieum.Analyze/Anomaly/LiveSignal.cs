namespace Ieum.Analyze;

/// <summary>How a person answered an alarm.</summary>
public enum AlarmAnswer : byte
{
    /// <summary>Something was the matter.</summary>
    Right,
    /// <summary>Nothing was the matter.</summary>
    Wrong,
    /// <summary>It is always like that at this time of the week.</summary>
    Known,
}

/// <summary>An alarm with the stretch of time that raised it.</summary>
/// <param name="Value">Mean of the minute, in the signal's unit.</param>
/// <param name="Samples">Minutes the detector had seen.</param>
public readonly record struct LiveAlarm(DateTimeOffset From, DateTimeOffset To, AnomalyKind Kind, double Score, double Value, long Samples, double Confidence);

/// <summary>
/// One signal of a running machine: its samples become minute means (by source time), each judged when its minute is over.
/// Answers change it: "wrong" makes that kind count less, "right" more again, "known" keeps that time of the week quiet.
/// </summary>
/// <remarks>Not safe for two threads.</remarks>
public sealed class LiveSignal
{
    /// <summary>On a shop floor an alarm must be rare, so surprises count less than in <see cref="AnomalyAnalysis"/>: 0.4 asks for a quarter of the range, not a tenth.</summary>
    public const double StartSensitivity = 0.4;

    /// <summary>Minutes learned before the first alarm: a shift.</summary>
    public const int Learning = 480;

    private const double WrongFactor = 0.6, RightFactor = 1.25, Least = 0.02;
    private const byte Format = 1;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), KnownMargin = TimeSpan.FromMinutes(30), Before = TimeSpan.FromMinutes(30);
    private static readonly long Week = TimeSpan.FromDays(7).Ticks;
    private readonly List<(long From, long To)> _known = [];
    private readonly SignalDetector _detector;
    private long _minute = long.MinValue;
    private double _sum;
    private int _count;

    public LiveSignal()
    {
        _detector = new();
        foreach (var kind in Enum.GetValues<AnomalyKind>()) _detector.SetSensitivity(kind, StartSensitivity);
    }

    private LiveSignal(SignalDetector detector) => _detector = detector;

    public double SensitivityOf(AnomalyKind kind) => _detector.SensitivityOf(kind);

    /// <summary>Takes a sample. Samples older than the minute under way are left out: what is over has been judged.</summary>
    /// <param name="ticks">Source time, UTC ticks.</param>
    /// <returns>An alarm when the sample ends a minute that raised one.</returns>
    public LiveAlarm? Take(long ticks, double value)
    {
        if (!double.IsFinite(value)) return null;
        var minute = ticks / TimeSpan.TicksPerMinute;
        if (minute < _minute) return null;
        LiveAlarm? alarm = null;
        if (minute > _minute)
        {
            alarm = Close();
            (_minute, _sum, _count) = (minute, 0, 0);
        }
        _sum += value;
        _count++;
        return alarm;
    }

    /// <summary>Judges the minute under way as if it were over; for the end of a run.</summary>
    public LiveAlarm? Close()
    {
        if (_count == 0) return null;
        var mean = _sum / _count;
        _count = 0;
        var at = _minute * TimeSpan.TicksPerMinute;
        var verdict = _detector.Step((at - DateTimeOffset.UnixEpoch.Ticks) / (double)TimeSpan.TicksPerSecond, mean);
        if (!verdict.Raised || _detector.Count < Learning || IsKnown(at)) return null;
        var begin = new DateTimeOffset(at, TimeSpan.Zero);
        return new(begin - Before, begin + Minute, verdict.Kind, verdict.Score, mean, _detector.Count, _detector.Confidence);
    }

    /// <summary>Learns from an answer; the same answers in the same order always lead to the same detector.</summary>
    public void Answer(AlarmAnswer answer, AnomalyKind kind, DateTimeOffset at)
    {
        var now = _detector.SensitivityOf(kind);
        switch (answer)
        {
            case AlarmAnswer.Wrong: _detector.SetSensitivity(kind, Math.Max(Least, now * WrongFactor)); break;
            case AlarmAnswer.Right: _detector.SetSensitivity(kind, Math.Min(StartSensitivity, now * RightFactor)); break;
            case AlarmAnswer.Known:
                var place = at.UtcTicks % Week;
                if (!IsKnown(at.UtcTicks)) _known.Add((place - KnownMargin.Ticks, place + KnownMargin.Ticks));
                break;
        }
    }

    private bool IsKnown(long ticks)
    {
        var place = ticks % Week;
        foreach (var (from, to) in _known)
            if ((place >= from && place <= to) || place + Week <= to || place - Week >= from) return true;
        return false;
    }

    public void Save(BinaryWriter to)
    {
        ArgumentNullException.ThrowIfNull(to);
        to.Write(Format);
        to.Write(_minute);
        to.Write(_sum);
        to.Write(_count);
        to.Write(_known.Count);
        foreach (var (from, until) in _known)
        {
            to.Write(from);
            to.Write(until);
        }
        var detector = _detector.Save();
        to.Write(detector.Length);
        to.Write(detector);
    }

    /// <returns>Null when the bytes are of another version.</returns>
    /// <exception cref="EndOfStreamException">The bytes are cut off.</exception>
    public static LiveSignal? Load(BinaryReader from)
    {
        ArgumentNullException.ThrowIfNull(from);
        if (from.ReadByte() != Format) return null;
        var (minute, sum, count) = (from.ReadInt64(), from.ReadDouble(), from.ReadInt32());
        var known = new List<(long, long)>();
        for (var left = from.ReadInt32(); left > 0; left--) known.Add((from.ReadInt64(), from.ReadInt64()));
        if (SignalDetector.Restore(from.ReadBytes(from.ReadInt32())) is not { } detector) return null;
        var signal = new LiveSignal(detector) { _minute = minute, _sum = sum, _count = count };
        signal._known.AddRange(known);
        return signal;
    }
}
