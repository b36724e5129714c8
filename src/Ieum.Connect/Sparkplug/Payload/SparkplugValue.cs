namespace Ieum.Connect.Sparkplug.Payload;

/// <summary>Which member of a value's <c>oneof</c> is on the wire. The first six follow each other in every message that has values.</summary>
internal enum WireValue : byte
{
    None = 0, Int = 1, Long = 2, Float = 3, Double = 4, Boolean = 5, Text = 6,
    Bytes, DataSet, Template, PropertySet, PropertySetList, Extension,
}

/// <summary>A value as it stands on the wire: what it means is said by the data type beside it.</summary>
/// <param name="Bits">Bits of a number or boolean: an int in the low 32, a float as its 32 IEEE bits, a double as its 64.</param>
/// <param name="Object">The text, bytes, data set, template or property set; null for numbers.</param>
internal readonly record struct SparkplugValue(WireValue Kind, ulong Bits, object? Object)
{
    public static SparkplugValue None => default;

    /// <summary>Signed values of 8, 16 and 32 bits travel as 32-bit two's complement, so −1 is 4294967295 (section 6.4.16, Int8 to Int32).</summary>
    public static SparkplugValue Of(int value) => new(WireValue.Int, unchecked((uint)value), null);
    public static SparkplugValue Of(uint value) => new(WireValue.Int, value, null);
    public static SparkplugValue Of(long value) => new(WireValue.Long, unchecked((ulong)value), null);
    public static SparkplugValue Of(ulong value) => new(WireValue.Long, value, null);
    public static SparkplugValue Of(float value) => new(WireValue.Float, BitConverter.SingleToUInt32Bits(value), null);
    public static SparkplugValue Of(double value) => new(WireValue.Double, BitConverter.DoubleToUInt64Bits(value), null);
    public static SparkplugValue Of(bool value) => new(WireValue.Boolean, value ? 1UL : 0, null);
    public static SparkplugValue Of(string value) => new(WireValue.Text, 0, value);
    public static SparkplugValue Of(byte[] value) => new(WireValue.Bytes, 0, value);
    public static SparkplugValue Of(DataSet value) => new(WireValue.DataSet, 0, value);
    public static SparkplugValue Of(Template value) => new(WireValue.Template, 0, value);
    public static SparkplugValue Of(PropertySet value) => new(WireValue.PropertySet, 0, value);
    public static SparkplugValue Of(IReadOnlyList<PropertySet> value) => new(WireValue.PropertySetList, 0, value);

    public float Float => BitConverter.UInt32BitsToSingle((uint)Bits);
    public double Double => BitConverter.UInt64BitsToDouble(Bits);
    public string? Text => Object as string;
}
