using Ieum.Model;

namespace Ieum.Connect.Polling;

/// <summary>Decides what is asked next and what an answer means. Pure: no I/O, no clock.</summary>
/// <remarks>
/// Times are wire time since the source began. One refused register never stops its neighbours: the block is split until the
/// guilty point stands alone, and the rest is merged again around it. One silent device never stops the others: it is asked
/// at growing intervals, and all silent ones together get a sixth of the time at most.
/// </remarks>
internal sealed partial class PollSession
{
    public static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(5), LongestRetry = TimeSpan.FromSeconds(60);
    public static readonly TimeSpan FirstProbe = TimeSpan.FromSeconds(1), LongestProbe = TimeSpan.FromSeconds(8);
    private const int LostAnswersOfAConnection = 3;

    private readonly IRegisterProtocol _protocol;
    private readonly PollOptions _options;
    private readonly IPollEffects _effects;
    private readonly List<PolledPoint> _points;
    private readonly SortedDictionary<int, PolledDevice> _devices = [];
    private readonly Dictionary<RegisterArea, AreaLesson> _lessons = [];
    private readonly Stack<PollBlock> _search = new();
    private List<PollBlock> _blocks = [];
    private bool _mustPlan = true;
    private int _missesInARow;
    private TimeSpan _nextProbe, _lastAnswer;

    public PollSession(IEnumerable<PolledPoint> points, IRegisterProtocol protocol, PollOptions options, IPollEffects effects)
    {
        (_protocol, _options, _effects, _points) = (protocol, options, effects, [.. points]);
        foreach (var p in _points)
        {
            if (!_devices.TryGetValue(p.Area.Device, out var device)) _devices[p.Area.Device] = device = new(p.Area.Device);
            device.Points.Add(p);
        }
    }

    public int Points => _points.Count;
    public int Blocks => _blocks.Count;
    internal IReadOnlyList<PollBlock> Planned => _blocks;

    /// <summary>Nothing answers any more: the connection itself must be at fault.</summary>
    public bool IsLinkDead => _missesInARow >= LostAnswersOfAConnection || _devices.Values.All(d => d.IsSilent);

    /// <summary>A new connection stands: everything is due, and what was learned of the device is learned anew, for it may be another one.</summary>
    public void Connected(TimeSpan now)
    {
        _lessons.Clear();
        _gatherRefusals = 0;
        _search.Clear();
        (_missesInARow, _nextProbe, _mustPlan) = (0, now, true);
        foreach (var p in _points) (p.IsGuilty, p.RetryWait, p.Due) = (false, default, now);
        foreach (var d in _devices.Values) (d.Misses, d.NextTry) = (0, now);
    }

    /// <summary>The connection is lost. Devices that fell silent with it have no gap of their own: the connection's gap is theirs.</summary>
    public void Disconnected()
    {
        foreach (var d in _devices.Values.Where(d => d.IsSilent && d.SilentAt >= _lastAnswer)) (d.IsSilent, d.IsMarked, d.Misses) = (false, false, 0);
    }

    /// <summary>The next read.</summary>
    /// <param name="wakeAt">When to ask again, if there is none now.</param>
    public PollBlock? Take(TimeSpan now, out TimeSpan wakeAt)
    {
        wakeAt = now;
        if (_search.TryPop(out var half)) return half;
        if (_mustPlan) Plan(now);
        wakeAt = TimeSpan.MaxValue;
        if (Probe(now, ref wakeAt) is { } probe) return probe;
        PollBlock? best = null;
        foreach (var b in _blocks)
            if ((best is null || b.Due < best.Due) && !_devices[b.Plan.Area.Device].IsSilent) best = b;
        PolledPoint? guilty = null;
        foreach (var p in _points)
            if (p.IsGuilty && (guilty is null || p.Due < guilty.Due) && !_devices[p.Area.Device].IsSilent) guilty = p;
        if (guilty is not null && guilty.Due <= now && (best is null || guilty.Due <= best.Due))
            return new(new(guilty.Area, guilty.Start, guilty.Count, [guilty]), guilty.Point.Period) { IsRetry = true, Due = guilty.Due };
        if (best is not null && best.Due <= now) return best;
        if (best is not null && best.Due < wakeAt) wakeAt = best.Due;
        if (guilty is not null && guilty.Due < wakeAt) wakeAt = guilty.Due;
        return null;
    }

    /// <summary>One short read for a silent device, when its time has come and the share of the silent ones is not used up.</summary>
    private PollBlock? Probe(TimeSpan now, ref TimeSpan wakeAt)
    {
        PolledDevice? next = null;
        foreach (var d in _devices.Values)
            if (d.IsSilent && (next is null || d.NextTry < next.NextTry)) next = d;
        if (next is null) return null;
        var at = next.NextTry > _nextProbe ? next.NextTry : _nextProbe;
        if (at > now)
        {
            wakeAt = at;
            return null;
        }
        var p = next.Points.Find(p => !p.IsGuilty) ?? next.Points[0];
        return new(new(p.Area, p.Start, p.Count, [p]), p.Point.Period) { IsRetry = p.IsGuilty, Due = now };
    }

