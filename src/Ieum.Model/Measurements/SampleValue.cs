using System.Globalization;

namespace Ieum.Model;

/// <summary>What a value is.</summary>
public enum ValueKind : byte
{
    /// <summary>No value: the machine said it has none.</summary>
    None = 0,
    /// <summary>IEEE 754 double, kept to the bit (also -0.0, NaN payloads, infinities).</summary>
    Real = 1,
    /// <summary>64-bit signed integer.</summary>
    Integer = 2,
    Boolean = 3,
    Text = 4,
}

/// <summary>One value: a double, an integer, a boolean, a text, or none. Sixteen bytes, no boxing.</summary>
public readonly struct SampleValue : IEquatable<SampleValue>
{
    private readonly long _bits;
    private readonly object? _tag;   // a Kind marker, or the text itself

    private static readonly object RealTag = ValueKind.Real, IntegerTag = ValueKind.Integer, BooleanTag = ValueKind.Boolean;

    private SampleValue(long bits, object? tag) => (_bits, _tag) = (bits, tag);

    public static SampleValue None => default;
    public static SampleValue Of(double value) => new(BitConverter.DoubleToInt64Bits(value), RealTag);
    public static SampleValue Of(long value) => new(value, IntegerTag);
    public static SampleValue Of(bool value) => new(value ? 1 : 0, BooleanTag);
    public static SampleValue Of(string value) => new(0, value ?? throw new ArgumentNullException(nameof(value)));

    public ValueKind Kind => _tag switch
    {
        null => ValueKind.None,
        string => ValueKind.Text,
        var t when ReferenceEquals(t, RealTag) => ValueKind.Real,
        var t when ReferenceEquals(t, IntegerTag) => ValueKind.Integer,
        _ => ValueKind.Boolean,
    };

    /// <summary>The raw 64 bits of a real, integer or boolean; 0 for text and none.</summary>
    public long Bits => _bits;
    public string? Text => _tag as string;
    public bool Boolean => Kind == ValueKind.Boolean && _bits != 0;
    public long Integer => Kind == ValueKind.Integer ? _bits : throw NotA(ValueKind.Integer);

    /// <summary>The value as a number: reals and integers as they are, booleans as 0 and 1; NaN for text and none.</summary>
    public double Number => Kind switch
    {
        ValueKind.Real => BitConverter.Int64BitsToDouble(_bits),
        ValueKind.Integer or ValueKind.Boolean => _bits,
        _ => double.NaN,
    };

    /// <summary>The value as a figure to compare and to add up: a finite real or an integer; null for everything else, a boolean included.</summary>
    public double? Figure => Kind is ValueKind.Real or ValueKind.Integer && double.IsFinite(Number) ? Number : null;

    /// <summary>Rebuilds a value from its kind, bits and text, as stored.</summary>
    public static SampleValue FromBits(ValueKind kind, long bits, string? text = null) => kind switch
    {
        ValueKind.Real => new(bits, RealTag),
        ValueKind.Integer => new(bits, IntegerTag),
        ValueKind.Boolean => new(bits, BooleanTag),
        ValueKind.Text => Of(text ?? ""),
        _ => None,
    };

    /// <summary>Equal kind and equal bits or text; so NaN equals the same NaN and 0.0 differs from -0.0.</summary>
    public bool Equals(SampleValue other) => Kind == other.Kind && _bits == other._bits && Text == other.Text;
    public override bool Equals(object? obj) => obj is SampleValue v && Equals(v);
    public override int GetHashCode() => HashCode.Combine(Kind, _bits, Text);
    public static bool operator ==(SampleValue a, SampleValue b) => a.Equals(b);
    public static bool operator !=(SampleValue a, SampleValue b) => !a.Equals(b);

    /// <summary>Invariant text: numbers round-trip, booleans are <c>true</c> and <c>false</c>, none is empty.</summary>
    public override string ToString() => Kind switch
    {
        ValueKind.Real => Number.ToString("R", CultureInfo.InvariantCulture),
        ValueKind.Integer => _bits.ToString(CultureInfo.InvariantCulture),
        ValueKind.Boolean => _bits != 0 ? "true" : "false",
        _ => Text ?? "",
    };

    private InvalidOperationException NotA(ValueKind wanted) => new($"The value is of kind {Kind}, not {wanted}.");
}
