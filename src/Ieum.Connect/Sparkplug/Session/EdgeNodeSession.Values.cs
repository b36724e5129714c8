using System.Text;
using System.Text.Unicode;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Session;

internal sealed partial class EdgeNodeSession
{
    /// <summary>Longest metric name; the signal directory takes no control characters.</summary>
    private const int LongestName = 512;

    private void Birth(MetricScope scope, in PayloadView payload, long receiveTicks)
    {
        scope.BeginBirth();
        // The stale marks end only now; the outage ends with the birth that brings values again.
        EndOutage(scope, receiveTicks);
        scope.IsBorn = true;
        _effects.Link(scope, LinkState.Connected);
        var walk = payload.Metrics;
        while (walk.TryNext(out var bytes))
        {
            if (!MetricView.TryRead(bytes, out var m, out var reason)) { Unreadable(scope, reason!, receiveTicks); continue; }
            if (IsControl(scope, m.Name)) continue;
            if (SlotOf(scope, m, receiveTicks) is not { } slot) continue;
            slot.IsAnnounced = true;
            slot.DataType = m.DataType;
            if (m.HasAlias && !scope.TryAlias(m.Alias, slot))
                _effects.Tell(scope, SparkplugRules.AliasTwice, $"{Where(scope.Device)} gives alias {m.Alias} to a second metric, '{slot.Name}'; it is known by its name only. Give every metric its own alias.");
            _effects.Announce(scope, slot, m);
            // A definition describes instances; it has no value of its own.
            if (m.DataType == SparkplugDataType.Template && IsDefinition(m)) continue;
            Value(scope, slot, m, payload, receiveTicks, isBirth: true, byAlias: false);
        }
        Clock(scope, payload, receiveTicks);
    }

    private void Data(MetricScope scope, in PayloadView payload, long receiveTicks, TimeSpan wire)
    {
        if (!scope.IsBorn)
        {
            Unborn(MessageKind.DData, scope, payload, receiveTicks, wire);
            return;
        }
        EndQuietOutage(scope);
        var (strangers, first, byName) = (0L, 0UL, "");
        var fresh = false;
        var walk = payload.Metrics;
        while (walk.TryNext(out var bytes))
        {
            if (!MetricView.TryRead(bytes, out var m, out var reason)) { Unreadable(scope, reason!, receiveTicks); continue; }
            if (IsControl(scope, m.Name)) continue;
            MetricSlot? slot;
            if (m.HasAlias)
            {
                slot = scope.Find(m.Alias);
                if (slot is null)
                {
                    if (strangers++ == 0) first = m.Alias;
                    continue;
                }
                if (m.HasName && !m.Name.SequenceEqual(slot.NameUtf8))
                {
                    _effects.Reject(scope, SparkplugRules.AliasNameDiffers, 1,
                        $"{Where(scope.Device)}: alias {m.Alias} was announced as '{slot.Name}' but came with another name; the value was not filed and a rebirth was asked for.", receiveTicks);
                    WantRebirth("a name and an alias differ", wire);
                    continue;
                }
            }
            else
            {
                slot = Named(scope, m, out byName);
                if (slot is not { IsAnnounced: true })
                {
                    _effects.Reject(scope, m.HasName ? SparkplugRules.MetricUnknown : SparkplugRules.MetricUnnamed, 1,
                        $"{Where(scope.Device)}: {(m.HasName ? $"metric '{byName}'" : "a metric without name and alias")} was not announced in the birth; the value was not filed and a rebirth was asked for.", receiveTicks);
                    WantRebirth("a metric was not announced", wire);
                    continue;
                }
            }
            fresh |= !m.IsHistorical;
            Value(scope, slot, m, payload, receiveTicks, isBirth: false, byAlias: m.HasAlias && !m.HasName);
        }
        if (strangers > 0)
        {
            _effects.Reject(scope, SparkplugRules.AliasUnknown, strangers,
                $"Metric alias {first} from '{Where(scope.Device)}' was never announced in a birth message; {strangers} value{(strangers == 1 ? " was" : "s were")} not filed and a rebirth was asked for.", receiveTicks);
            WantRebirth($"alias {first} was not announced", wire);
        }
        if (fresh) Clock(scope, payload, receiveTicks);
    }