    private void Plan(TimeSpan now)
    {
        _mustPlan = false;
        var blocks = new List<PollBlock>();
        foreach (var group in _points.Where(p => !p.IsGuilty).GroupBy(p => p.Point.Period))
            foreach (var plan in BlockPlanner.Plan(group, Most, _options.Gap, Learned))
                blocks.Add(new(plan, group.Key) { Due = plan.Points.Min(p => p.Due) });
        _blocks = blocks;
    }

    private int Most(RegisterArea area) => _options.OnePointPerRead ? 1 : Math.Max(1, Math.Min(_protocol.MostCells(area, write: false), _options.MaxBlock));

    private AreaLimits Learned(RegisterArea area)
    {
        var guilty = _points.Where(p => p.IsGuilty && p.Area == area).SelectMany(p => Enumerable.Range(p.Start, p.Count));
        return _lessons.TryGetValue(area, out var lesson) ? new(lesson.Most, guilty.Concat(lesson.Cuts).ToHashSet()) : new(null, guilty.ToHashSet());
    }

    /// <summary>What came for a read, or that nothing came.</summary>
    /// <param name="receiveTicks">When, by the factory clock: UTC ticks.</param>
    public void Answer(PollBlock block, in RegisterAnswer answer, TimeSpan now, long receiveTicks)
    {
        var device = _devices[block.Plan.Area.Device];
        if (answer.Kind == AnswerKind.Silent)
        {
            Missed(block, device, now, receiveTicks);
            return;
        }
        (_lastAnswer, _missesInARow) = (now, 0);
        if (answer.Refusal is { Scope: RefusalScope.Device } gone)
        {
            Silent(device, now, receiveTicks, gone.Rule, gone.Message);
            return;
        }
        Heard(device, receiveTicks);
        if (answer.Kind == AnswerKind.Done) Done(block, answer.Data.Span, now, receiveTicks);
        else if (answer.Refusal is { } refusal) Refused(block, refusal, now, receiveTicks);
    }

    private void Done(PollBlock block, ReadOnlySpan<byte> cells, TimeSpan now, long receiveTicks)
    {
        TellIfLate(block, now);
        var due = NextDue(block, now);
        foreach (var p in block.Points)
        {
            p.Due = due;
            if (p.IsGuilty) (p.IsGuilty, p.RetryWait, _mustPlan) = (false, default, true);
            Read(p, cells.Slice((p.Start - block.Plan.Start) * p.Area.CellBytes, p.Count * p.Area.CellBytes), now, receiveTicks);
        }
        block.Due = due;
        if (block.Of is { } search) Finished(search, fine: true, now);
    }

    /// <summary>Keeps the beat; beats that are over are left out.</summary>
    private static TimeSpan NextDue(PollBlock block, TimeSpan now)
    {
        if (block.Due + block.Period > now) return block.Due + block.Period;
        return now + block.Period - TimeSpan.FromTicks((now - block.Due).Ticks % block.Period.Ticks);
    }

    private void TellIfLate(PollBlock block, TimeSpan now)
    {
        // Half a second is no slow device but a busy computer.
        if (block.Of is not null || block.IsRetry || block.Due == default || now - block.Due < 2 * block.Period || now - block.Due < TimeSpan.FromSeconds(0.5)) return;
        _effects.Problem(PollRules.PeriodMissed, FormattableString.Invariant(
            $"{Name(block.Plan)} came {(now - block.Due).TotalSeconds:0.00} s late; its period is {block.Period.TotalSeconds:0.###} s. Give the points a longer period or the device fewer readers."));
    }

    private void Read(PolledPoint p, ReadOnlySpan<byte> cells, TimeSpan now, long receiveTicks)
    {
        if (!p.Point.TryValue(cells, out var value, out var quality))
            _effects.Problem(PollRules.ValueUnreadable, $"Point '{p.Point.Settings.Name}' at {p.Point.Settings.Address}: the bytes {Convert.ToHexString(cells)} are no {p.Point.Type}. Check type, word order and encoding.");
        else if (quality == Quality.Bad)
            _effects.Problem(PollRules.ValueNotFinite, $"Point '{p.Point.Settings.Name}' at {p.Point.Settings.Address} holds {value}. Check type and word order, or the sensor.");
        var isNews = !p.HasValue || quality != p.Quality || p.Point.IsChange(p.Last, value);
        if (!isNews && !p.IsMarked && !(_options.Heartbeat is { } beat && now - p.PassedAt >= beat)) return;
        _effects.Sample(p.Number, value, quality, receiveTicks, isMark: !isNews);
        p.Passed(value, quality, now);
    }

    private string Name(PlannedBlock<PolledPoint> block) =>
        FormattableString.Invariant($"The read of {block.Count} from {_protocol.AddressOf(block.Area, block.Start)}");
}
