using System.Globalization;
using Ieum.Model;

namespace Ieum.Connect.MtConnect;

/// <summary>The data items of the one device of a connection, as signals of the node; makes samples of observations.</summary>
internal sealed class MtSignals(ConnectionSettings settings, MtConnectOptions options, ISignalDirectory directory, Action<string, string> tell)
{
    /// <summary>A large cell has 3,000 data items; garbage has no end.</summary>
    public const int Most = 20_000;

    private static readonly long Earliest = new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;

    private readonly Dictionary<string, Entry> _byId = new(StringComparer.Ordinal);

    private readonly record struct Entry(SignalNumber Number, ValueKind Kind, string Name, bool IsVector, MtPresent Present);

    /// <summary>Samples are marked uncertain: the clock of the source is too far off.</summary>
    public bool IsUncertain { get; set; }

    public int Count => _byId.Count;

    /// <summary>Registers every data item of the device. Names are used where they are unique in the device, ids elsewhere.</summary>
    public void Load(MtDevice device)
    {
        var known = _byId.ToDictionary(StringComparer.Ordinal);
        _byId.Clear();
        foreach (var signal in SignalsOf(settings.Machine, device, options, tell)) Add(signal.Item, signal.Signal, known.TryGetValue(signal.Item.Id, out var entry) ? entry.Present : null);
    }

    /// <summary>Another run of the agent answers: it tells the present state once more.</summary>
    public void RunEnded()
    {
        foreach (var entry in _byId.Values) entry.Present.RunEnded();
    }

    /// <summary>The signals a device offers.</summary>
    public static IEnumerable<(MtDataItem Item, Signal Signal)> SignalsOf(MachineId machine, MtDevice device, MtConnectOptions options, Action<string, string> tell)
    {
        var names = device.Items.Where(i => i.Name is { Length: > 0 }).GroupBy(i => i.Name!, StringComparer.Ordinal)
            .Where(g => g.Count() == 1).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        foreach (var item in device.Items)
        {
            if (item.Id.Length == 0) continue;
            var name = item.Name is { Length: > 0 } n && names.Contains(n) ? n : item.Id;
            var known = MtUnits.TryFind(item.Units, out var unit);
            if (!known && !options.Units.ContainsKey(name))
                tell(MtConnectRules.UnitUnknown, $"'{name}' has the unit '{item.Units}'. Set the option unit.{name}=CODE if it has a common code.");
            if (item.Type == "PART_COUNT" && item.Units.Length == 0) unit = Unit.Piece;
            if (options.Units.TryGetValue(name, out var chosen)) unit = chosen;
            var role = options.Roles.TryGetValue(name, out var set) ? set : MtUnits.RoleOf(item);
            var text = item.SubType.Length > 0 ? $"{item.Type} {item.SubType} ({item.Component})" : $"{item.Type} ({item.Component})";
            yield return (item, new(new(machine, name), unit, MtUnits.KindOf(item), role, text));
        }
    }

    /// <summary>False when the sample cannot be used; the reason is told.</summary>
    /// <param name="repeated">The former run of the agent told the same: it was counted then.</param>
    /// <param name="holdsFrom">The value is older than the UNAVAILABLE it follows; it holds again from this tick on. 0 when in order.</param>
    public bool TrySample(in MtObservation o, long receiveTicks, out Sample sample, out bool repeated, out long holdsFrom)
    {
        (sample, repeated, holdsFrom) = (default, false, 0);
        if (!_byId.TryGetValue(o.DataItemId, out var entry) && !TryAdd(o, out entry)) return false;
        if (o.Ticks == 0)
        {
            tell(MtConnectRules.TimeUnreadable, $"'{entry.Name}', sequence {o.Sequence}: its time stamp is not ISO 8601. The value was left out.");
            return false;
        }
        if (o.Ticks < Earliest || o.Ticks > receiveTicks + TimeSpan.TicksPerDay)
        {
            tell(ConnectRules.TimeOutOfRange, $"'{entry.Name}', sequence {o.Sequence}: {new DateTime(o.Ticks, DateTimeKind.Utc).ToString("o", CultureInfo.InvariantCulture)} lies before 1990 or more than a day ahead. Set the clock of the source.");
            return false;
        }
        var quality = o.IsUnavailable ? Quality.Unavailable : IsUncertain ? Quality.Uncertain : Quality.Good;
        sample = new(entry.Number, o.Ticks, receiveTicks, ValueOf(o, entry, ref quality), quality);
        repeated = entry.Present.IsRepeated(o);
        if (entry.Present.HoldsAgainFrom(o) is { } again) holdsFrom = Math.Max(again, receiveTicks);
        entry.Present.Remember(o);
        return true;
    }

