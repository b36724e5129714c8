using Ieum.Connect.Sparkplug.Payload;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Edge;

/// <summary>Samples of the house as Sparkplug says them, and command values back.</summary>
internal static class EdgeValues
{
    public static SparkplugDataType TypeOf(ValueKind kind) => kind switch
    {
        ValueKind.Real => SparkplugDataType.Double,
        ValueKind.Integer => SparkplugDataType.Int64,
        ValueKind.Boolean => SparkplugDataType.Boolean,
        _ => SparkplugDataType.String,
    };

    /// <summary>A type that takes the value too: whole numbers go into reals, everything into texts.</summary>
    public static SparkplugDataType Widened(SparkplugDataType type, in SampleValue value) => (type, value.Kind) switch
    {
        (_, ValueKind.None) => type,
        (SparkplugDataType.Int64, ValueKind.Real) => SparkplugDataType.Double,
        _ => TryValue(type, value, out _) ? type : SparkplugDataType.String,
    };

    public static bool TryValue(SparkplugDataType type, in SampleValue value, out SparkplugValue wire)
    {
        SparkplugValue? found = (type, value.Kind) switch
        {
            (_, ValueKind.None) => SparkplugValue.None,
            (SparkplugDataType.Double, ValueKind.Real or ValueKind.Integer) => SparkplugValue.Of(value.Number),
            (SparkplugDataType.Int64, ValueKind.Integer) => SparkplugValue.Of(value.Integer),
            (SparkplugDataType.Boolean, ValueKind.Boolean) => SparkplugValue.Of(value.Boolean),
            (SparkplugDataType.String, _) => SparkplugValue.Of(value.ToString()),
            _ => null,
        };
        wire = found ?? default;
        return found is not null;
    }

    /// <summary>The property Quality of Sparkplug B 3.0, 6.4.8, which knows good, bad and stale; what is uncertain is told as stale. Null when good.</summary>
    public static PropertySet? QualityOf(Quality quality)
    {
        int? code = quality switch { Quality.Good => null, Quality.Stale or Quality.Uncertain => 500, _ => 0 };
        return code is { } c ? new([new("Quality", new(SparkplugDataType.Int32, SparkplugValue.Of(c)))]) : null;
    }

    public static ulong Milliseconds(long ticks) => (ulong)Math.Max(0, (ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond);

    /// <summary>A command's value for a metric of the given type; null when it is none.</summary>
    public static SampleValue? ToHouse(in SparkplugValue wire, SparkplugDataType type) => wire.Kind switch
    {
        WireValue.Boolean => SampleValue.Of(wire.Bits != 0),
        WireValue.Text => SampleValue.Of(wire.Text!),
        WireValue.Double => SampleValue.Of(wire.Double),
        WireValue.Float => SampleValue.Of((double)wire.Float),
        // Whole numbers of 32 bits are two's complement, whatever their name (section 6.4.16).
        WireValue.Int when type == SparkplugDataType.Double => SampleValue.Of((double)(int)(uint)wire.Bits),
        WireValue.Int => SampleValue.Of((long)(int)(uint)wire.Bits),
        WireValue.Long when type == SparkplugDataType.Double => SampleValue.Of((double)(long)wire.Bits),
        WireValue.Long => SampleValue.Of((long)wire.Bits),
        _ => null,
    };
}
