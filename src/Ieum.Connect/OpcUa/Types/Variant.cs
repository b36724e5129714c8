using System.Runtime.CompilerServices;

namespace Ieum.Connect.OpcUa;

/// <summary>Numbers of the built-in types (OPC 10000-6, table 1).</summary>
internal enum BuiltInType : byte
{
    Null = 0, Boolean = 1, SByte = 2, Byte = 3, Int16 = 4, UInt16 = 5, Int32 = 6, UInt32 = 7, Int64 = 8, UInt64 = 9, Float = 10, Double = 11,
    String = 12, DateTime = 13, Guid = 14, ByteString = 15, XmlElement = 16, NodeId = 17, ExpandedNodeId = 18, StatusCode = 19,
    QualifiedName = 20, LocalizedText = 21, ExtensionObject = 22, DataValue = 23, Variant = 24, DiagnosticInfo = 25,
}

/// <summary>A value of any built-in type, or an array or matrix of one. Numbers, times and status codes are held without boxing.</summary>
internal readonly struct Variant : IEquatable<Variant>
{
    private readonly long _bits;
    private readonly object? _object;   // what does not fit into 64 bits; arrays
    private readonly BuiltInType _type;
    private readonly bool _isArray;

    private Variant(BuiltInType type, long bits) => (_type, _bits) = (type, bits);
    private Variant(BuiltInType type, object? value) => (_type, _object) = (value is null ? BuiltInType.Null : type, value);

    private Variant(BuiltInType type, Array array, int[]? dimensions)
    {
        (_type, _isArray) = (type, true);
        _object = dimensions is null ? array : new Matrix(array, dimensions);
    }

    private sealed record Matrix(Array Elements, int[] Dimensions);

    public BuiltInType Type => _type;
    public bool IsNull => _type == BuiltInType.Null;
    public bool IsArray => _isArray;

    /// <summary>Lengths of a matrix, outermost first; null for scalars and plain arrays.</summary>
    public int[]? Dimensions => (_object as Matrix)?.Dimensions;

    /// <summary>The elements of an array or matrix in row-major order, of the type's own CLR type; null for scalars.</summary>
    public Array? Elements => _isArray ? _object is Matrix m ? m.Elements : (Array?)_object : null;

    public static Variant Of(bool v) => new(BuiltInType.Boolean, v ? 1L : 0L);
    public static Variant Of(sbyte v) => new(BuiltInType.SByte, (long)v);
    public static Variant Of(byte v) => new(BuiltInType.Byte, (long)v);
    public static Variant Of(short v) => new(BuiltInType.Int16, (long)v);
    public static Variant Of(ushort v) => new(BuiltInType.UInt16, (long)v);
    public static Variant Of(int v) => new(BuiltInType.Int32, (long)v);
    public static Variant Of(uint v) => new(BuiltInType.UInt32, (long)v);
    public static Variant Of(long v) => new(BuiltInType.Int64, v);
    public static Variant Of(ulong v) => new(BuiltInType.UInt64, (long)v);
    public static Variant Of(float v) => new(BuiltInType.Float, (long)BitConverter.SingleToUInt32Bits(v));
    public static Variant Of(double v) => new(BuiltInType.Double, BitConverter.DoubleToInt64Bits(v));
    public static Variant Of(string? v) => new(BuiltInType.String, v);
    public static Variant Of(OpcTime v) => new(BuiltInType.DateTime, v.Value);
    public static Variant Of(Guid v) => new(BuiltInType.Guid, v);
    public static Variant Of(byte[]? byteString) => new(BuiltInType.ByteString, byteString);
    public static Variant Of(XmlElement v) => new(BuiltInType.XmlElement, v);
    public static Variant Of(NodeId v) => new(BuiltInType.NodeId, v);
    public static Variant Of(ExpandedNodeId v) => new(BuiltInType.ExpandedNodeId, v);
    public static Variant Of(StatusCode v) => new(BuiltInType.StatusCode, (long)v.Value);
    public static Variant Of(QualifiedName v) => new(BuiltInType.QualifiedName, v);
    public static Variant Of(LocalizedText v) => new(BuiltInType.LocalizedText, v);
    public static Variant Of(ExtensionObject v) => new(BuiltInType.ExtensionObject, v);
    public static Variant Of(IEncodable structure) => Of(ExtensionObject.Of(structure));
    public static Variant Of(DataValue v) => new(BuiltInType.DataValue, v);

    /// <summary>An array of a built-in type; the element type of <paramref name="elements"/> tells which, except that <c>byte[]</c> is an array of Byte here.</summary>
    /// <exception cref="ArgumentException">The element type is no built-in type, or the dimensions do not multiply to the length.</exception>
    public static Variant OfArray(Array elements, params int[] dimensions)
    {
        var type = TypeOf(elements.GetType().GetElementType()!) ?? throw new ArgumentException($"{elements.GetType().Name} is no array of an OPC UA built-in type.", nameof(elements));
        if (dimensions.Length > 0 && dimensions.Aggregate(1L, (a, b) => a * b) != elements.Length) throw new ArgumentException("The dimensions do not multiply to the number of elements.", nameof(dimensions));
        return new(type, elements, dimensions.Length > 1 ? dimensions : null);
    }

    /// <summary>As <see cref="OfArray"/> without checks, for the decoder.</summary>
    internal static Variant Raw(BuiltInType type, Array elements, int[]? dimensions) => new(type, elements, dimensions);

    internal long Bits => _bits;
    internal object? Object => _object;

    /// <summary>The value as its CLR type: bool, sbyte … double, string, OpcTime, Guid, byte[], NodeId …, arrays as <see cref="Elements"/>; null when there is none. Boxes numbers.</summary>
    public object? Value => _isArray ? Elements : _type switch
    {
        BuiltInType.Null => null,
        BuiltInType.Boolean => _bits != 0,
        BuiltInType.SByte => (sbyte)_bits,
        BuiltInType.Byte => (byte)_bits,
        BuiltInType.Int16 => (short)_bits,
        BuiltInType.UInt16 => (ushort)_bits,
        BuiltInType.Int32 => (int)_bits,
        BuiltInType.UInt32 => (uint)_bits,
        BuiltInType.Int64 => _bits,
        BuiltInType.UInt64 => (ulong)_bits,
        BuiltInType.Float => Single,
        BuiltInType.Double => Double,
        BuiltInType.DateTime => new OpcTime(_bits),
        BuiltInType.StatusCode => new StatusCode((uint)_bits),
        _ => _object,
    };

    public bool IsNumber => !_isArray && _type is >= BuiltInType.SByte and <= BuiltInType.Double;
    public bool IsWhole => !_isArray && _type is >= BuiltInType.SByte and <= BuiltInType.UInt64;
    public bool Boolean => _bits != 0;
    public string? Text => _isArray ? null : _object as string;
    private float Single => BitConverter.UInt32BitsToSingle((uint)_bits);
    private double Double => BitConverter.Int64BitsToDouble(_bits);

    /// <summary>Any number or boolean as a double, without boxing; NaN for everything else.</summary>
    public double Number => _isArray ? double.NaN : _type switch
    {
        BuiltInType.Float => Single,
        BuiltInType.Double => Double,
        BuiltInType.UInt64 => (ulong)_bits,
        >= BuiltInType.Boolean and <= BuiltInType.Int64 => _bits,
        _ => double.NaN,
    };

    /// <summary>A whole number, time, boolean or status code as 64 bits; 0 for everything else. A UInt64 above 2^63 is negative.</summary>
    public long Whole => _isArray || _type is BuiltInType.Float or BuiltInType.Double ? 0 : _bits;

    /// <summary>Bit by bit: a NaN equals the same NaN, arrays element by element.</summary>
    public bool Equals(Variant other)
    {
        if (_type != other._type || _bits != other._bits || _isArray != other._isArray) return false;
        if (!_isArray) return _type == BuiltInType.ByteString ? ((byte[])_object!).AsSpan().SequenceEqual((byte[])other._object!) : Equals(_object, other._object);
        if (!(Dimensions ?? []).AsSpan().SequenceEqual(other.Dimensions ?? [])) return false;
        var (a, b) = (Elements!, other.Elements!);
        if (a.Length != b.Length) return false;
        for (var i = 0; i < a.Length; i++)
        {
            var (x, y) = (a.GetValue(i), b.GetValue(i));
            if (x is byte[] p && y is byte[] q ? !p.AsSpan().SequenceEqual(q) : !Equals(x, y)) return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => obj is Variant v && Equals(v);
    public override int GetHashCode() => HashCode.Combine(_type, _bits, _isArray ? Elements!.Length : _object is byte[] b ? b.Length : _object is null ? 0 : _object.GetHashCode());
    public static bool operator ==(Variant a, Variant b) => a.Equals(b);
    public static bool operator !=(Variant a, Variant b) => !a.Equals(b);
    public override string ToString() => Convert.ToString(Value, System.Globalization.CultureInfo.InvariantCulture) ?? "";

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static BuiltInType? TypeOf(Type element) =>
        element == typeof(bool) ? BuiltInType.Boolean : element == typeof(sbyte) ? BuiltInType.SByte : element == typeof(byte) ? BuiltInType.Byte
        : element == typeof(short) ? BuiltInType.Int16 : element == typeof(ushort) ? BuiltInType.UInt16 : element == typeof(int) ? BuiltInType.Int32
        : element == typeof(uint) ? BuiltInType.UInt32 : element == typeof(long) ? BuiltInType.Int64 : element == typeof(ulong) ? BuiltInType.UInt64
        : element == typeof(float) ? BuiltInType.Float : element == typeof(double) ? BuiltInType.Double : element == typeof(string) ? BuiltInType.String
        : element == typeof(OpcTime) ? BuiltInType.DateTime : element == typeof(Guid) ? BuiltInType.Guid : element == typeof(byte[]) ? BuiltInType.ByteString
        : element == typeof(XmlElement) ? BuiltInType.XmlElement : element == typeof(NodeId) ? BuiltInType.NodeId
        : element == typeof(ExpandedNodeId) ? BuiltInType.ExpandedNodeId : element == typeof(StatusCode) ? BuiltInType.StatusCode
        : element == typeof(QualifiedName) ? BuiltInType.QualifiedName : element == typeof(LocalizedText) ? BuiltInType.LocalizedText
        : element == typeof(ExtensionObject) ? BuiltInType.ExtensionObject : element == typeof(DataValue) ? BuiltInType.DataValue
        : element == typeof(Variant) ? BuiltInType.Variant : element == typeof(DiagnosticInfo) ? BuiltInType.DiagnosticInfo : null;
}