    private void Value(
        MetricScope scope, MetricSlot slot, in MetricView m, in PayloadView payload, long receiveTicks, bool isBirth, bool byAlias)
    {
        if (slot.Signal.Value == 0) return;   // nobody listens
        // A birth must name metrics that never had a value; that is an announcement, not an observation.
        if (isBirth && m.IsNull && !m.HasTimestamp && !slot.HasLast) return;
        var sourceTicks = receiveTicks;
        if ((m.HasTimestamp || payload.HasTimestamp)
            && !MetricValues.TryTicks(m.HasTimestamp ? m.Timestamp : payload.Timestamp, receiveTicks, out sourceTicks))
        {
            _effects.Reject(scope, ConnectRules.TimeOutOfRange, 1,
                $"{Where(scope.Device)}: '{slot.Name}' carries the time {(m.HasTimestamp ? m.Timestamp : payload.Timestamp)} ms since 1970, before 1990 or more than a day ahead. Set the clock of the edge node.", receiveTicks);
            return;
        }
        var type = m.DataType == SparkplugDataType.Unknown ? slot.DataType : m.DataType;
        if (!isBirth && type != slot.DataType)
        {
            _effects.Reject(scope, SparkplugRules.TypeDiffers, 1,
                $"{Where(scope.Device)}: '{slot.Name}' was announced as {slot.DataType} but came as {type}; the value was not filed. The edge node must send a new birth when a type changes.", receiveTicks);
            return;
        }
        var value = SampleValue.None;
        var quality = Quality.Good;
        if (m.IsNull) quality = Quality.Unavailable;
        else if (!MetricValues.TryRead(type, m, _limits.LongestText, out value, out var rule, out var reason))
        {
            _effects.Reject(scope, rule!, 1, $"{Where(scope.Device)}: '{slot.Name}': {reason}. Mend the edge node's encoder; the value was not filed.", receiveTicks);
            return;
        }
        else if (rule is not null)
        {
            quality = Quality.Uncertain;
            _effects.Tell(scope, rule, $"{Where(scope.Device)}: '{slot.Name}': {reason}.");
        }
        if (m.HasProperties) quality = Worse(quality, QualityOf(scope, slot, m.Properties));
        // Only an alias can have changed its meaning unseen; a name says what it is.
        if (byAlias && _aliasesInDoubt) quality = Worse(quality, Quality.Uncertain);

        // Without a time of its own a birth's value is as old as the value it repeats.
        if (isBirth && slot.HasLast && (slot.LastSourceTicks == sourceTicks || !m.HasTimestamp) && slot.LastValue == value && slot.LastQuality == quality)
        {
            // The same observation again: counted when it first came. Only the stale mark on it must end.
            if (!slot.IsMarkedStale) return;
            slot.IsMarkedStale = false;
            var at = Math.Max(receiveTicks, sourceTicks + 2);
            _effects.Deliver(scope, new(slot.Signal, at, receiveTicks, value, quality), SampleOrigin.Mark);
            return;
        }
        if (!m.IsHistorical && (!slot.HasLast || sourceTicks >= slot.LastSourceTicks))
        {
            (slot.HasLast, slot.LastSourceTicks, slot.LastValue, slot.LastQuality) = (true, sourceTicks, value, quality);
            slot.IsMarkedStale = false;
        }
        _effects.Deliver(scope, new(slot.Signal, sourceTicks, receiveTicks, value, quality), m.IsHistorical ? SampleOrigin.Historical : SampleOrigin.Live);
    }

