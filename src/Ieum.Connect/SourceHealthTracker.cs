using Ieum.Model;

namespace Ieum.Connect;

/// <summary>Keeps the health of one source. Written by the source's loop, read by anybody.</summary>
internal sealed class SourceHealthTracker(TimeProvider factory)
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, SourceProblem> _problems = new(StringComparer.Ordinal);
    private LinkState _link = LinkState.Connecting;
    private DateTimeOffset _since = factory.GetUtcNow();
    private long _received, _rejected, _lost, _gaps, _marks, _lastData;
    private int _connects;
    private TimeSpan? _skew;

    public SourceHealth Health
    {
        get
        {
            lock (_gate)
                return new(_link, _since, _lastData == 0 ? null : new DateTimeOffset(_lastData, TimeSpan.Zero),
                    new(_received, _rejected, _lost, _gaps, _marks), _skew, Math.Max(0, _connects - 1), [.. _problems.Values]);
        }
    }

    public LinkState Link { get { lock (_gate) return _link; } }

    /// <returns>True when this is a change.</returns>
    public bool SetLink(LinkState link)
    {
        lock (_gate)
        {
            if (link == LinkState.Connected && _link != LinkState.Connected && _link != LinkState.Silent) _connects++;
            if (_link == link) return false;
            (_link, _since) = (link, factory.GetUtcNow());
            return true;
        }
    }

    /// <param name="receiveTicks">When they came, by the factory clock: UTC ticks.</param>
    public void Received(long samples, long receiveTicks)
    {
        if (samples <= 0) return;
        lock (_gate) (_received, _lastData) = (_received + samples, Math.Max(_lastData, receiveTicks));
    }

    /// <summary>Of the received samples, those that could not be used. Tell the reason with <see cref="Problem"/>.</summary>
    public void Rejected(long samples) { lock (_gate) _rejected += samples; }

    /// <summary>Samples the source made itself, such as stale marks; they are stored but were not received.</summary>
    public void Marked(long samples) { lock (_gate) _marks += samples; }

    /// <summary>A gap was handed to the sink.</summary>
    public void Gap(Gap gap)
    {
        lock (_gate) (_gaps, _lost) = (_gaps + 1, _lost + (gap.Lost ?? 0));
    }

    public void Skew(TimeSpan? skew) { lock (_gate) _skew = skew; }

    /// <summary>Tells a broken rule; the newest message per rule is kept.</summary>
    /// <returns>How often this rule was broken since the start; log when <see cref="IsWorthALine"/>.</returns>
    public long Problem(string rule, string message, long times = 1)
    {
        lock (_gate)
        {
            var count = (_problems.TryGetValue(rule, out var known) ? known.Count : 0) + times;
            _problems[rule] = new(rule, message, factory.GetUtcNow(), count);
            return count;
        }
    }

    /// <summary>The first ten of a kind and then each tenth power: a broken peer must not fill the disk with log lines.</summary>
    public static bool IsWorthALine(long count) => count <= 10 || Math.Log10(count) % 1 == 0;
}
