using System.Globalization;
using Ieum.Connect.OpcUa.Structures;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>Makes samples of the values of points: times, quality, scaling, words, parts; keeps the counts, the problems and the clock skew.</summary>
/// <remarks>The link's loop alone calls it. The way of a number from notification to batch allocates nothing.</remarks>
internal sealed class OpcIntake
{
    /// <summary>Parts of one array or structure that become signals.</summary>
    public const int MostParts = 256;

    private static readonly long Earliest = new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private readonly ConnectionSettings _settings;
    private readonly OpcUaOptions _options;
    private readonly ISignalDirectory _signals;
    private readonly SourceHealthTracker _health;
    private readonly SampleBatcher _batch;
    private readonly TimeProvider _factory;
    private readonly ILogger _log;
    private readonly SkewEstimator _skew;
    private readonly List<PointPart> _heartbeats = [];
    private readonly List<(OpcPoint Point, long From, long To)> _overflows = [];
    private long _receiveTicks, _newestTicks;
    private int _received;
    private bool _isUncertain;
    private TimeSpan _toldSkew;

    public OpcIntake(ConnectionSettings settings, OpcUaOptions options, ISignalDirectory signals, SourceHealthTracker health, SampleBatcher batch, TimeProvider factory, ILogger log)
    {
        (_settings, _options, _signals, _health, _batch, _factory, _log) = (settings, options, signals, health, batch, factory, log);
        _skew = new(factory);
        Begin();
    }

    /// <summary>When the server was last heard, by the factory clock.</summary>
    public DateTimeOffset LastHeard { get; private set; }

    /// <summary>Server clock minus node clock; zero until it can be told, and where the clock of the server is not used.</summary>
    public TimeSpan Skew => _options.Time == TimeChoice.Receive ? TimeSpan.Zero : _skew.Skew ?? _toldSkew;

    /// <summary>The server told its time; good enough until values show more.</summary>
    /// <param name="ticks">UTC ticks; 0 when it does not tell.</param>
    public void ServerTime(long ticks) => _toldSkew = ticks == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(ticks - _factory.GetUtcNow().UtcTicks);

    /// <summary>What is known of the server's own data types.</summary>
    public TypeBook Types { get; } = new();

    /// <summary>Encodings that came and are not known; the link looks them up and empties the set.</summary>
    public HashSet<NodeId> UnknownTypes { get; } = [];

    /// <summary>An answer of the server begins.</summary>
    public void Begin()
    {
        LastHeard = _factory.GetUtcNow();
        (_receiveTicks, _newestTicks, _received) = (LastHeard.UtcTicks, 0, 0);
    }

    /// <summary>The answer ends: counts are booked.</summary>
    /// <param name="publishTicks">When the server sent it, by its own clock; 0 when nothing can be told about its clock.</param>
    public void End(long publishTicks)
    {
        _health.Received(_received, _receiveTicks);
        if (publishTicks == 0 || _options.Time == TimeChoice.Receive) return;
        _skew.Observe(Math.Max(publishTicks, _newestTicks <= _receiveTicks + TimeSpan.TicksPerDay ? _newestTicks : 0), _receiveTicks);
        _health.Skew(_skew.Skew);
        _isUncertain = _skew.IsUncertain;
        if (_skew.IsTolerable) return;
        Tell(ConnectRules.ClockSkew, string.Create(CultureInfo.InvariantCulture,
            $"The clock of '{_settings.Endpoint}' is off by {_skew.Skew!.Value.TotalSeconds:0.0} s (tolerance {_skew.Tolerance.TotalSeconds:0.#} s). Set it by NTP; beyond {SkewEstimator.Limit.TotalMinutes:0} min samples are marked uncertain."));
    }

    /// <summary>Takes one value of a point.</summary>
    /// <param name="isHistory">It was read afterwards: late, and no news about the present.</param>
    public void Take(OpcPoint point, in DataValue value, bool isHistory = false)
    {
        var ticks = TicksOf(point, value);
        var quality = OpcValues.QualityOf(value);
        if (_isUncertain && quality == Quality.Good) quality = Quality.Uncertain;
        if (!isHistory && OpcValues.HasOverflowed(value.StatusCode)) _overflows.Add((point, point.NewestTicks == 0 ? ticks : point.NewestTicks, ticks));
        var told = point.Delivered is null && point.Recorded is null ? default : ToldOf(point, value);
        if (isHistory) point.Delivered?.History(told, point.NewestTicks);
        else
        {
            var isRecorded = point.AwaitsFirst && point.Recorded == told;
            point.Recorded = null;
            if (isRecorded || point.Delivered?.Live(told) == false)
            {
                point.AwaitsFirst = false;
                return;
            }
        }
        if (OpcValues.TryScalar(value.Value, out var raw)) Put(point, point.Whole, "", raw, ticks, quality, isHistory);
        else TakeParts(point, value, ticks, quality, isHistory);
        point.AwaitsFirst = point.AwaitsFirst && isHistory;
        if (ticks > point.NewestTicks) point.NewestTicks = ticks;
    }

