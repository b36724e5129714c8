using System.Globalization;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>OPC UA values and qualities as the house's, and back. Pure; no allocation for numbers.</summary>
internal static class OpcValues
{
    /// <summary>Longest text kept of a byte string: more is a file, not a signal.</summary>
    private const int MostBytes = 4096;

    /// <summary>The source says it has no value now, rather than a wrong one (Part 8, table of data access status codes).</summary>
    private static bool IsAbsent(uint code) => code is
        0x80310000 or   // BadNoCommunication
        0x808A0000 or   // BadNotConnected
        0x80320000 or   // BadWaitingForInitialData
        0x808D0000 or   // BadOutOfService
        0x809B0000 or   // BadNoData
        0x809E0000 or   // BadDataUnavailable
        0x800C0000;     // BadShutdown

    public static Quality QualityOf(StatusCode status) =>
        status.IsGood ? Quality.Good : status.IsUncertain ? Quality.Uncertain : IsAbsent(status.Bare.Value) ? Quality.Unavailable : Quality.Bad;

    /// <summary>As <see cref="QualityOf(StatusCode)"/>, and uncertain where a whole number loses digits (a UInt64 from 2⁶³ on that no double holds).</summary>
    public static Quality QualityOf(in DataValue value)
    {
        var (quality, v) = (QualityOf(value.StatusCode), value.Value);
        if (quality != Quality.Good || v.Type != BuiltInType.UInt64 || v.IsArray || v.Whole >= 0) return quality;
        return v.Number >= 18_446_744_073_709_551_616.0 || (ulong)v.Number != (ulong)v.Whole ? Quality.Uncertain : quality;
    }

    /// <summary>Values were dropped before this one (Part 4, 7.39: info type "data value" with the overflow bit).</summary>
    public static bool HasOverflowed(StatusCode status) => (status.Value & 0x480) == 0x480;

    /// <summary>A scalar as a value of the house; false for arrays and structures.</summary>
    public static bool TryScalar(in Variant v, out SampleValue value)
    {
        value = SampleValue.None;
        if (v.IsArray) return false;
        switch (v.Type)
        {
            case BuiltInType.Null: return true;
            case BuiltInType.Boolean: value = SampleValue.Of(v.Boolean); return true;
            case BuiltInType.UInt64 when v.Whole < 0: value = SampleValue.Of(v.Number); return true;   // beyond 2⁶³−1: as a real, rather than negative
            case >= BuiltInType.SByte and <= BuiltInType.UInt64: value = SampleValue.Of(v.Whole); return true;
            case BuiltInType.Float or BuiltInType.Double: value = SampleValue.Of(v.Number); return true;
            case BuiltInType.ExtensionObject or BuiltInType.DataValue or BuiltInType.Variant or BuiltInType.DiagnosticInfo: return false;
            default: value = TextOf(v.Value) is { } text ? SampleValue.Of(text) : SampleValue.None; return true;
        }
    }

    /// <summary>An element of an array or structure, by its CLR type.</summary>
    public static bool TryElement(object? element, out SampleValue value)
    {
        switch (element)
        {
            case null: value = SampleValue.None; return true;
            case bool b: value = SampleValue.Of(b); return true;
            case double d: value = SampleValue.Of(d); return true;
            case float f: value = SampleValue.Of((double)f); return true;
            case ulong u: value = u <= long.MaxValue ? SampleValue.Of((long)u) : SampleValue.Of((double)u); return true;
            case sbyte or byte or short or ushort or int or uint or long or Enum: value = SampleValue.Of(Convert.ToInt64(element, CultureInfo.InvariantCulture)); return true;
            case Variant v: return TryScalar(v, out value);
            default:
                var text = TextOf(element);
                value = text is null ? SampleValue.None : SampleValue.Of(text);
                return text is not null;
        }
    }

    /// <summary>Raw × scale + offset; a whole number stays whole when both leave it so.</summary>
    public static SampleValue Scaled(SampleValue raw, PointSettings point)
    {
        if ((point.Scale == 1 && point.Offset == 0) || raw.Kind is ValueKind.None or ValueKind.Text) return raw;
        return SampleValue.Of(raw.Number * point.Scale + point.Offset);
    }