    private SampleValue ValueOf(in MtObservation o, in Entry entry, ref Quality quality)
    {
        var isNumeric = entry.Kind is ValueKind.Real or ValueKind.Integer;
        if (o.IsUnavailable && isNumeric) return SampleValue.None;
        if (o.Text is not { } text)
        {
            if (double.IsFinite(o.Number)) return SampleValue.Of(o.Number);
            quality = Quality.Bad;
            tell(MtConnectRules.NotANumber, $"'{entry.Name}', sequence {o.Sequence}, is {o.Number.ToString(CultureInfo.InvariantCulture)}. The value is kept and marked bad; check the sensor.");
            return SampleValue.Of(o.Number);
        }
        if (!isNumeric) return SampleValue.Of(text);
        if (entry.Kind == ValueKind.Integer && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)) return SampleValue.Of(whole);
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number)) return SampleValue.Of(number);
        if (o.Category == MtCategory.Event || entry.IsVector) return SampleValue.Of(text);
        quality = Quality.Bad;
        if (text is "NaN" or "INF" or "-INF" or "Infinity" or "-Infinity")
        {
            tell(MtConnectRules.NotANumber, $"'{entry.Name}', sequence {o.Sequence}, is {text}. The value is kept and marked bad; check the sensor.");
            return SampleValue.Of(text[0] == 'N' ? double.NaN : text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity);
        }
        tell(MtConnectRules.ValueWrong, $"'{entry.Name}', sequence {o.Sequence}, is '{(text.Length > 60 ? text[..60] : text)}', not a number. The text is kept and marked bad.");
        return SampleValue.Of(text);
    }

    /// <summary>A data item that the probe did not name: the device may have changed while we were reading.</summary>
    private bool TryAdd(in MtObservation o, out Entry entry)
    {
        entry = default;
        if (o.DataItemId.Length is 0 or > 256 || _byId.Count >= Most)
        {
            tell(MtConnectRules.TooManyDataItems, $"The data item '{(o.DataItemId.Length > 60 ? o.DataItemId[..60] : o.DataItemId)}' was refused: at most {Most} data items of at most 256 characters are taken.");
            return false;
        }
        var item = new MtDataItem(o.DataItemId, null, o.Category, MtUnits.TypeOfElement(o.Type), "", "", o.Text is not null && o.Category == MtCategory.Sample ? "TIME_SERIES" : "", "");
        var role = options.Roles.TryGetValue(item.Id, out var set) ? set : MtUnits.RoleOf(item);
        var unit = options.Units.TryGetValue(item.Id, out var chosen) ? chosen : Unit.One;
        tell(MtConnectRules.DataItemUnannounced, $"The data item '{o.DataItemId}' ({o.Type}) is not in the device description. It is read by its element name, without a unit.");
        entry = Add(item, new(new(settings.Machine, o.DataItemId), unit, MtUnits.KindOf(item), role, o.Type));
        return true;
    }

    private Entry Add(MtDataItem item, Signal signal, MtPresent? known = null) =>
        _byId[item.Id] = new(directory.Register(signal), signal.Kind, signal.Id.Name, item.Units.EndsWith("_3D", StringComparison.Ordinal), known ?? new());
}
