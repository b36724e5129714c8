using System.Buffers.Binary;

namespace Ieum.Record.Blocks;

/// <summary>Reads what <see cref="ByteWriter"/> wrote. Never throws: past the end it yields zeros and remembers that it failed.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Something was read that is not there, or cannot be.</summary>
    public bool Failed { get; private set; }
    public readonly int Left => _bytes.Length - _at;

    public void Fail() => Failed = true;

    public byte Byte()
    {
        if (_at < _bytes.Length) return _bytes[_at++];
        Failed = true;
        return 0;
    }

    public ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var b = Byte();
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        Failed = true;
        return 0;
    }

    public long Signed() => ZigZag.Decode(Varint());

    /// <summary>A varint that counts something; fails above <paramref name="limit"/>, so that damaged bytes cannot ask for memory.</summary>
    public int Count(int limit)
    {
        var value = Varint();
        if (value <= (ulong)limit) return (int)value;
        Failed = true;
        return 0;
    }

    public ReadOnlySpan<byte> Bytes(int count)
    {
        if (count < 0 || count > Left)
        {
            Failed = true;
            return [];
        }
        var part = _bytes.Slice(_at, count);
        _at += count;
        return part;
    }

    public long Fixed64()
    {
        var part = Bytes(8);
        return Failed ? 0 : BinaryPrimitives.ReadInt64LittleEndian(part);
    }
}
