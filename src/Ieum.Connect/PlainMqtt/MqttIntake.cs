using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.PlainMqtt;

/// <summary>Turns messages into samples: finds the points of a topic, reads the payload, counts, marks, tells.</summary>
/// <remarks>Used by the source's loop only. Memory is bounded by <see cref="MostSignals"/> and <see cref="MostTopics"/>.</remarks>
internal sealed class MqttIntake(
    ConnectionSettings settings, MqttOptions options, ISignalDirectory signals, SourceHealthTracker health, SampleBatcher batch, MqttRepeats repeats, TimeProvider factory, ILogger log)
{
    /// <summary>Signals of one connection; more are a wildcard that was drawn too wide.</summary>
    public const int MostSignals = 2000;

    /// <summary>Topics whose last payload is remembered, so that a retained message counts once.</summary>
    public const int MostTopics = 1000;

    private static readonly long Earliest = new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private static readonly string[] AwayWords = ["offline", "0", "false", "off", "lost", "disconnected", "down"];

    private readonly Dictionary<string, SignalNumber> _numbers = new(StringComparer.Ordinal);
    private readonly Dictionary<SignalNumber, Sample> _last = [];
    private readonly Dictionary<ulong, ulong> _heard = [];
    private readonly SkewEstimator _skew = new(factory);
    private readonly List<string> _taken = [];
    private (DateTimeOffset Since, GapCause Cause, string Detail)? _away;
    private long _placedAt;
    private bool _heardIsNew;

    /// <summary>When something was heard last, by the factory clock; the begin of the run before that.</summary>
    public DateTimeOffset LastHeard { get; private set; } = factory.GetUtcNow();

    /// <summary>Takes up what was remembered of retained messages; a place that cannot be read is none.</summary>
    public void Resume(string? place)
    {
        for (var at = 0; place is not null && at + 32 <= place.Length; at += 32)
            if (ulong.TryParse(place.AsSpan(at, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var topic)
                && ulong.TryParse(place.AsSpan(at + 16, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var payload)) _heard[topic] = payload;
    }

    public async ValueTask TakeAsync(FeedItem item, CancellationToken cancel)
    {
        var (topic, payload) = (item.Topic!, item.Payload);
        var now = factory.GetUtcNow();
        LastHeard = now;
        if (options.Status is { } status && TopicFilter.Matches(status, topic)) Status(topic, payload.Span, now);
        else if (_away is { Cause: not GapCause.Death }) Back(now);
        if (IsKnown(item)) return;
        foreach (var point in options.Points)
            if (TopicFilter.Matches(point.Address.Filter, topic, _taken)) await ValueAsync(point, item, now, cancel).ConfigureAwait(false);
        Place(now);
    }

    /// <summary>Nothing was heard for longer than allowed.</summary>
    public void Silent()
    {
        if (_away is not null) return;
        Tell(MqttRules.Silent, string.Create(CultureInfo.InvariantCulture,
            $"Nothing was heard since {LastHeard:u}, longer than the option silence allows ({options.Silence.TotalSeconds:0.#} s). Check the box, its power and its network."));
        Leave(LastHeard, GapCause.Disconnected, "silence", LinkState.Silent);
    }

    /// <summary>Hands over what the end of the run must not hide.</summary>
    public void Close()
    {
        if (_away is not null) Back(factory.GetUtcNow());
        _placedAt = 0;
        Place(factory.GetUtcNow());
    }

    public void Tell(string rule, string message, long times = 1)
    {
        var count = health.Problem(rule, message, times);
        if (SourceHealthTracker.IsWorthALine(count)) MqttLog.Problem(log, settings.Source, rule, count, message);
    }

    public void Add(Gap gap)
    {
        batch.Add(gap);
        MqttLog.Gap(log, settings.Source, gap.Cause, gap.Range.From, gap.Range.To, gap.Detail);
    }

    private async ValueTask ValueAsync(MqttPoint point, FeedItem item, DateTimeOffset now, CancellationToken cancel)
    {
        var topic = item.Topic!;
        var read = MqttPayload.Read(item.Payload, point, options.TimePath, options.DecimalComma);
        if (read.Rule == MqttRules.KeyMissing)
        {
            // A message that is about other points holds no value of this one: nothing was received, nothing is lost.
            Tell(read.Rule, $"{Where(point, topic)}: {read.Why} does not hold it. Check the path behind #.");
            return;
        }
        // A change below the deadband is not passed on by the user's own wish; it does not count as received.
        if (IsBelowDeadband(point, read) || IsAgain(point, read)) return;
        if (read.Rule is { } rule)
        {
            health.Received(1, now.UtcTicks);
            Reject(rule, $"{Where(point, topic)}: {read.Why}. It was refused; check what the box sends and the type, unit and words of the point.");
            return;
        }
        var known = NumberOf(point, point.NameFor(_taken), read);
        if (known is { } one && read.Time is { } told && IsUsable(told, now) && await repeats.IsTakenAsync(one, told, read.Value, item.IsRepeat, cancel).ConfigureAwait(false)) return;
        health.Received(1, now.UtcTicks);
        if (known is not { } number)
        {
            Reject(MqttRules.TooManySignals, $"{Where(point, topic)}: the connection has {MostSignals} signals already. Draw the wildcard narrower.");
            return;
        }
        var (ticks, quality) = Stamp(read, point, item, now);
        var sample = new Sample(number, ticks, now.UtcTicks, read.Value, quality);
        _last[number] = sample;
        batch.Add(sample);
    }

    private bool IsBelowDeadband(MqttPoint point, in PayloadReading read) =>
        point.Settings.Deadband > 0 && read is { Rule: null, Quality: Quality.Good, Value.Kind: ValueKind.Real or ValueKind.Integer }
        && _numbers.TryGetValue(point.NameFor(_taken), out var number) && _last.TryGetValue(number, out var before)
        && before is { Quality: Quality.Good, Value.Kind: ValueKind.Real or ValueKind.Integer } && Math.Abs(read.Value.Number - before.Value.Number) < point.Settings.Deadband;

    /// <summary>With QoS 1 a message may come twice (MQTT 5.0, 4.3.2): same time of its own and same value are the same one.</summary>
    private bool IsAgain(MqttPoint point, in PayloadReading read) =>
        read is { Rule: null, Time: { } ticks } && _numbers.TryGetValue(point.NameFor(_taken), out var number)
        && _last.TryGetValue(number, out var before) && before.Quality != Quality.Stale && before.SourceTicks == ticks && before.Value == read.Value;

    private static bool IsUsable(long ticks, DateTimeOffset now) => ticks >= Earliest && ticks <= now.UtcTicks + TimeSpan.TicksPerDay;

    private (long Ticks, Quality Quality) Stamp(in PayloadReading read, MqttPoint point, in FeedItem item, DateTimeOffset now)
    {
        if (read.Time is { } ticks && IsUsable(ticks, now))
        {
            if (!item.Retained && !item.IsRepeat) Skew(ticks, now.UtcTicks);
            return (ticks, read.Quality == Quality.Good && _skew.IsUncertain ? Quality.Uncertain : read.Quality);
        }
        if (!read.TimeIsWrong && read.Time is null) return (now.UtcTicks, read.Quality);
        Tell(MqttRules.TimeUnreadable, $"{Where(point, item.Topic!)}: the time {(read.TimeIsWrong ? read.Why : "lies before 1990 or more than a day ahead")} cannot be used. ISO 8601, or milliseconds since 1970; set the clock of the box.");
        return (now.UtcTicks, read.Quality == Quality.Good ? Quality.Uncertain : read.Quality);
    }

    private void Skew(long sent, long received)
    {
        _skew.Observe(sent, received);
        health.Skew(_skew.Skew);
        if (!_skew.IsTolerable)
            Tell(ConnectRules.ClockSkew, string.Create(CultureInfo.InvariantCulture, $"The clock behind '{settings.Endpoint}' is off by {_skew.Skew!.Value.TotalSeconds:0.0} s. Set it by NTP."));
    }

    private SignalNumber? NumberOf(MqttPoint point, string name, in PayloadReading read)
    {
        if (_numbers.TryGetValue(name, out var known)) return known;
        if (_numbers.Count >= MostSignals) return null;
        var number = signals.Register(point.SignalOf(settings.Machine, name, read.Value.Kind != ValueKind.None ? read.Value.Kind : point.Kind switch
        {
            PayloadKind.Bool => ValueKind.Boolean,
            PayloadKind.Text => ValueKind.Text,
            _ => ValueKind.Real,
        }));
        return _numbers[name] = number;
    }

    private void Status(string topic, ReadOnlySpan<byte> payload, DateTimeOffset now)
    {
        var word = Encoding.UTF8.GetString(payload[..Math.Min(payload.Length, 200)]).Trim().Trim('"').ToLowerInvariant();
        // {"online":false} and the like: the last word of a short JSON object.
        if (word.StartsWith('{')) word = word.TrimEnd('}', ' ')[(word.LastIndexOf(':') + 1)..].Trim(' ', '"');
        if (!AwayWords.Contains(word)) { if (_away is not null) Back(now); return; }
        if (_away is not null) return;
        Tell(MqttRules.Offline, $"'{topic}' says '{word}': the last values are marked stale until the sender is back.");
        Leave(now, GapCause.Death, $"{topic}: {word}", LinkState.Silent);
    }

    private void Leave(DateTimeOffset since, GapCause cause, string detail, LinkState link)
    {
        _away = (since, cause, detail);
        var now = factory.GetUtcNow().UtcTicks;
        foreach (var (number, last) in _last)
        {
            if (last.Quality is Quality.Stale or Quality.Unavailable) continue;
            var mark = last with { SourceTicks = Math.Max(now, last.SourceTicks), ReceiveTicks = now, Quality = Quality.Stale };
            _last[number] = mark;
            batch.Add(mark);
            health.Marked(1);
        }
        health.SetLink(link);
    }

    private void Back(DateTimeOffset now)
    {
        if (_away is not { } away) return;
        _away = null;
        health.SetLink(LinkState.Connected);
        Add(new(settings.Source, new(away.Since, now > away.Since ? now : away.Since), away.Cause, null, away.Detail));
    }

    /// <summary>A retained message that was heard before, live or retained, is the same one again; so is one that was taken and is sent again.</summary>
    private bool IsKnown(in FeedItem item)
    {
        var (name, content) = (HashOf(Encoding.UTF8.GetBytes(item.Topic!)), HashOf(item.Payload.Span));
        if (repeats.IsTaken(item, name, content)) return true;
        if (_heard.TryGetValue(name, out var before))
        {
            if (before == content) return item.Retained;
        }
        else if (_heard.Count >= MostTopics) return false;
        _heard[name] = content;
        _heardIsNew = true;
        return false;
    }

    private void Place(DateTimeOffset now)
    {
        if (!_heardIsNew || now.UtcTicks - _placedAt < 5 * TimeSpan.TicksPerSecond) return;
        (_heardIsNew, _placedAt) = (false, now.UtcTicks);
        var text = new StringBuilder(_heard.Count * 32);
        foreach (var (topic, payload) in _heard) text.Append(CultureInfo.InvariantCulture, $"{topic:x16}{payload:x16}");
        batch.Place = text.ToString();
    }

    private static ulong HashOf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }

    private void Reject(string rule, string message)
    {
        health.Rejected(1);
        Tell(rule, message);
    }

    private static string Where(MqttPoint point, string topic) => $"Topic '{topic}', point '{point.Settings.Name}'";
}
