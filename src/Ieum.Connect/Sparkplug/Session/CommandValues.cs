using System.Globalization;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Session;

/// <summary>Values of the house as a command must carry them: in the data type that the birth announced (Sparkplug B 3.0, 6.4.16).</summary>
internal static class CommandValues
{
    /// <returns>False when the value does not fit the type; nothing is rounded and nothing is cut.</returns>
    public static bool TryWire(SparkplugDataType type, in SampleValue value, out SparkplugValue wire)
    {
        wire = default;
        switch (type)
        {
            case SparkplugDataType.Boolean when value.Kind == ValueKind.Boolean: wire = SparkplugValue.Of(value.Boolean); return true;
            case SparkplugDataType.Boolean when value.Kind is ValueKind.Integer or ValueKind.Real && value.Number is 0 or 1: wire = SparkplugValue.Of(value.Number == 1); return true;
            case SparkplugDataType.Double when value.Kind is ValueKind.Integer or ValueKind.Real: wire = SparkplugValue.Of(value.Number); return true;
            case SparkplugDataType.Float when value.Kind is ValueKind.Integer or ValueKind.Real && float.IsFinite((float)value.Number): wire = SparkplugValue.Of((float)value.Number); return true;
            case SparkplugDataType.String or SparkplugDataType.Text or SparkplugDataType.Uuid when value.Kind == ValueKind.Text: wire = SparkplugValue.Of(value.Text!); return true;
        }
        if (!TryWhole(value, out var whole)) return false;
        var (least, most) = type switch
        {
            SparkplugDataType.Int8 => (sbyte.MinValue, sbyte.MaxValue),
            SparkplugDataType.Int16 => (short.MinValue, short.MaxValue),
            SparkplugDataType.Int32 => (int.MinValue, int.MaxValue),
            SparkplugDataType.UInt8 => (byte.MinValue, byte.MaxValue),
            SparkplugDataType.UInt16 => (ushort.MinValue, ushort.MaxValue),
            SparkplugDataType.UInt32 => (uint.MinValue, uint.MaxValue),
            SparkplugDataType.Int64 => (long.MinValue, long.MaxValue),
            SparkplugDataType.UInt64 or SparkplugDataType.DateTime => (0L, long.MaxValue),
            _ => (1L, 0L),
        };
        if (whole < least || whole > most) return false;
        wire = type switch
        {
            SparkplugDataType.Int8 or SparkplugDataType.Int16 or SparkplugDataType.Int32 => SparkplugValue.Of((int)whole),
            SparkplugDataType.UInt8 or SparkplugDataType.UInt16 or SparkplugDataType.UInt32 => SparkplugValue.Of((uint)whole),
            _ => SparkplugValue.Of(whole),
        };
        return true;
    }

    private static bool TryWhole(in SampleValue value, out long whole)
    {
        whole = value.Kind == ValueKind.Integer ? value.Integer : 0;
        if (value.Kind != ValueKind.Real) return value.Kind == ValueKind.Integer;
        // Beyond 2^53 a real no longer tells which whole number was meant.
        if (!double.IsInteger(value.Number) || Math.Abs(value.Number) > 9_007_199_254_740_992) return false;
        whole = (long)value.Number;
        return true;
    }

    /// <summary>The command as the standard wants it: the alias where the birth gave one, else the name.</summary>
    /// <param name="byName">For edge nodes that know their metrics by name only.</param>
    public static byte[] Command(MetricSlot slot, in SparkplugValue value, bool byName, ulong now) => PayloadEncoder.Encode(new(now,
    [
        new()
        {
            Name = byName || slot.Alias is null ? slot.Name : null, Alias = slot.Alias, Timestamp = now,
            DataType = slot.DataType, Value = value,
        },
    ], null));

    /// <summary>Metrics that make a node or device do something; never written (chapter 5.10, and the guard's own rule).</summary>
    public static bool IsControl(string metric) =>
        metric.Split('/').Any(p => p.Trim().Replace(" ", "", StringComparison.Ordinal).ToLower(CultureInfo.InvariantCulture) is "nodecontrol" or "devicecontrol") || metric == "bdSeq";
}
