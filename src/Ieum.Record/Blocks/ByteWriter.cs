using System.Buffers.Binary;
using System.Numerics;

namespace Ieum.Record.Blocks;

/// <summary>A growing run of bytes. Kept between blocks, so that encoding does not allocate.</summary>
internal sealed class ByteWriter
{
    private byte[] _bytes = new byte[4096];

    public int Length { get; private set; }
    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, Length);

    public void Clear() => Length = 0;

    public void Byte(byte value)
    {
        Reserve(1);
        _bytes[Length++] = value;
    }

    /// <summary>Seven bits a byte, low bits first; one to ten bytes.</summary>
    public void Varint(ulong value)
    {
        Reserve(10);
        for (; value >= 0x80; value >>= 7) _bytes[Length++] = (byte)(value | 0x80);
        _bytes[Length++] = (byte)value;
    }

    public void Signed(long value) => Varint(ZigZag.Encode(value));

    public void Bytes(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(Claim(bytes.Length));
        Length += bytes.Length;
    }

    public void Fixed64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Claim(8), value);
        Length += 8;
    }

    public void Fixed32(uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(Claim(4), value);
        Length += 4;
    }

    /// <summary>Room for <paramref name="count"/> bytes after the written ones; <see cref="Advance"/> takes them.</summary>
    public Span<byte> Claim(int count)
    {
        Reserve(count);
        return _bytes.AsSpan(Length, count);
    }

    public void Advance(int count) => Length += count;

    private void Reserve(int count)
    {
        if (Length + count > _bytes.Length) Array.Resize(ref _bytes, (int)BitOperations.RoundUpToPowerOf2((uint)(Length + count)));
    }
}

/// <summary>Signed numbers as unsigned ones, small stays small: 0, -1, 1, -2 → 0, 1, 2, 3. All 64 bits survive.</summary>
internal static class ZigZag
{
    public static ulong Encode(long value) => (ulong)((value << 1) ^ (value >> 63));
    public static long Decode(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);
}
