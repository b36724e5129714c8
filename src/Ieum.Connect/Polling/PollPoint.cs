using System.Globalization;
using System.Text;
using Ieum.Model;

namespace Ieum.Connect.Polling;

/// <summary>One point, ready to be read: where it stands, how its bytes become the value of its signal, and back.</summary>
internal sealed class PollPoint : ICellRange
{
    private readonly Encoding _encoding;
    private readonly double _divisor;

    private PollPoint(PointSettings settings, RegisterPlace place, RegisterType type, int count, PollOptions options)
    {
        (Settings, Area, Start, Bit, Type, Count, _encoding) = (settings, place.Area, place.Start, place.Bit, type, count, options.Encoding);
        Order = options.OrderOf(type);
        Period = settings.Period > TimeSpan.Zero ? settings.Period : options.Period;
        // 123 × 0.1 is 12.3000…01, 123 ÷ 10 is 12.3: scales that are one over a whole number divide.
        var inverse = 1 / settings.Scale;
        _divisor = Math.Abs(settings.Scale) < 1 && Math.Abs(inverse - Math.Round(inverse)) < 1e-9 * Math.Abs(inverse) ? Math.Round(inverse) : 0;
        IsMeasurement = settings.Words.Values.All(w => w == Unavailable);
    }

    private const string Unavailable = "UNAVAILABLE";

    public PointSettings Settings { get; }
    public RegisterArea Area { get; }
    public int Start { get; }
    public int Count { get; }
    public int Bit { get; }
    public RegisterType Type { get; }
    public RegisterOrder Order { get; }
    public TimeSpan Period { get; }

    /// <summary>A value that words stand for is a state, unless the only word says that there is none.</summary>
    public bool IsMeasurement { get; }

    public ValueKind Kind =>
        !IsMeasurement || Type.Kind == RegisterKind.Text ? ValueKind.Text
        : Type.Kind == RegisterKind.Bool ? ValueKind.Boolean
        : Type.IsWhole && IsUnscaled ? ValueKind.Integer : ValueKind.Real;

    private bool IsUnscaled => Settings.Scale == 1 && Math.Floor(Settings.Offset) == Settings.Offset;

    public Signal SignalOf(MachineId machine) => new(new(machine, Settings.Name),
        Unit.TryFind(Settings.Unit, out var unit) ? unit : Unit.One, Kind, Settings.Role, Settings.Description);

    /// <summary>Makes ready all points of a connection.</summary>
    /// <exception cref="ConnectionSettingsException">An address or type cannot be used.</exception>
    public static List<PollPoint> Read(ConnectionSettings settings, IRegisterProtocol protocol, PollOptions options) =>
        [.. settings.Points.Select(p => TryRead(p, protocol, options, out var point, out var why) ? point! : throw new ConnectionSettingsException(
            ConnectRules.PointWrong, $"Connection '{settings.Source}' ({settings.Protocol}): point '{p.Name}' at '{p.Address}': {why}."))];

    public static bool TryRead(PointSettings p, IRegisterProtocol protocol, PollOptions options, out PollPoint? point, out string why)
    {
        point = null;
        if (!protocol.TryPlace(p.Address.Trim(), out var place, out why)) return false;
        RegisterType type;
        if (p.Type.Trim().Length > 0)
        {
            if (!RegisterType.TryParse(p.Type, out type)) return No($"type '{p.Type}' is not known; known: {RegisterType.Known}", out why);
        }
        else if (place.Type is { } told) type = told;
        else if (place.Bit >= 0 || place.Area.Cell == CellSize.Bit) type = new(RegisterKind.Bool, 0);
        else type = place.Area.Cell == CellSize.Byte ? new(RegisterKind.UInt8, 1) : new(RegisterKind.UInt16, 2);
        var isBool = type.Kind == RegisterKind.Bool;
        if (place.Bit >= 0 && !isBool) return No($"the address names a bit, so the type can only be bool, not {type}", out why);
        if (place.Area.Cell == CellSize.Bit && !isBool) return No($"the address is a single bit, so the type can only be bool, not {type}", out why);
        if (place.Area.Cell == CellSize.Word && type.Bytes == 1 && type.Kind != RegisterKind.Text) return No($"a register has two bytes; {type} is one. Use uint16 or int16", out why);
        var count = Math.Max(1, (type.Bytes + place.Area.CellBytes - 1) / place.Area.CellBytes);
        if (count > protocol.MostCells(place.Area, write: false)) return No($"{type} needs {count} registers; one read takes at most {protocol.MostCells(place.Area, false)}", out why);
        if ((isBool || type.Kind == RegisterKind.Text) && (p.Scale != 1 || p.Offset != 0)) return No($"a {type} cannot be scaled; leave scale at 1 and offset at 0", out why);
        point = new(p, place, type, count, options);
        return true;

        static bool No(string reason, out string why) { why = reason; return false; }
    }