    /// <summary>The property "Quality" (Sparkplug B 3.0, 6.4.8): 0 bad, 192 good, 500 stale.</summary>
    private Quality QualityOf(MetricScope scope, MetricSlot slot, ReadOnlySpan<byte> bytes)
    {
        if (!PayloadDecoder.TryProperties(bytes, 0, out var properties, out var reason))
        {
            _effects.Tell(scope, SparkplugRules.PropertyUnreadable, $"{Where(scope.Device)}: properties of '{slot.Name}': {reason}. The value was kept as uncertain.");
            return Quality.Uncertain;
        }
        if ((properties.Find("Quality") ?? properties.Find("quality")) is not { IsNull: not true } q || q.Value.Kind is not (WireValue.Int or WireValue.Long)) return Quality.Good;
        return q.Value.Bits switch { 192 => Quality.Good, 0 => Quality.Bad, 500 => Quality.Stale, _ => Quality.Uncertain };
    }

    private static Quality Worse(Quality a, Quality b) => a > b ? a : b;

    /// <summary>Names the session keeps for itself: they are no signals.</summary>
    private static bool IsControl(MetricScope scope, ReadOnlySpan<byte> name) =>
        scope.Device is null && (name.SequenceEqual("bdSeq"u8) || name.StartsWith("Node Control/"u8));

    private static bool IsDefinition(in MetricView m) =>
        PayloadDecoder.TryValue(m.Kind, 0, m.Content, 0, out var tree, out _) && tree.Object is Template { IsDefinition: true };

    /// <summary>The slot a birth metric belongs to; null when its name cannot be used.</summary>
    private MetricSlot? SlotOf(MetricScope scope, in MetricView m, long receiveTicks)
    {
        if (!m.HasName)
        {
            _effects.Reject(scope, SparkplugRules.MetricUnnamed, 1, $"A birth of {Where(scope.Device)} holds a metric without a name. Every metric of a birth needs one.", receiveTicks);
            return null;
        }
        if (Named(scope, m, out var name) is { } known) return known;
        if (name.Length == 0) return null;
        if (name.Length > LongestName || name.Any(char.IsControl) || string.IsNullOrWhiteSpace(name))
        {
            _effects.Reject(scope, SparkplugRules.NameWrong, 1, $"{Where(scope.Device)}: a metric name is blank, longer than {LongestName} characters or holds control characters. Rename it in the edge node.", receiveTicks);
            return null;
        }
        if (scope.Count >= _limits.MostMetrics)
        {
            _effects.Reject(scope, SparkplugRules.TooManyMetrics, 1, $"{Where(scope.Device)} announces more than {_limits.MostMetrics} metrics; '{name}' was left out. Split the node.", receiveTicks);
            return null;
        }
        return scope.Add(name, m.Name.ToArray());
    }

    /// <param name="name">The name as text, when there is no slot for it yet; empty when it cannot be read (told already).</param>
    private MetricSlot? Named(MetricScope scope, in MetricView m, out string name)
    {
        name = "";
        if (!m.HasName) return null;
        if (!Utf8.IsValid(m.Name))
        {
            _effects.Tell(scope, SparkplugRules.TextNotUtf8, $"{Where(scope.Device)}: a metric name is not valid UTF-8. Set the edge node to UTF-8.");
            return null;
        }
        Span<char> buffer = stackalloc char[LongestName];
        if (m.Name.Length <= LongestName && scope.Find(buffer[..Encoding.UTF8.GetChars(m.Name, buffer)]) is { } slot) return slot;
        name = Encoding.UTF8.GetString(m.Name);
        return scope.Find(name);
    }

    private void Unreadable(MetricScope scope, string reason, long receiveTicks) => _effects.Reject(scope, SparkplugRules.MetricUnreadable, 1,
        $"{Where(scope.Device)}: {reason}. The other metrics of the message were kept.", receiveTicks);

    private void Clock(MetricScope scope, in PayloadView payload, long receiveTicks)
    {
        if (payload.HasTimestamp && MetricValues.TryTicks(payload.Timestamp, receiveTicks, out var sent)) _effects.Clock(scope, sent, receiveTicks);
    }
}
