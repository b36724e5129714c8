using System.Buffers.Binary;
using System.Text;

namespace Ieum.Connect.Sparkplug.Wire;

/// <summary>Writes protocol-buffers fields into one growing buffer that is reused from message to message.</summary>
internal sealed class WireWriter(int capacity = 1024)
{
    private byte[] _buffer = new byte[capacity];
    private int _length;

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);
    public int Length => _length;

    public void Clear() => _length = 0;

    public void Varint(int field, ulong value)
    {
        Number(((ulong)field << 3) | (ulong)WireType.Varint);
        Number(value);
    }

    public void Flag(int field, bool value) => Varint(field, value ? 1UL : 0);

    public void Fixed32(int field, uint bits)
    {
        Number(((ulong)field << 3) | (ulong)WireType.Fixed32);
        BinaryPrimitives.WriteUInt32LittleEndian(Room(4), bits);
        _length += 4;
    }

    public void Fixed64(int field, ulong bits)
    {
        Number(((ulong)field << 3) | (ulong)WireType.Fixed64);
        BinaryPrimitives.WriteUInt64LittleEndian(Room(8), bits);
        _length += 8;
    }

    public void Bytes(int field, ReadOnlySpan<byte> bytes)
    {
        Number(((ulong)field << 3) | (ulong)WireType.Bytes);
        Number((ulong)bytes.Length);
        bytes.CopyTo(Room(bytes.Length));
        _length += bytes.Length;
    }

    public void Text(int field, string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Number(((ulong)field << 3) | (ulong)WireType.Bytes);
        Number((ulong)length);
        Encoding.UTF8.GetBytes(text, Room(length));
        _length += length;
    }

    /// <summary>Opens an embedded message; give the mark back to <see cref="Close"/>.</summary>
    public int Open(int field)
    {
        Number(((ulong)field << 3) | (ulong)WireType.Bytes);
        Room(1);
        return _length++;
    }

    /// <summary>Puts the length in front of what was written since <paramref name="mark"/>. Under 128 bytes, as nearly always, nothing moves.</summary>
    public void Close(int mark)
    {
        var size = _length - mark - 1;
        var extra = 0;
        for (var rest = size >> 7; rest != 0; rest >>= 7) extra++;
        if (extra > 0)
        {
            Room(extra);
            _buffer.AsSpan(mark + 1, size).CopyTo(_buffer.AsSpan(mark + 1 + extra));
            _length += extra;
        }
        for (var i = 0; i <= extra; i++, size >>= 7) _buffer[mark + i] = (byte)(i < extra ? (size & 0x7F) | 0x80 : size);
    }

    private void Number(ulong value)
    {
        var room = Room(10);
        var used = 0;
        for (; value >= 0x80; value >>= 7) room[used++] = (byte)(value | 0x80);
        room[used++] = (byte)value;
        _length += used;
    }

    private Span<byte> Room(int bytes)
    {
        if (_buffer.Length - _length < bytes) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + bytes));
        return _buffer.AsSpan(_length);
    }
}
