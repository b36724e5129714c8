using System.Buffers.Binary;

namespace Ieum.Connect.Queue;

/// <summary>Grows as it is written; used again and again by one queue.</summary>
internal sealed class ByteWriter
{
    private byte[] _bytes = new byte[4096];

    public int Length { get; set; }
    public Span<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Byte(byte value) => Room(1)[0] = value;

    public void Fixed(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Room(4), value);

    public void Fixed(long value) => BinaryPrimitives.WriteInt64LittleEndian(Room(8), value);

    /// <summary>Seven bits a byte, low ones first.</summary>
    public void Whole(ulong value)
    {
        while (value >= 0x80)
        {
            Byte((byte)(value | 0x80));
            value >>= 7;
        }
        Byte((byte)value);
    }

    public void Whole(long value) => Whole((ulong)value);

    /// <summary>Signed: small distances in either direction are short.</summary>
    public void Signed(long value) => Whole((ulong)((value << 1) ^ (value >> 63)));

    /// <summary>Code unit by code unit, so that half a surrogate pair survives too.</summary>
    public void Text(string text)
    {
        Whole((ulong)text.Length);
        foreach (var c in text) Whole((ulong)c);
    }

    private Span<byte> Room(int count)
    {
        if (Length + count > _bytes.Length) Array.Resize(ref _bytes, Math.Max(Length + count, _bytes.Length * 2));
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }
}

/// <summary>Reads what <see cref="ByteWriter"/> wrote. Never reads beyond its bytes; the first fault makes every later answer empty.</summary>
internal ref struct ByteReader(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> _rest = bytes;

    public bool Broken { get; private set; }
    public readonly int Left => _rest.Length;
    public readonly bool IsAtEnd => !Broken && _rest.IsEmpty;

    public byte Byte()
    {
        if (_rest.IsEmpty) return (byte)Fail();
        var value = _rest[0];
        _rest = _rest[1..];
        return value;
    }

    public long Fixed()
    {
        if (_rest.Length < 8) return (long)Fail();
        var value = BinaryPrimitives.ReadInt64LittleEndian(_rest);
        _rest = _rest[8..];
        return value;
    }

    public ulong Unsigned()
    {
        ulong value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            var b = Byte();
            if (Broken) return 0;
            if (shift == 63 && b > 1) break;
            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
        return Fail();
    }

    public long Whole() => (long)Unsigned();

    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A count of things of which each takes a byte or more; a larger one cannot be true.</summary>
    public int Count()
    {
        var count = Unsigned();
        return count <= (ulong)_rest.Length ? (int)count : (int)Fail();
    }

    public string Text()
    {
        var count = Count();
        if (count == 0) return "";
        var text = new char[count];
        for (var i = 0; i < count; i++)
        {
            var unit = Unsigned();
            if (unit > char.MaxValue) Fail();
            text[i] = (char)unit;
        }
        return Broken ? "" : new(text);
    }

    private ulong Fail()
    {
        Broken = true;
        _rest = default;
        return 0;
    }
}