    /// <summary>What tells a value of a point from its others.</summary>
    public Told ToldOf(OpcPoint point, in DataValue value) =>
        new(_options.Time == TimeChoice.Server && !value.ServerTimestamp.IsNone ? value.ServerTimestamp.UtcTicks : HistoryFill.TicksOf(value), OpcValues.TryScalar(value.Value, out var raw) ? ValueOf(point, raw).GetHashCode() : 0);

    /// <summary>The newest recorded sample of a part, from an earlier run of the node: what the server tells once more is no news.</summary>
    public void Remember(OpcPoint point, string suffix, ValueKind kind, in Sample last)
    {
        PointPart? part = point.Whole;
        if (suffix.Length > 0)
        {
            var parts = point.Parts ??= new(StringComparer.Ordinal);
            if (!parts.TryGetValue(suffix, out part)) part = parts[suffix] = new();
        }
        Register(point, part, suffix, kind);
        (part.Last, part.Sent) = (last, last.ReceiveTicks);
        if (last.SourceTicks > point.NewestTicks) point.NewestTicks = last.SourceTicks;
    }

    /// <summary>The overflows since the last call; the list is emptied.</summary>
    public IReadOnlyList<(OpcPoint Point, long From, long To)> TakeOverflows()
    {
        if (_overflows.Count == 0) return [];
        var taken = _overflows.ToArray();
        _overflows.Clear();
        return taken;
    }

    /// <summary>Sends every value once more that stood unchanged for the time of the option <c>heartbeat</c>. The server has confirmed meanwhile that nothing changed.</summary>
    public void Heartbeat()
    {
        if (_options.Heartbeat <= TimeSpan.Zero) return;
        var now = _factory.GetUtcNow().UtcTicks;
        var marked = 0;
        foreach (var part in _heartbeats)
        {
            if (now - part.Sent < _options.Heartbeat.Ticks) continue;
            part.Sent = now;
            _batch.Add(part.Last with { SourceTicks = Math.Max(now, part.Last.SourceTicks), ReceiveTicks = now });
            marked++;
        }
        _health.Marked(marked);
    }

    public void Tell(string rule, string message)
    {
        var count = _health.Problem(rule, message);
        if (SourceHealthTracker.IsWorthALine(count)) OpcUaLog.Problem(_log, _settings.Source, rule, count, message);
    }

    public void Add(Gap gap)
    {
        _batch.Add(gap);
        OpcUaLog.Gap(_log, _settings.Source, gap.Cause, gap.Range.From, gap.Range.To, gap.Detail);
    }

    /// <summary>Source time, else server time, else now. Times before 1990 are those of devices without a clock.</summary>
    private long TicksOf(OpcPoint point, in DataValue value)
    {
        if (_options.Time == TimeChoice.Receive) return _receiveTicks;
        var ticks = _options.Time == TimeChoice.Source ? value.SourceTimestamp.UtcTicks : 0;
        if (ticks < Earliest) ticks = value.ServerTimestamp.UtcTicks;
        if (ticks < Earliest) return _receiveTicks;
        if (ticks <= _receiveTicks + TimeSpan.TicksPerDay)
        {
            if (ticks > _newestTicks) _newestTicks = ticks;
            return ticks;
        }
        Tell(ConnectRules.TimeOutOfRange, $"Point '{point.Settings.Name}' ({point.Settings.Address}) carries the time {new DateTime(Math.Min(ticks, DateTime.MaxValue.Ticks), DateTimeKind.Utc).ToString("u", CultureInfo.InvariantCulture)}, more than a day ahead. The value is kept with the time of its arrival; set the clock of the server, or the option time=receive.");
        return _receiveTicks;
    }

    private void TakeParts(OpcPoint point, in DataValue value, long ticks, Quality quality, bool isHistory)
    {
        var found = new List<KeyValuePair<string, SampleValue>>();
        var variant = value.Value;
        string? error = null;
        if (variant.Type != BuiltInType.ExtensionObject) Spread(found, "", variant);
        else
        {
            var structures = variant.IsArray ? variant.Elements!.Cast<ExtensionObject>().ToArray() : [(ExtensionObject)variant.Value!];
            for (var i = 0; i < structures.Length && found.Count <= MostParts; i++)
            {
                if (!StructureReader.TryRead(structures[i], Types, out var members, out var wrong))
                {
                    error = wrong;
                    if (Types.TypeOf(structures[i].TypeId) is null) UnknownTypes.Add(structures[i].TypeId);
                    continue;
                }
                foreach (var member in members) Spread(found, $"{(variant.IsArray ? PlaceOf(null, i) : "")}/{member.Name.Replace('.', '/')}", member.Value);
            }
        }
        if (found.Count > MostParts)
            Tell(OpcUaRules.ValueTooLarge, $"Point '{point.Settings.Name}' ({point.Settings.Address}) has more than {MostParts} parts; the first are taken. Make points of the parts that are needed.");
        var parts = point.Parts ??= new(StringComparer.Ordinal);
        foreach (var (name, raw) in found.Take(MostParts))
            Put(point, parts.TryGetValue(name, out var part) ? part : parts[name] = new(), name, raw, ticks, quality, isHistory);
        if (found.Count > 0) return;
        if (error is not null && !isHistory)
            Tell(OpcUaRules.ValueUnreadable, $"Point '{point.Settings.Name}' ({point.Settings.Address}) is a structure that cannot be read: {error}. It is kept as bad without a value; make points of its fields if the server offers them.");
        Put(point, point.Whole, "", SampleValue.None, ticks, quality == Quality.Good && (error is not null || !variant.IsArray) ? Quality.Bad : quality, isHistory);
    }

