using System.Globalization;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>What a source may ask about its own past: how far it is durable, and what was recorded.</summary>
internal sealed record OpcUaPast(IPlaces Places, IMeasurementHistory History)
{
    /// <summary>The node's clock against the start of the computer, now.</summary>
    public Func<BootTime> Boot { get; init; } = static () => BootTime.None;
}

/// <summary>
/// Takes a source up where an earlier run of the node left it. The last recorded time of each point tells where its history
/// is asked from, the place which stretches were still to be looked up; what is recorded there is not delivered again.
/// </summary>
internal sealed class Resumption(OpcUaParts parts, SourceMark mark, ISignalDirectory signals, OpcUaPast past)
{
    /// <summary>What the queue still holds must be stored first. A store that takes nothing for so long must not keep the machine unread.</summary>
    public static readonly TimeSpan SettleLimit = TimeSpan.FromSeconds(30);

    /// <summary>What was received last may have been under way for so long.</summary>
    private static readonly TimeSpan UnderWay = TimeSpan.FromSeconds(1);

    /// <summary>A point that did not change for longer is asked from here: no server holds values back for so long.</summary>
    private static readonly TimeSpan LongestDelay = TimeSpan.FromHours(1);

    private readonly OpcPlace _place = OpcPlace.Parse(mark.Place);
    private readonly IMeasurementHistory _history = past.History;

    /// <summary>
    /// Looks which points still show what is recorded of them. After the nodes were found and before they are watched, so that
    /// the first notification is either that or newer. The last recorded time alone cannot tell: a machine that begins may
    /// stamp what stands with a time long ago.
    /// </summary>
    public async Task SeeAsync(IOpcUaServices services, CancellationToken cancel)
    {
        var own = Recorded().ToLookup(o => o.Point);
        var points = parts.Points.Where(p => p.Node is not null && own.Contains(p)).ToList();
        var values = await services.ReadAsync(points.ConvertAll(p => p.Node!.Value), AttributeIds.Value, cancel).ConfigureAwait(false);
        for (var i = 0; i < points.Count; i++)
        {
            var told = parts.Intake.ToldOf(points[i], values[i]);
            if (told.Ticks == 0) continue;
            foreach (var (_, suffix, number, _) in own[points[i]])
                await foreach (var s in _history.RangeAsync(number, Instant(told.Ticks), cancel).ConfigureAwait(false))
                    if (ToldOf(s, suffix) == told) points[i].Recorded = told;
        }
    }

