using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Ieum.Connect.OpcUa;

internal delegate T ReadOne<out T>(ref OpcReader r);

/// <summary>
/// Reads the OPC UA binary encoding (OPC 10000-6, 5.2). Never throws on foreign bytes: the first thing that cannot be sets
/// <see cref="Error"/>, and from then on every read gives the default. Lengths are checked before anything is allocated.
/// </summary>
internal ref struct OpcReader(ReadOnlySpan<byte> bytes)
{
    /// <summary>Nested variants, extension objects and diagnostic infos (OPC 10000-6, 5.1.5 asks for a limit).</summary>
    private const int MostDepth = 100;

    /// <summary>Array elements in one message: a null value has one byte on the wire and 56 in memory.</summary>
    private const int MostElements = 2_000_000;

    private ReadOnlySpan<byte> _left = bytes;
    private int _depth;
    private int _elements;

    /// <summary>What was wrong; null while all is well.</summary>
    public string? Error { get; private set; }
    public readonly bool Failed => Error is not null;
    public readonly int Remaining => _left.Length;

    /// <summary>A structure from bytes that hold it and nothing else but, at most, newer fields behind it.</summary>
    public static bool TryRead<T>(ReadOnlySpan<byte> bytes, out T? value, out string? error) where T : class, IEncodable<T>
    {
        var r = new OpcReader(bytes);
        value = T.Decode(ref r);
        error = r.Error;
        if (error is not null) value = null;
        return error is null;
    }

    public void Fail(string why)
    {
        Error ??= why;
        _left = default;
    }

    public bool ReadBoolean() => ReadByte() != 0;
    public sbyte ReadSByte() => (sbyte)ReadByte();
    public byte ReadByte() => Take(1, out var b) ? b[0] : (byte)0;
    public short ReadInt16() => Take(2, out var b) ? BinaryPrimitives.ReadInt16LittleEndian(b) : (short)0;
    public ushort ReadUInt16() => Take(2, out var b) ? BinaryPrimitives.ReadUInt16LittleEndian(b) : (ushort)0;
    public int ReadInt32() => Take(4, out var b) ? BinaryPrimitives.ReadInt32LittleEndian(b) : 0;
    public uint ReadUInt32() => Take(4, out var b) ? BinaryPrimitives.ReadUInt32LittleEndian(b) : 0;
    public long ReadInt64() => Take(8, out var b) ? BinaryPrimitives.ReadInt64LittleEndian(b) : 0;
    public ulong ReadUInt64() => Take(8, out var b) ? BinaryPrimitives.ReadUInt64LittleEndian(b) : 0;
    public float ReadFloat() => BitConverter.UInt32BitsToSingle(ReadUInt32());
    public double ReadDouble() => BitConverter.Int64BitsToDouble(ReadInt64());
    public OpcTime ReadDateTime() => new(ReadInt64());
    public Guid ReadGuid() => Take(16, out var b) ? new Guid(b) : default;
    public StatusCode ReadStatusCode() => new(ReadUInt32());
    public XmlElement ReadXmlElement() => new(ReadString());

    /// <summary>Bytes that are not UTF-8 become U+FFFD: a wrong letter in a text must not cost the message.</summary>
    public string? ReadString()
    {
        var length = ReadInt32();
        return length < 0 || !Take(length, out var b) ? null : Encoding.UTF8.GetString(b);
    }

    public byte[]? ReadByteString()
    {
        var length = ReadInt32();
        return length < 0 || !Take(length, out var b) ? null : b.ToArray();
    }

    public NodeId ReadNodeId()
    {
        var form = ReadByte();
        if ((form & 0xC0) == 0) return ReadNodeId(form);
        Fail($"A node id cannot have the form 0x{form:X2}.");
        return default;
    }

    public ExpandedNodeId ReadExpandedNodeId()
    {
        var form = ReadByte();
        var node = ReadNodeId((byte)(form & 0x3F));
        return new(node, (form & 0x80) != 0 ? ReadString() : null, (form & 0x40) != 0 ? ReadUInt32() : 0);
    }

    public QualifiedName ReadQualifiedName() => new(ReadUInt16(), ReadString());

    public LocalizedText ReadLocalizedText()
    {
        var mask = ReadByte();
        return new((mask & 1) != 0 ? ReadString() : null, (mask & 2) != 0 ? ReadString() : null);
    }

    public ExtensionObject ReadExtensionObject()
    {
        if (!Deeper()) return default;
        var type = ReadNodeId();
        ExtensionObject value;
        switch (ReadByte())
        {
            case 0: value = new(type, null); break;
            case 1: value = ReadBody(type); break;
            case 2: value = new(type, null, default, ReadXmlElement()); break;
            default:
                Fail("An extension object has an encoding that is neither bytes nor XML.");
                value = default;
                break;
        }
        _depth--;
        return value;
    }

    public DataValue ReadDataValue()
    {
        var mask = ReadByte();
        var value = (mask & 1) != 0 ? ReadVariant() : default;
        var status = (mask & 2) != 0 ? ReadStatusCode() : default;
        var source = (mask & 4) != 0 ? ReadDateTime() : default;
        var sourcePico = (mask & 0x10) != 0 ? ReadUInt16() : (ushort)0;
        var server = (mask & 8) != 0 ? ReadDateTime() : default;
        var serverPico = (mask & 0x20) != 0 ? ReadUInt16() : (ushort)0;
        return new(value, status, source, server, sourcePico, serverPico);
    }

    public DiagnosticInfo? ReadDiagnosticInfo()
    {
        var mask = ReadByte();
        if (mask == 0 || !Deeper()) return null;
        var info = new DiagnosticInfo
        {
            SymbolicId = (mask & 1) != 0 ? ReadInt32() : null,
            NamespaceUri = (mask & 2) != 0 ? ReadInt32() : null,
            Locale = (mask & 8) != 0 ? ReadInt32() : null,
            LocalizedText = (mask & 4) != 0 ? ReadInt32() : null,
            AdditionalInfo = (mask & 0x10) != 0 ? ReadString() : null,
            InnerStatusCode = (mask & 0x20) != 0 ? ReadStatusCode() : null,
            InnerDiagnosticInfo = (mask & 0x40) != 0 ? ReadDiagnosticInfo() : null,
        };
        _depth--;
        return info;
    }

    public Variant ReadVariant()
    {
        var mask = ReadByte();
        var type = (BuiltInType)(mask & 0x3F);
        // Numbers 26 to 31 are reserved and read as byte strings (OPC 10000-6, 5.2.2.16).
        if (type is > BuiltInType.DiagnosticInfo and <= (BuiltInType)31) type = BuiltInType.ByteString;
        if (type > BuiltInType.DiagnosticInfo) Fail($"A variant cannot hold the type {(byte)type}.");
        if (!Deeper()) return default;
        var value = (mask & 0x80) == 0 ? ReadScalar(type) : ReadMatrix(type, (mask & 0x40) != 0);
        _depth--;
        return Failed ? default : value;
    }

    public T[] ReadStructures<T>() where T : IEncodable<T>
    {
        var count = ReadCount(null);
        if (count == 0) return [];
        var items = new T[count];
        for (var i = 0; i < items.Length && !Failed; i++) items[i] = T.Decode(ref this);
        return Failed ? [] : items;
    }

    /// <param name="told">Elements to come; null: their number stands in front of them.</param>
    public T[] ReadArray<T>(ReadOne<T> one, int? told = null)
    {
        var count = ReadCount(told);
        if (count == 0) return [];
        var items = new T[count];
        for (var i = 0; i < items.Length && !Failed; i++) items[i] = one(ref this);
        return Failed ? [] : items;
    }

    /// <summary>Numbers as they lie on the wire.</summary>
    public T[] ReadNumbers<T>(int? told = null) where T : unmanaged
    {
        var size = Unsafe.SizeOf<T>();
        var length = told ?? ReadInt32();
        if (length <= 0 || Failed) return [];
        return length <= _left.Length / size && Take(length * size, out var b) ? MemoryMarshal.Cast<byte, T>(b).ToArray() : TooLong<T>(length);
    }

    /// <summary>The next bytes as they are.</summary>
    public ReadOnlySpan<byte> ReadRaw(int count) => Take(count, out var b) ? b : default;

    private T[] TooLong<T>(int length)
    {
        Fail($"An array of {length} elements is longer than its message.");
        return [];
    }

    private int ReadCount(int? told)
    {
        var count = told ?? ReadInt32();
        if (count <= 0 || Failed) return 0;
        if (count > _left.Length) Fail($"An array of {count} elements is longer than its message.");
        else if ((_elements += count) > MostElements) Fail($"A message with more than {MostElements} array elements is not taken.");
        return Failed ? 0 : count;
    }

    private ExtensionObject ReadBody(NodeId type)
    {
        var length = ReadInt32();
        if (length < 0) return new(type, null);
        if (!Take(length, out var body)) return default;
        if (type.Namespace == 0 && type.Kind == NodeIdKind.Numeric)
        {
            var inner = new OpcReader(body) { _depth = _depth, _elements = _elements };
            if (OpcTypes.Decode(type.Number, ref inner) is { } known)
            {
                _elements = inner._elements;
                // A body that contradicts its type is kept as bytes: the rest of the message is well.
                if (!inner.Failed) return new(type, known);
            }
        }
        return new(type, null, body.ToArray());
    }

    private NodeId ReadNodeId(byte form)
    {
        switch (form)
        {
            case 0: return new(ReadByte());
            case 1: return new(ReadByte(), ReadUInt16());
            case 2: return new(ReadUInt16(), ReadUInt32());
            case 3: return new(ReadUInt16(), ReadString() ?? "");
            case 4: return new(ReadUInt16(), ReadGuid());
            case 5: return new(ReadUInt16(), ReadByteString() ?? []);
            default:
                Fail($"A node id cannot have the form {form}.");
                return default;
        }
    }

    private Variant ReadScalar(BuiltInType type)
    {
        switch (type)
        {
            case BuiltInType.Null: return default;
            case BuiltInType.Boolean: return Variant.Of(ReadBoolean());
            case BuiltInType.SByte: return Variant.Of(ReadSByte());
            case BuiltInType.Byte: return Variant.Of(ReadByte());
            case BuiltInType.Int16: return Variant.Of(ReadInt16());
            case BuiltInType.UInt16: return Variant.Of(ReadUInt16());
            case BuiltInType.Int32: return Variant.Of(ReadInt32());
            case BuiltInType.UInt32: return Variant.Of(ReadUInt32());
            case BuiltInType.Int64: return Variant.Of(ReadInt64());
            case BuiltInType.UInt64: return Variant.Of(ReadUInt64());
            case BuiltInType.Float: return Variant.Of(ReadFloat());
            case BuiltInType.Double: return Variant.Of(ReadDouble());
            case BuiltInType.String: return Variant.Of(ReadString());
            case BuiltInType.DateTime: return Variant.Of(ReadDateTime());
            case BuiltInType.Guid: return Variant.Of(ReadGuid());
            case BuiltInType.ByteString: return Variant.Of(ReadByteString());
            case BuiltInType.XmlElement: return Variant.Of(ReadXmlElement());
            case BuiltInType.NodeId: return Variant.Of(ReadNodeId());
            case BuiltInType.ExpandedNodeId: return Variant.Of(ReadExpandedNodeId());
            case BuiltInType.StatusCode: return Variant.Of(ReadStatusCode());
            case BuiltInType.QualifiedName: return Variant.Of(ReadQualifiedName());
            case BuiltInType.LocalizedText: return Variant.Of(ReadLocalizedText());
            case BuiltInType.ExtensionObject: return Variant.Of(ReadExtensionObject());
            case BuiltInType.DataValue: return Variant.Of(ReadDataValue());
            default:
                Fail($"A variant cannot hold a single {type}.");
                return default;
        }
    }

    private Variant ReadMatrix(BuiltInType type, bool hasDimensions)
    {
        var elements = VariantArrays.Read(ref this, type);
        if (elements is null)
        {
            Fail($"A variant cannot hold an array of {type}.");
            return default;
        }
        var dimensions = hasDimensions ? ReadNumbers<int>() : [];
        // Dimensions that do not fit are told as an error by the standard (Bad_DecodingError).
        if (dimensions.Length > 0 && (dimensions.Length > 32 || dimensions.Any(d => d < 0) || dimensions.Aggregate(1.0, (a, b) => a * b) != elements.Length))
            Fail("The dimensions of a matrix do not multiply to its elements.");
        return Failed ? default : Variant.Raw(type, elements, dimensions.Length > 1 ? dimensions : null);
    }

    private bool Deeper()
    {
        if (++_depth <= MostDepth) return !Failed;
        Fail($"Values nested more than {MostDepth} deep are not taken.");
        return false;
    }

    private bool Take(int count, out ReadOnlySpan<byte> taken)
    {
        if (count < 0 || count > _left.Length || Failed)
        {
            if (!Failed) Fail($"{count} bytes are needed, {_left.Length} are left.");
            taken = default;
            return false;
        }
        taken = _left[..count];
        _left = _left[count..];
        return true;
    }
}