    /// <summary>A scalar as it is, an array as its elements.</summary>
    private static void Spread(List<KeyValuePair<string, SampleValue>> found, string name, in Variant variant)
    {
        if (OpcValues.TryScalar(variant, out var one)) found.Add(new(name, one));
        else if (variant.Elements is { } elements)
            for (var i = 0; i < elements.Length && found.Count <= MostParts; i++)
                if (OpcValues.TryElement(elements.GetValue(i), out var raw)) found.Add(new(name + PlaceOf(variant.Dimensions, i), raw));
    }

    private void Put(OpcPoint point, PointPart part, string suffix, SampleValue raw, long ticks, Quality quality, bool isHistory)
    {
        var value = ValueOf(point, raw);
        if (value.Kind == ValueKind.Real && !double.IsFinite(value.Number) && quality != Quality.Bad)
        {
            quality = Quality.Bad;
            Tell(OpcUaRules.NotANumber, $"Point '{point.Settings.Name}{suffix}' ({point.Settings.Address}) is {value}. The value is kept and marked bad; check the sensor.");
        }
        else if (value.Kind == ValueKind.Text && value.Text == "UNAVAILABLE" && quality == Quality.Good) quality = Quality.Unavailable;
        var last = part.Last;
        // With heartbeats the last time that was passed on is later than the value's own. Whether the clock is in doubt shows only after some messages.
        if (point.AwaitsFirst && !isHistory && last.Value == value && (last.Quality == quality || (last.Quality <= Quality.Uncertain && quality <= Quality.Uncertain)) && (last.SourceTicks == ticks || (_options.Heartbeat > TimeSpan.Zero && ticks < last.SourceTicks))) return;
        if (point.OwnDeadband > 0 && quality == last.Quality && Math.Abs(raw.Number - part.Passed) < point.OwnDeadband) return;
        if (part.Kind != value.Kind && value.Kind != ValueKind.None) Register(point, part, suffix, value.Kind);
        if (part.Number.Value == 0) Register(point, part, suffix, ValueKind.None);
        var sample = new Sample(part.Number, ticks, _receiveTicks, value, quality);
        _batch.Add(sample);
        _received++;
        if (isHistory && ticks < last.SourceTicks) return;
        (part.Last, part.Sent, part.Passed) = (sample, _receiveTicks, raw.Number);
    }

    /// <summary>A raw value as the connection wants it: scaled, or as a word.</summary>
    public static SampleValue ValueOf(OpcPoint point, SampleValue raw)
    {
        var words = point.Settings.Words;
        if (point.Names is null && words.IsEmpty) return OpcValues.Scaled(raw, point.Settings);
        if (raw.Kind == ValueKind.None) return raw;
        if (!words.IsEmpty && words.TryGetValue(raw.ToString(), out var word)) return SampleValue.Of(word);
        if (point.Names is null || raw.Kind != ValueKind.Integer || !point.Names.TryGetValue(raw.Integer, out var name)) return OpcValues.Scaled(raw, point.Settings);
        return SampleValue.Of(words.TryGetValue(name, out var named) ? named : name);
    }

    /// <summary>A signal gets the kind of its first value; a number that is sometimes a text stays a number.</summary>
    private void Register(OpcPoint point, PointPart part, string suffix, ValueKind kind)
    {
        if (part.Number.Value > 0 && part.Kind != ValueKind.None && (kind == ValueKind.Text || (part.Kind == ValueKind.Real && kind == ValueKind.Integer))) return;
        if (part.Number.Value == 0) _heartbeats.Add(part);
        part.Kind = kind;
        var p = point.Settings;
        part.Number = _signals.Register(new(new(_settings.Machine, p.Name + suffix), kind is ValueKind.Real or ValueKind.Integer ? point.Unit : Unit.One, kind,
            suffix.Length == 0 ? p.Role : SignalRole.None, p.Description));
    }

    private static readonly string[] Places = [.. Enumerable.Range(0, MostParts).Select(i => $"[{i.ToString(CultureInfo.InvariantCulture)}]")];

    /// <summary><c>[3]</c>, or <c>[1,0]</c> in a matrix.</summary>
    private static string PlaceOf(int[]? dimensions, int index)
    {
        if (dimensions is null) return index < MostParts ? Places[index] : $"[{index.ToString(CultureInfo.InvariantCulture)}]";
        var place = new int[dimensions.Length];
        for (var d = dimensions.Length - 1; d >= 0; d--) (place[d], index) = (index % Math.Max(1, dimensions[d]), index / Math.Max(1, dimensions[d]));
        return $"[{string.Join(',', place)}]";
    }
}
