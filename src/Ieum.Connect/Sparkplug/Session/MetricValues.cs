using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Session;

/// <summary>From a metric on the wire to a sample's value.</summary>
/// <remarks>
/// Integers, DateTime (milliseconds since 1970) → integer; Float, Double → real, to the bit; Boolean → boolean;
/// String, Text, UUID → text; Bytes, File → text in base 64; arrays, DataSet and Template → text in JSON, so that one
/// metric is always one sample and the counts stay exact.
/// </remarks>
internal static class MetricValues
{
    private const long MillisecondsOfTicks = TimeSpan.TicksPerMillisecond;
    // 1990-01-01 and 9999-12-31 in milliseconds since 1970.
    private static readonly long Oldest = new DateTimeOffset(1990, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    /// <summary>Ticks of a wire time; false before 1990 or more than a day ahead of <paramref name="nowTicks"/>.</summary>
    public static bool TryTicks(ulong milliseconds, long nowTicks, out long ticks)
    {
        ticks = 0;
        if (milliseconds > (ulong)((nowTicks + TimeSpan.TicksPerDay - DateTimeOffset.UnixEpoch.UtcTicks) / MillisecondsOfTicks)) return false;
        ticks = DateTimeOffset.UnixEpoch.UtcTicks + (long)milliseconds * MillisecondsOfTicks;
        return ticks >= Oldest;
    }

    public static ValueKind KindOf(SparkplugDataType type) => type switch
    {
        SparkplugDataType.Float or SparkplugDataType.Double => ValueKind.Real,
        SparkplugDataType.Boolean => ValueKind.Boolean,
        (>= SparkplugDataType.Int8 and <= SparkplugDataType.UInt64) or SparkplugDataType.DateTime => ValueKind.Integer,
        _ => ValueKind.Text,
    };

    public static bool IsKnown(SparkplugDataType type) =>
        type is (>= SparkplugDataType.Int8 and <= SparkplugDataType.Template) or (>= SparkplugDataType.Int8Array and <= SparkplugDataType.DateTimeArray);

    /// <param name="rule">The broken rule when false; <see cref="SparkplugRules.NumberRounded"/> when true and the number lost its last digits.</param>
    public static bool TryRead(SparkplugDataType type, in MetricView m, int longestText, out SampleValue value, out string? rule, out string? reason)
    {
        (value, rule, reason) = (SampleValue.None, null, null);
        switch (type)
        {
            case SparkplugDataType.Double when m.Kind == WireValue.Double:
                value = SampleValue.FromBits(ValueKind.Real, (long)m.Bits);
                return true;
            case SparkplugDataType.Float when m.Kind == WireValue.Float:
                value = SampleValue.Of(BitConverter.UInt32BitsToSingle((uint)m.Bits));
                return true;
            case SparkplugDataType.Boolean when m.Kind == WireValue.Boolean:
                value = SampleValue.Of(m.Bits != 0);
                return true;
            case SparkplugDataType.Int8 or SparkplugDataType.Int16 or SparkplugDataType.Int32 when m.Kind == WireValue.Int:
                var signed = unchecked((int)(uint)m.Bits);
                // Some writers send −1 of an Int8 as 255 instead of 4294967295; both mean −1.
                if (type == SparkplugDataType.Int8 && m.Bits is >= 0x80 and <= 0xFF) signed = (sbyte)m.Bits;
                if (type == SparkplugDataType.Int16 && m.Bits is >= 0x8000 and <= 0xFFFF) signed = (short)m.Bits;
                value = SampleValue.Of((long)signed);
                return Fits(type, signed, out rule, out reason);
            case (>= SparkplugDataType.Int8 and <= SparkplugDataType.Int64) when m.Kind == WireValue.Long:
                value = SampleValue.Of((long)m.Bits);
                return Fits(type, (long)m.Bits, out rule, out reason);
            case SparkplugDataType.Int64 when m.Kind == WireValue.Int:
                value = SampleValue.Of((long)m.Bits);
                return true;
            case SparkplugDataType.UInt64 when m.Kind == WireValue.Long && m.Bits > long.MaxValue:
                value = SampleValue.Of((double)m.Bits);
                if ((double)m.Bits < 18446744073709551616.0 && (ulong)(double)m.Bits == m.Bits) return true;
                (rule, reason) = (SparkplugRules.NumberRounded, $"{m.Bits} was rounded to a double");
                return true;
            case (>= SparkplugDataType.UInt8 and <= SparkplugDataType.UInt64) or SparkplugDataType.DateTime
                when m.Kind is WireValue.Int or WireValue.Long && m.Bits <= long.MaxValue:
                value = SampleValue.Of((long)m.Bits);
                return Fits(type, (long)m.Bits, out rule, out reason);
            case SparkplugDataType.String or SparkplugDataType.Text or SparkplugDataType.Uuid when m.Kind == WireValue.Text:
                return TryText(m.Content, longestText, out value, out rule, out reason);
            case SparkplugDataType.Bytes or SparkplugDataType.File when m.Kind == WireValue.Bytes:
                if (m.Content.Length > longestText / 4 * 3) return TooLong(m.Content.Length, longestText / 4 * 3, "bytes", out rule, out reason);
                value = SampleValue.Of(Convert.ToBase64String(m.Content));
                return true;
            case (>= SparkplugDataType.Int8Array and <= SparkplugDataType.DateTimeArray) when m.Kind == WireValue.Bytes:
            case SparkplugDataType.DataSet when m.Kind == WireValue.DataSet:
            case SparkplugDataType.Template when m.Kind == WireValue.Template:
                return TryStructure(type, m, longestText, out value, out rule, out reason);
        }
        if (!IsKnown(type)) (rule, reason) = (SparkplugRules.TypeUnknown, $"data type {(uint)type} is not defined");
        else if (m.Kind == WireValue.None) (rule, reason) = (SparkplugRules.ValueMissing, "it has no value and is not null");
        else (rule, reason) = (SparkplugRules.ValueWrong, $"a value of kind {m.Kind} cannot be a {type}");
        return false;
    }

    private static bool Fits(SparkplugDataType type, long n, out string? rule, out string? reason)
    {
        var (min, max) = type switch
        {
            SparkplugDataType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            SparkplugDataType.Int16 => (short.MinValue, short.MaxValue),
            SparkplugDataType.Int32 => (int.MinValue, int.MaxValue),
            SparkplugDataType.UInt8 => (0L, byte.MaxValue),
            SparkplugDataType.UInt16 => (0, ushort.MaxValue),
            SparkplugDataType.UInt32 => (0, uint.MaxValue),
            _ => (long.MinValue, long.MaxValue),
        };
        var ok = n >= min && n <= max;
        (rule, reason) = ok ? (null, null) : (SparkplugRules.ValueWrong, $"{n} lies outside {type} ({min} to {max})");
        return ok;
    }

    private static bool TryText(ReadOnlySpan<byte> utf8, int longest, out SampleValue value, out string? rule, out string? reason)
    {
        (value, rule, reason) = (SampleValue.None, null, null);
        if (utf8.Length > longest) return TooLong(utf8.Length, longest, "bytes", out rule, out reason);
        if (!Utf8.IsValid(utf8))
        {
            (rule, reason) = (SparkplugRules.TextNotUtf8, "its text is not valid UTF-8");
            return false;
        }
        value = SampleValue.Of(Encoding.UTF8.GetString(utf8));
        return true;
    }

    private static bool TryStructure(SparkplugDataType type, in MetricView m, int longest, out SampleValue value, out string? rule, out string? reason)
    {
        (value, rule) = (SampleValue.None, SparkplugRules.ValueWrong);
        if (m.Content.Length > longest) return TooLong(m.Content.Length, longest, "bytes", out rule, out reason);
        string json;
        if (m.Kind == WireValue.Bytes)
        {
            if (!SparkplugArrays.TryUnpack(type, m.Content, out var elements, out reason)) return false;
            json = JsonSerializer.Serialize(elements, Plain);
        }
        else
        {
            if (!PayloadDecoder.TryValue(m.Kind, 0, m.Content, 0, out var tree, out reason)) return false;
            json = SparkplugJson.Write(tree, type);
        }
        if (json.Length > longest) return TooLong(json.Length, longest, "characters", out rule, out reason);
        (value, rule) = (SampleValue.Of(json), null);
        return true;
    }

    /// <summary>Korean and Japanese stay readable; infinities and NaN, which JSON lacks, become texts.</summary>
    internal static JsonSerializerOptions Plain { get; } = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private static bool TooLong(int length, int longest, string of, out string? rule, out string? reason)
    {
        (rule, reason) = (SparkplugRules.ValueTooLong, $"it has {length} {of}, the limit is {longest}");
        return false;
    }
}