    private static string? TextOf(object? value) => value switch
    {
        string s => s,
        LocalizedText l => l.Text,
        QualifiedName q => q.Name,
        OpcTime t => t.IsNone ? null : t.ToInstant().ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture),
        Guid g => g.ToString("D", CultureInfo.InvariantCulture),
        byte[] b => Convert.ToHexString(b.AsSpan(0, Math.Min(b.Length, MostBytes))),
        NodeId or ExpandedNodeId or StatusCode => value.ToString(),
        XmlElement x => x.Text,
        _ => null,
    };

    /// <summary>Turns a value of the house into what a node of a data type takes (Part 4, 5.11.4: types must match exactly).</summary>
    /// <param name="type">The built-in type of the present value or of the data type; Null: unknown, the nearest type is taken.</param>
    /// <param name="why">What is wrong with the value; null when it fits.</param>
    public static Variant Encoded(SampleValue value, BuiltInType type, out string? why)
    {
        why = null;
        var number = value.Number;
        switch (type)
        {
            case BuiltInType.Boolean when value.Kind != ValueKind.Text: return Variant.Of(number != 0);
            case BuiltInType.Float when value.Kind != ValueKind.Text: return Variant.Of((float)number);
            case BuiltInType.Double when value.Kind != ValueKind.Text: return Variant.Of(number);
            case BuiltInType.String: return Variant.Of(value.ToString());
            case BuiltInType.LocalizedText: return Variant.Of(new LocalizedText(value.ToString()));
            case BuiltInType.Null:
                return value.Kind switch
                {
                    ValueKind.Real => Variant.Of(number),
                    ValueKind.Integer => Variant.Of(value.Integer),
                    ValueKind.Boolean => Variant.Of(value.Boolean),
                    _ => Variant.Of(value.ToString()),
                };
            case >= BuiltInType.SByte and <= BuiltInType.UInt64 when value.Kind != ValueKind.Text:
                if (!double.IsFinite(number) || number != Math.Truncate(number))
                {
                    why = $"{value} is no whole number, and the node takes {type}";
                    return default;
                }
                return Whole(value.Kind == ValueKind.Integer ? value.Integer : (decimal)Math.Clamp(number, -1e19, 2e19), type, out why);
            default:
                why = $"the node takes {type}, the value is {value.Kind}";
                return default;
        }
    }

    private static Variant Whole(decimal n, BuiltInType type, out string? why)
    {
        var (least, most) = type switch
        {
            BuiltInType.SByte => (sbyte.MinValue, sbyte.MaxValue),
            BuiltInType.Byte => (byte.MinValue, (decimal)byte.MaxValue),
            BuiltInType.Int16 => (short.MinValue, short.MaxValue),
            BuiltInType.UInt16 => (ushort.MinValue, ushort.MaxValue),
            BuiltInType.Int32 => (int.MinValue, int.MaxValue),
            BuiltInType.UInt32 => (uint.MinValue, uint.MaxValue),
            BuiltInType.Int64 => (long.MinValue, long.MaxValue),
            _ => ((decimal)ulong.MinValue, (decimal)ulong.MaxValue),
        };
        why = n < least || n > most ? string.Create(CultureInfo.InvariantCulture, $"{n} lies outside {least} to {most}, the range of {type}") : null;
        if (why is not null) return default;
        return type switch
        {
            BuiltInType.SByte => Variant.Of((sbyte)n),
            BuiltInType.Byte => Variant.Of((byte)n),
            BuiltInType.Int16 => Variant.Of((short)n),
            BuiltInType.UInt16 => Variant.Of((ushort)n),
            BuiltInType.Int32 => Variant.Of((int)n),
            BuiltInType.UInt32 => Variant.Of((uint)n),
            BuiltInType.Int64 => Variant.Of((long)n),
            _ => Variant.Of((ulong)n),
        };
    }
}