    /// <summary>The value of the signal in its cells.</summary>
    /// <returns>False when the bytes are no value of the type: the sample is bad and has no value.</returns>
    public bool TryValue(ReadOnlySpan<byte> cells, out SampleValue value, out Quality quality)
    {
        (value, quality) = (SampleValue.None, Quality.Bad);
        if (!RegisterCodec.TryDecode(cells, Type, Order, Bit, _encoding, out var raw)) return false;
        quality = Quality.Good;
        if (Settings.Words.Count > 0 && (Settings.Words.TryGetValue(raw.ToString(), out var word)
            || (raw.Kind == ValueKind.Boolean && Settings.Words.TryGetValue(raw.Boolean ? "1" : "0", out word))))
        {
            if (word == Unavailable || (Settings.Role == SignalRole.Condition && ConditionReport.TryParse(word, out var report) && report.Level == ConditionLevel.Unavailable))
                quality = Quality.Unavailable;
            value = quality == Quality.Unavailable && IsMeasurement ? SampleValue.None : SampleValue.Of(word);
            return true;
        }
        value = Scaled(raw);
        if (value.Kind != ValueKind.Real || double.IsFinite(value.Number)) return true;
        quality = Quality.Bad;
        return true;
    }

    private SampleValue Scaled(in SampleValue raw)
    {
        if (raw.Kind is ValueKind.Text or ValueKind.Boolean || (Settings.Scale == 1 && Settings.Offset == 0)) return raw;
        if (raw.Kind == ValueKind.Integer && IsUnscaled && Math.Abs(Settings.Offset) < 1L << 53)
        {
            var sum = (Int128)raw.Bits + (long)Settings.Offset;
            if (sum >= long.MinValue && sum <= long.MaxValue) return SampleValue.Of((long)sum);
        }
        return SampleValue.Of((_divisor == 0 ? raw.Number * Settings.Scale : raw.Number / _divisor) + Settings.Offset);
    }

    /// <summary>Whether the change from what was passed on last is worth telling.</summary>
    public bool IsChange(in SampleValue last, in SampleValue now) =>
        last != now && !(Settings.Deadband > 0 && last.Kind is ValueKind.Real or ValueKind.Integer && now.Kind is ValueKind.Real or ValueKind.Integer
            && Math.Abs(now.Number - last.Number) < Settings.Deadband);

    /// <summary>The raw value that a value of the signal stands for; scaling and words taken back.</summary>
    public SampleValue RawOf(in SampleValue value)
    {
        var text = value.ToString();
        foreach (var (raw, word) in Settings.Words)
        {
            if (!string.Equals(word, text, StringComparison.Ordinal)) continue;
            if (Type.Kind == RegisterKind.Bool) return SampleValue.Of(raw is "true" or "1");
            if (Type.Kind == RegisterKind.Text) return SampleValue.Of(raw);
            return long.TryParse(raw, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? SampleValue.Of(whole)
                : double.TryParse(raw, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) ? SampleValue.Of(real) : SampleValue.None;
        }
        if (Type.Kind is RegisterKind.Text or RegisterKind.Bool) return value;
        if (value.Kind is ValueKind.Text or ValueKind.None) return SampleValue.None;
        if (value.Kind == ValueKind.Integer && Settings.Scale == 1 && Settings.Offset == 0) return value;
        var unscaled = _divisor == 0 ? (value.Number - Settings.Offset) / Settings.Scale : (value.Number - Settings.Offset) * _divisor;
        return SampleValue.Of(Type.IsWhole ? Math.Round(unscaled, MidpointRounding.AwayFromZero) : unscaled);
    }

    /// <summary>The cells of a value; false when it does not fit the type.</summary>
    public bool TryCells(in SampleValue value, Span<byte> cells) => RegisterCodec.TryEncode(RawOf(value), Type, Order, _encoding, cells);
}