    /// <summary>Opens the holes of the time before this run. After the points are watched, before the first value is taken.</summary>
    /// <param name="serverStart">Of the server now: UTC ticks, 0 when it does not tell.</param>
    /// <param name="tellsTime">The server told its clock, so that <see cref="OpcIntake.Skew"/> is known.</param>
    public async Task ApplyAsync(long serverStart, bool tellsTime, CancellationToken cancel)
    {
        var own = Recorded();
        var (ahead, by) = (new HashSet<OpcPoint>(), TimeSpan.Zero);
        // The node's own clock may have been set meanwhile; where that cannot be told, it is taken for the server's: rather a gap too many.
        var set = past.Boot().SetSince(_place.Boot) ?? TimeSpan.Zero;
        foreach (var (point, suffix, number, signal) in own)
        {
            if (_history.Last(number) is not { } last) continue;
            parts.Intake.Remember(point, suffix, signal.Kind, last);
            var back = last.SourceTime - last.ReceiveTime - parts.Intake.Skew - set;
            if (!tellsTime || back <= HistoryFill.Margin) continue;
            ahead.Add(point);
            by = back > by ? back : by;
        }
        var wasServerDown = _place.ServerStart != 0 && serverStart != _place.ServerStart;
        foreach (var stretch in _place.Open)
            parts.Holes.Add(new(stretch.Range, stretch.Cause, "Values were missing when the node was stopped.", [.. parts.Points.Select(p => new HolePart(p, 0))]) { WasServerDown = stretch.WasServerDown || wasServerDown });
        // The time of a repeated value is the node's own and says nothing about what the server recorded: such points are compared value by value.
        var isExact = parts.Options.Heartbeat > TimeSpan.Zero;
        var range = Away();
        // Made meanwhile and stamped before what is recorded already: a history that is asked by time does not tell it, so the time is a gap.
        if (ahead.Count > 0)
            parts.Intake.Add(new(parts.Settings.Source, range, GapCause.NodeDown, null, string.Create(CultureInfo.InvariantCulture,
                $"The node was not listening, and the clock of the server was set back by {by.TotalSeconds:0} s since its last values came: what {ahead.Count} of {parts.Points.Count} points showed meanwhile cannot be told from the history.")));
        var delay = parts.Options.Sampling * parts.Options.Queue;
        var earliest = (mark.Through + parts.Intake.Skew - (delay > LongestDelay ? delay : LongestDelay)).UtcTicks;
        parts.Holes.Add(new(range, GapCause.NodeDown, "The node was not listening.", [.. parts.Points.Select(p =>
            isExact || p.NewestTicks == 0 ? new HolePart(p, 0) : new(p, p.NewestTicks, Math.Max(p.NewestTicks, earliest)))]) { WasServerDown = wasServerDown });
        var known = _place.Open.Select(o => o.Range).ToList();
        if (isExact) known.Add(range);
        foreach (var (point, suffix, number, _) in own)
        {
            if (point.Delivered is null) continue;
            foreach (var stretch in known)
                await KnowAsync(point, suffix, number, new(stretch.From + parts.Intake.Skew - HistoryFill.Margin * 2, stretch.To + parts.Intake.Skew + HistoryFill.Margin * 2), cancel).ConfigureAwait(false);
            if (point.NewestTicks > 0)
                await KnowAsync(point, suffix, number, Instant(point.NewestTicks), cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Nothing can be looked up: the whole time is a gap.</summary>
    public void GiveUp(string why)
    {
        foreach (var stretch in _place.Open) parts.Intake.Add(new(parts.Settings.Source, stretch.Range, stretch.Cause, null, $"Values were missing when the node was stopped. {why}"));
        parts.Intake.Add(new(parts.Settings.Source, Away(), GapCause.NodeDown, null, $"The node was not listening. {why}"));
    }

    /// <summary>From the last value that is safe to now. A clock that was set back meanwhile turns it round.</summary>
    private TimeRange Away()
    {
        var (since, now) = (mark.Through - UnderWay - parts.Options.Lag, parts.Clocks.Factory.GetUtcNow());
        return since <= now ? new(since, now) : new(now, since);
    }

    private async Task KnowAsync(OpcPoint point, string suffix, SignalNumber number, TimeRange range, CancellationToken cancel)
    {
        await foreach (var s in _history.RangeAsync(number, range, cancel).ConfigureAwait(false))
            point.Delivered!.Know(ToldOf(s, suffix));
    }

    private static Told ToldOf(in Sample sample, string suffix) => new(sample.SourceTicks, suffix.Length == 0 ? sample.Value.GetHashCode() : 0);

    private static TimeRange Instant(long ticks) => new(new(ticks, TimeSpan.Zero), new(ticks + 1, TimeSpan.Zero));

    /// <summary>The recorded signals of the points; arrays and structures have one per part.</summary>
    private List<(OpcPoint Point, string Suffix, SignalNumber Number, Signal Signal)> Recorded()
    {
        var byName = parts.Points.ToDictionary(p => p.Settings.Name, StringComparer.Ordinal);
        var own = new List<(OpcPoint, string, SignalNumber, Signal)>();
        foreach (var (number, signal) in signals.Of(parts.Settings.Machine))
        {
            var name = signal.Id.Name;
            // The longest name of a point that the name begins with; what follows is the part.
            for (var length = name.Length; length > 0; length = name.AsSpan(0, length).LastIndexOfAny('/', '['))
            {
                if (!byName.TryGetValue(name[..length], out var point)) continue;
                own.Add((point, name[length..], number, signal));
                break;
            }
        }
        return own;
    }
}
