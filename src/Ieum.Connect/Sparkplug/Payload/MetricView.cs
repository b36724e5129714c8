using Ieum.Connect.Sparkplug.Wire;

namespace Ieum.Connect.Sparkplug.Payload;

/// <summary>One metric, read in place: no copy, no object. Texts are still UTF-8 bytes and not yet checked.</summary>
internal ref struct MetricView
{
    public ReadOnlySpan<byte> Name;
    public bool HasName;
    public ulong Alias;
    public bool HasAlias;
    /// <summary>Milliseconds since 1970.</summary>
    public ulong Timestamp;
    public bool HasTimestamp;
    /// <summary>Unknown when the message does not say, as data messages may.</summary>
    public SparkplugDataType DataType;
    public bool IsHistorical;
    public bool IsTransient;
    public bool IsNull;
    public WireValue Kind;
    /// <summary>Bits of a number, as in <see cref="SparkplugValue.Bits"/>.</summary>
    public ulong Bits;
    /// <summary>The bytes of a text, bytes, data-set or template value.</summary>
    public ReadOnlySpan<byte> Content;
    public ReadOnlySpan<byte> Properties;
    public bool HasProperties;
    public ReadOnlySpan<byte> MetaData;
    public bool HasMetaData;

    public static bool TryRead(ReadOnlySpan<byte> bytes, out MetricView metric, out string? reason)
    {
        metric = default;
        var r = new WireReader(bytes);
        while (r.TryField(out var field, out var type))
        {
            ulong number;
            switch (field, type)
            {
                case (1, WireType.Bytes): metric.HasName = r.TryBytes(out metric.Name); break;
                case (2, WireType.Varint): metric.HasAlias = r.TryVarint(out metric.Alias); break;
                case (3, WireType.Varint): metric.HasTimestamp = r.TryVarint(out metric.Timestamp); break;
                case (4, WireType.Varint): r.TryVarint(out number); metric.DataType = (SparkplugDataType)(uint)number; break;
                case (5, WireType.Varint): r.TryVarint(out number); metric.IsHistorical = number != 0; break;
                case (6, WireType.Varint): r.TryVarint(out number); metric.IsTransient = number != 0; break;
                case (7, WireType.Varint): r.TryVarint(out number); metric.IsNull = number != 0; break;
                case (8, WireType.Bytes): metric.HasMetaData = r.TryBytes(out metric.MetaData); break;
                case (9, WireType.Bytes): metric.HasProperties = r.TryBytes(out metric.Properties); break;
                case (>= 10 and <= 15, _): ReadScalar(ref r, field - 10, type, out metric.Kind, out metric.Bits, out metric.Content); break;
                case (>= 16 and <= 19, WireType.Bytes):
                    r.TryBytes(out metric.Content);
                    metric.Kind = field switch { 16 => WireValue.Bytes, 17 => WireValue.DataSet, 18 => WireValue.Template, _ => WireValue.Extension };
                    break;
                case ( <= 19, _): r.Fail($"metric field {field} has the wrong wire type"); break;
                default: r.TrySkip(type); break;
            }
        }
        reason = r.Failure;
        return !r.Failed;
    }

    /// <summary>Reads member <paramref name="index"/> (0 int … 5 text) of a value's oneof.</summary>
    internal static bool ReadScalar(
        scoped ref WireReader r, int index, WireType type, out WireValue kind, out ulong bits, out ReadOnlySpan<byte> content)
    {
        (kind, bits) = ((WireValue)(index + 1), 0);
        content = default;
        switch (kind, type)
        {
            case (WireValue.Int, WireType.Varint):
                // Writers in languages with 64-bit varints send −1 as ten bytes; the low 32 bits are the value.
                var ok = r.TryVarint(out bits);
                bits = (uint)bits;
                return ok;
            case (WireValue.Long, WireType.Varint): return r.TryVarint(out bits);
            case (WireValue.Float, WireType.Fixed32): var read = r.TryFixed32(out var single); bits = single; return read;
            case (WireValue.Double, WireType.Fixed64): return r.TryFixed64(out bits);
            case (WireValue.Boolean, WireType.Varint): var flag = r.TryVarint(out bits); bits = bits != 0 ? 1UL : 0; return flag;
            case (WireValue.Text, WireType.Bytes): return r.TryBytes(out content);
            default: return r.Fail($"a value of kind {kind} has the wrong wire type");
        }
    }
}
