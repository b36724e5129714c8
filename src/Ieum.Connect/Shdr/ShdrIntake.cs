using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Shdr;

/// <summary>Carries out what the lines lead to: fills the batch, counts, tells problems, keeps gaps and the clock skew.</summary>
internal sealed class ShdrIntake : IShdrEffects
{
    private readonly ConnectionSettings _settings;
    private readonly ShdrOptions _options;
    private readonly SourceHealthTracker _health;
    private readonly SkewEstimator _skew;
    private readonly TimeProvider _factory;
    private readonly ILogger _log;
    private readonly ShdrLineBuffer _lines = new();
    private SampleBatcher? _batch;
    private long _receiveTicks, _tooLongTold;
    private int _received, _rejected;
    private DateTimeOffset? _garbageFrom;
    private string _garbage = "";

    public ShdrIntake(ConnectionSettings settings, ShdrOptions options, ISignalDirectory signals, SourceHealthTracker health, TimeProvider factory, ILogger log)
    {
        (_settings, _options, _health, _factory, _log) = (settings, options, health, factory, log);
        _skew = new(factory);
        Session = new(settings, options, signals, this);
    }

    public ShdrSession Session { get; }

    /// <summary>Where the next bytes of the socket go.</summary>
    public Memory<byte> Free => _lines.Free;

    /// <summary>The adapter answered a PING, on this or an earlier connection: its silence means something.</summary>
    public bool SpeaksPing { get; private set; }

    /// <summary>Time by the factory clock of the last bytes; null before the first.</summary>
    public DateTimeOffset? LastBytes { get; private set; }

    public void Connected(SampleBatcher batch)
    {
        _batch = batch;
        _lines.Reset();
        Session.Connected();
    }

    /// <param name="isLive">False in the first seconds of a connection, when old state arrives that says nothing about the clock.</param>
    /// <returns>How many samples came of it.</returns>
    public int Filled(int bytes, bool isLive)
    {
        var now = _factory.GetUtcNow();
        (_receiveTicks, LastBytes) = (now.UtcTicks, now);
        (_received, _rejected) = (0, 0);
        Session.NewestTicks = 0;
        _lines.Filled(bytes);
        while (_lines.TryTake(out var line)) Session.Take(line, _receiveTicks);
        TellTooLong();
        _health.Received(_received + _rejected, _receiveTicks);
        if (_rejected > 0) _health.Rejected(_rejected);
        if (isLive && Session.NewestTicks > 0 && !_options.UseReceiveTime) Skew();
        return _received;
    }

    public void Sample(in Sample sample)
    {
        if (_garbageFrom is { } from)
        {
            _garbageFrom = null;
            Add(new(_settings.Source, new(from, Later(from)), GapCause.Garbage, null, _garbage));
        }
        _received++;
        _batch!.Add(sample);
    }

    public void Problem(string rule, string message, int rejected)
    {
        _rejected += rejected;
        Tell(rule, message);
        if (rule is ShdrRules.LineUnreadable or ShdrRules.LineTooLong or ShdrRules.TimeUnreadable && _garbageFrom is null)
            (_garbageFrom, _garbage) = (_factory.GetUtcNow(), message);
    }

    public void Pong(TimeSpan interval) => SpeaksPing = true;

    public void Tell(string rule, string message, long times = 1)
    {
        var count = _health.Problem(rule, message, times);
        if (SourceHealthTracker.IsWorthALine(count)) ShdrLog.Problem(_log, _settings.Source, rule, count, message);
    }

    public void Add(Gap gap)
    {
        _batch!.Add(gap);
        ShdrLog.Gap(_log, _settings.Source, gap.Cause, gap.Range.From, gap.Range.To, gap.Detail);
    }

    private DateTimeOffset Later(DateTimeOffset from)
    {
        var now = _factory.GetUtcNow();
        return now > from ? now : from;
    }

    private void TellTooLong()
    {
        if (_lines.TooLong == _tooLongTold) return;
        var times = (int)(_lines.TooLong - _tooLongTold);
        _tooLongTold = _lines.TooLong;
        for (var i = 0; i < times; i++)
            Problem(ShdrRules.LineTooLong, $"Adapter '{_settings.Endpoint}' sent a line longer than {ShdrLineBuffer.MaxLine / 1024} KiB. It was dropped up to its end; the connection stays. Check what the port belongs to.", 1);
    }

    private void Skew()
    {
        _skew.Observe(Session.NewestTicks, _receiveTicks);
        _health.Skew(_skew.Skew);
        Session.IsUncertain = _skew.IsUncertain;
        if (_skew.IsTolerable) return;
        Tell(ConnectRules.ClockSkew, string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"The clock of adapter '{_settings.Endpoint}' is off by {_skew.Skew!.Value.TotalSeconds:0.0} s (tolerance {_skew.Tolerance.TotalSeconds:0.#} s). Set it by NTP; beyond {SkewEstimator.Limit.TotalMinutes:0} min samples are marked uncertain."));
    }
}
