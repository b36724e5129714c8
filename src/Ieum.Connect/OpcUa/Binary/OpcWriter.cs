using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Ieum.Connect.OpcUa;

/// <summary>Writes the OPC UA binary encoding (OPC 10000-6, 5.2) into a growing buffer that is used again after <see cref="Reset"/>.</summary>
internal sealed class OpcWriter(int capacity = 1024) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(capacity);

    public int Length { get; private set; }
    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Length);
    public ReadOnlySpan<byte> Span => _buffer.AsSpan(0, Length);
    public byte[] ToArray() => Span.ToArray();
    public void Reset() => Length = 0;

    /// <summary>The bytes of one structure.</summary>
    public static byte[] Bytes(IEncodable value)
    {
        using var w = new OpcWriter();
        value.Encode(w);
        return w.ToArray();
    }

    /// <summary>Leaves room for <paramref name="count"/> bytes and returns where they begin, to be filled with <see cref="At"/>.</summary>
    public int Skip(int count)
    {
        var at = Length;
        Room(count).Clear();
        return at;
    }

    /// <summary>Bytes written before; valid until the next write.</summary>
    public Span<byte> At(int start, int count) => _buffer.AsSpan(start, count);

    /// <summary>Room for <paramref name="count"/> bytes to be filled at once; they count as written.</summary>
    public Span<byte> Room(int count)
    {
        if (Length + count > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_buffer.Length * 2, Length + count));
            Span.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        var room = _buffer.AsSpan(Length, count);
        Length += count;
        return room;
    }

    public void WriteBoolean(bool v) => Room(1)[0] = v ? (byte)1 : (byte)0;
    public void WriteSByte(sbyte v) => Room(1)[0] = (byte)v;
    public void WriteByte(byte v) => Room(1)[0] = v;
    public void WriteInt16(short v) => BinaryPrimitives.WriteInt16LittleEndian(Room(2), v);
    public void WriteUInt16(ushort v) => BinaryPrimitives.WriteUInt16LittleEndian(Room(2), v);
    public void WriteInt32(int v) => BinaryPrimitives.WriteInt32LittleEndian(Room(4), v);
    public void WriteUInt32(uint v) => BinaryPrimitives.WriteUInt32LittleEndian(Room(4), v);
    public void WriteInt64(long v) => BinaryPrimitives.WriteInt64LittleEndian(Room(8), v);
    public void WriteUInt64(ulong v) => BinaryPrimitives.WriteUInt64LittleEndian(Room(8), v);
    public void WriteFloat(float v) => WriteUInt32(BitConverter.SingleToUInt32Bits(v));
    public void WriteDouble(double v) => WriteInt64(BitConverter.DoubleToInt64Bits(v));
    public void WriteDateTime(OpcTime v) => WriteInt64(v.Value);
    public void WriteGuid(Guid v) => v.TryWriteBytes(Room(16));
    public void WriteStatusCode(StatusCode v) => WriteUInt32(v.Value);
    public void WriteXmlElement(XmlElement v) => WriteString(v.Text);
    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    /// <summary>Null is written as length −1.</summary>
    public void WriteString(string? v)
    {
        if (v is null)
        {
            WriteInt32(-1);
            return;
        }
        var count = Encoding.UTF8.GetByteCount(v);
        WriteInt32(count);
        Encoding.UTF8.GetBytes(v, Room(count));
    }

    public void WriteByteString(byte[]? v)
    {
        WriteInt32(v?.Length ?? -1);
        if (v is not null) WriteRaw(v);
    }

    /// <summary>The shortest of the forms (OPC 10000-6, 5.2.2.9).</summary>
    public void WriteNodeId(NodeId v) => WriteNodeId(v, 0);

    public void WriteExpandedNodeId(ExpandedNodeId v)
    {
        WriteNodeId(v.Node, (byte)((v.NamespaceUri is null ? 0 : 0x80) | (v.ServerIndex == 0 ? 0 : 0x40)));
        if (v.NamespaceUri is not null) WriteString(v.NamespaceUri);
        if (v.ServerIndex != 0) WriteUInt32(v.ServerIndex);
    }

    public void WriteQualifiedName(QualifiedName v)
    {
        WriteUInt16(v.Namespace);
        WriteString(v.Name);
    }

    public void WriteLocalizedText(LocalizedText v)
    {
        WriteByte((byte)((v.Locale is null ? 0 : 1) | (v.Text is null ? 0 : 2)));
        if (v.Locale is not null) WriteString(v.Locale);
        if (v.Text is not null) WriteString(v.Text);
    }

    public void WriteExtensionObject(ExtensionObject v)
    {
        if (v.Body is { } body)
        {
            WriteNodeId(v.TypeId.IsNull ? new(body.BinaryId) : v.TypeId);
            WriteByte(1);
            var length = Skip(4);
            body.Encode(this);
            BinaryPrimitives.WriteInt32LittleEndian(At(length, 4), Length - length - 4);
            return;
        }
        WriteNodeId(v.TypeId);
        if (v.Xml is { } xml)
        {
            WriteByte(2);
            WriteXmlElement(xml);
        }
        else if (v.Bytes.IsEmpty) WriteByte(0);
        else
        {
            WriteByte(1);
            WriteInt32(v.Bytes.Length);
            WriteRaw(v.Bytes.Span);
        }
    }

    public void WriteDataValue(in DataValue v)
    {
        var mask = (v.Value.IsNull ? 0 : 1) | (v.StatusCode.Value == 0 ? 0 : 2) | (v.SourceTimestamp.Value == 0 ? 0 : 4) | (v.ServerTimestamp.Value == 0 ? 0 : 8)
            | (v.SourcePicoseconds == 0 ? 0 : 0x10) | (v.ServerPicoseconds == 0 ? 0 : 0x20);
        WriteByte((byte)mask);
        if ((mask & 1) != 0) WriteVariant(v.Value);
        if ((mask & 2) != 0) WriteStatusCode(v.StatusCode);
        if ((mask & 4) != 0) WriteDateTime(v.SourceTimestamp);
        if ((mask & 0x10) != 0) WriteUInt16(v.SourcePicoseconds);
        if ((mask & 8) != 0) WriteDateTime(v.ServerTimestamp);
        if ((mask & 0x20) != 0) WriteUInt16(v.ServerPicoseconds);
    }

    public void WriteDiagnosticInfo(DiagnosticInfo? v)
    {
        if (v is null)
        {
            WriteByte(0);
            return;
        }
        WriteByte((byte)((v.SymbolicId is null ? 0 : 1) | (v.NamespaceUri is null ? 0 : 2) | (v.LocalizedText is null ? 0 : 4) | (v.Locale is null ? 0 : 8)
            | (v.AdditionalInfo is null ? 0 : 0x10) | (v.InnerStatusCode is null ? 0 : 0x20) | (v.InnerDiagnosticInfo is null ? 0 : 0x40)));
        if (v.SymbolicId is { } symbol) WriteInt32(symbol);
        if (v.NamespaceUri is { } uri) WriteInt32(uri);
        if (v.Locale is { } locale) WriteInt32(locale);
        if (v.LocalizedText is { } text) WriteInt32(text);
        if (v.AdditionalInfo is not null) WriteString(v.AdditionalInfo);
        if (v.InnerStatusCode is { } status) WriteStatusCode(status);
        if (v.InnerDiagnosticInfo is { } inner) WriteDiagnosticInfo(inner);
    }

    public void WriteVariant(in Variant v)
    {
        if (!v.IsArray)
        {
            WriteByte((byte)v.Type);
            WriteScalar(v);
            return;
        }
        var dimensions = v.Dimensions;
        WriteByte((byte)((byte)v.Type | 0x80 | (dimensions is null ? 0 : 0x40)));
        VariantArrays.Write(this, v.Type, v.Elements!);
        if (dimensions is not null) WriteArray(dimensions, static (w, d) => w.WriteInt32(d));
    }

    public void WriteArray<T>(T[]? items, Action<OpcWriter, T> one)
    {
        WriteInt32(items?.Length ?? -1);
        foreach (var item in items ?? []) one(this, item);
    }

    public void WriteStructures<T>(T[]? items) where T : IEncodable
    {
        WriteInt32(items?.Length ?? -1);
        foreach (var item in items ?? []) item.Encode(this);
    }

    public void Dispose()
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        if (buffer.Length > 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    private void WriteScalar(in Variant v)
    {
        switch (v.Type)
        {
            case BuiltInType.Null: break;
            case BuiltInType.Boolean or BuiltInType.SByte or BuiltInType.Byte: WriteByte((byte)v.Bits); break;
            case BuiltInType.Int16 or BuiltInType.UInt16: WriteUInt16((ushort)v.Bits); break;
            case BuiltInType.Int32 or BuiltInType.UInt32 or BuiltInType.Float or BuiltInType.StatusCode: WriteUInt32((uint)v.Bits); break;
            case BuiltInType.Int64 or BuiltInType.UInt64 or BuiltInType.Double or BuiltInType.DateTime: WriteInt64(v.Bits); break;
            case BuiltInType.String: WriteString((string?)v.Object); break;
            case BuiltInType.Guid: WriteGuid((Guid)v.Object!); break;
            case BuiltInType.ByteString: WriteByteString((byte[]?)v.Object); break;
            case BuiltInType.XmlElement: WriteXmlElement((XmlElement)v.Object!); break;
            case BuiltInType.NodeId: WriteNodeId((NodeId)v.Object!); break;
            case BuiltInType.ExpandedNodeId: WriteExpandedNodeId((ExpandedNodeId)v.Object!); break;
            case BuiltInType.QualifiedName: WriteQualifiedName((QualifiedName)v.Object!); break;
            case BuiltInType.LocalizedText: WriteLocalizedText((LocalizedText)v.Object!); break;
            case BuiltInType.ExtensionObject: WriteExtensionObject((ExtensionObject)v.Object!); break;
            case BuiltInType.DataValue: WriteDataValue((DataValue)v.Object!); break;
            default: throw new InvalidOperationException($"A variant cannot hold a single {v.Type}.");
        }
    }

    private void WriteNodeId(NodeId v, byte flags)
    {
        switch (v.Kind)
        {
            case NodeIdKind.Numeric when v.Namespace == 0 && v.Number <= 255:
                WriteByte(flags);
                WriteByte((byte)v.Number);
                break;
            case NodeIdKind.Numeric when v.Namespace <= 255 && v.Number <= 65_535:
                WriteByte((byte)(flags | 1));
                WriteByte((byte)v.Namespace);
                WriteUInt16((ushort)v.Number);
                break;
            case NodeIdKind.Numeric:
                Head(2);
                WriteUInt32(v.Number);
                break;
            case NodeIdKind.Text:
                Head(3);
                WriteString(v.Text);
                break;
            case NodeIdKind.Guid:
                Head(4);
                WriteGuid(v.Guid!.Value);
                break;
            default:
                Head(5);
                WriteByteString(v.Opaque);
                break;
        }

        void Head(byte form)
        {
            WriteByte((byte)(flags | form));
            WriteUInt16(v.Namespace);
        }
    }
}
