namespace Ieum.Analyze;

/// <summary>What a current clamp says about its machine.</summary>
internal enum ClampWord : byte
{
    /// <summary>Only one level was seen so far: work and standby cannot be told apart.</summary>
    Learning = 0,
    Off = 1,
    Standby = 2,
    Work = 3,
}

/// <summary>
/// Reads work, standby and off from a supply current, sample by sample, without knowing the machine beforehand and without
/// looking ahead: the levels are learned from what was seen so far, older days fading (docs/states.md, "Current clamp").
/// </summary>
internal sealed class ClampReader(CurrentClampOptions options)
{
    /// <summary>A value that is sent on change only stands until the next; one that stood longer is silence, and teaches no more.</summary>
    private const double LongestSeconds = 60;
    private const double LearnEverySeconds = 5;

    private readonly LevelHistogram _seen = new(options.HalfLife);
    private Levels? _levels;
    private long _last;
    private double _magnitude, _unlearned;
    private ClampWord _word;

    public Levels? Levels => _levels;

    /// <summary>Takes one value in and says what it means now.</summary>
    /// <param name="ticks">When it was measured, UTC ticks; older than the last one changes nothing.</param>
    public ClampWord Read(long ticks, double current)
    {
        if (!double.IsFinite(current) || ticks < _last) return _word;
        if (_last > 0) Learn(Math.Min(LongestSeconds, (ticks - _last) / (double)TimeSpan.TicksPerSecond));
        _last = ticks;
        _magnitude = Math.Abs(current);
        // Not smoothed: hysteresis keeps noise out, and a median of three cost 2 % of the run time of a mill that was tried.
        if (_levels is { } levels) _word = Judge(levels, _magnitude);
        return _word;
    }

    private void Learn(double seconds)
    {
        _seen.Add(_magnitude, seconds);
        _unlearned += seconds;
        // Early, every new stretch changes the picture; later it moves slowly and a look now and then is enough.
        if (_unlearned < Math.Max(_levels is null ? 0 : LearnEverySeconds, _seen.Total / 200)) return;
        _unlearned = 0;
        // Where only one level can be told now (a long weekend, a shift without a stop) the known ones still hold.
        _levels = _seen.Find(options.LeastAtLevel.TotalSeconds) ?? _levels;
    }

    /// <summary>With hysteresis: a border is crossed when a part of the way to the next level beyond it is gone.</summary>
    private ClampWord Judge(Levels l, double value)
    {
        if (l.Off is { } off)
        {
            var isOff = value < (_word == ClampWord.Off ? Towards(l.OffBorder, l.Standby) : Towards(l.OffBorder, off));
            if (isOff) return ClampWord.Off;
        }
        var border = _word == ClampWord.Work ? Towards(l.Border, l.Standby) : Towards(l.Border, l.Work);
        return value >= border ? ClampWord.Work : ClampWord.Standby;
    }

    private double Towards(double border, double level) => border + (level - border) * options.Hysteresis;
}
