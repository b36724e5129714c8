using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Ieum.Connect.Slmp;

/// <summary>Writes the fields of a frame: little-endian bytes, or the same numbers as hexadecimal text.</summary>
internal sealed class SlmpWriter(bool ascii)
{
    private byte[] _bytes = new byte[64];

    public int Length { get; private set; }
    public byte[] ToArray() => _bytes.AsSpan(0, Length).ToArray();

    public SlmpWriter U8(byte value) => Number(value, 1);
    public SlmpWriter U16(ushort value) => Number(value, 2);
    public SlmpWriter U32(uint value) => Number(value, 4);

    /// <summary>A subheader: the same order of bytes in both forms.</summary>
    public SlmpWriter Subheader(ushort value) => ascii ? U16(value) : Raw([(byte)(value >> 8), (byte)value]);

    /// <summary>Device number and code. Binary: number, then code; ASCII: code as letters, then the number in the device's own radix.</summary>
    public SlmpWriter Device(SlmpAddress at, SlmpFraming framing)
    {
        if (!ascii)
        {
            Number(at.Number, framing.IsWide ? 4 : 3);
            return framing.IsWide ? U16(at.Device.Code) : U8(at.Device.Code);
        }
        Text(at.Device.Letters(framing.IsWide));
        return Text(SlmpDevices.NumberText(at.Number, at.Device.WireRadixOn(framing.Cpu)).PadLeft(framing.IsWide ? 8 : 6, '0'));
    }

    /// <summary>Bits of 0401 and 1401: four bits each in binary, the first in the upper half; one character each in ASCII.</summary>
    public SlmpWriter Bits(ReadOnlySpan<bool> bits)
    {
        if (ascii)
        {
            foreach (var bit in bits) Raw(bit ? "1"u8 : "0"u8);
            return this;
        }
        for (var i = 0; i < bits.Length; i += 2)
            Raw([(byte)((bits[i] ? 0x10 : 0) | (i + 1 < bits.Length && bits[i + 1] ? 0x01 : 0))]);
        return this;
    }

    /// <summary>Letters, as they are in both forms.</summary>
    public SlmpWriter Text(string text) => Raw(Encoding.ASCII.GetBytes(text));

    public SlmpWriter Raw(ReadOnlySpan<byte> bytes)
    {
        if (Length + bytes.Length > _bytes.Length) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, Length + bytes.Length));
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
        return this;
    }

    private SlmpWriter Number(uint value, int bytes)
    {
        if (ascii) return Text(value.ToString("X" + (bytes * 2).ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));
        Span<byte> four = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(four, value);
        return Raw(four[..bytes]);
    }
}

/// <summary>Reads the fields of a frame. After the first field that is not there everything reads as 0 and <see cref="Failed"/> is set.</summary>
internal ref struct SlmpReader(ReadOnlySpan<byte> bytes, bool ascii)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    public bool Failed { get; private set; }
    public readonly int Left => _bytes.Length - _at;
    public readonly bool IsAtEnd => !Failed && Left == 0;

    public byte U8() => (byte)Number(1);
    public ushort U16() => (ushort)Number(2);
    public uint U32() => Number(4);

    public ushort Subheader()
    {
        if (ascii) return U16();
        var two = Raw(2);
        return two.Length == 2 ? BinaryPrimitives.ReadUInt16BigEndian(two) : (ushort)0;
    }

    public SlmpAddress? Device(SlmpFraming framing)
    {
        SlmpDevice? device;
        if (!ascii)
        {
            var number = Number(framing.IsWide ? 4 : 3);
            var code = framing.IsWide ? U16() : U8();
            return !Failed && code <= 0xFF && SlmpDevices.TryCode((byte)code, out device) ? new(device, number) : null;
        }
        var letters = Text(framing.IsWide ? 4 : 2);
        var digits = Text(framing.IsWide ? 8 : 6).TrimStart(' ');
        return !Failed && SlmpDevices.TryLetters(letters, framing.IsWide, out device) && SlmpDevices.TryNumber(digits, device.WireRadixOn(framing.Cpu), out var n) ? new(device, n) : null;
    }

    /// <returns>False when they are not all there or hold something else than 0 and 1.</returns>
    public bool TryBits(Span<bool> into)
    {
        var raw = Raw(ascii ? into.Length : (into.Length + 1) / 2);
        if (Failed) return false;
        for (var i = 0; i < into.Length; i++)
        {
            var one = ascii ? raw[i] - '0' : i % 2 == 0 ? raw[i / 2] >> 4 : raw[i / 2] & 0x0F;
            if (one is not (0 or 1)) return false;
            into[i] = one == 1;
        }
        return true;
    }

    public string Text(int length) => Encoding.ASCII.GetString(Raw(length));

    public ReadOnlySpan<byte> Raw(int length)
    {
        if (Failed || length > Left)
        {
            Failed = true;
            return [];
        }
        _at += length;
        return _bytes.Slice(_at - length, length);
    }

    private uint Number(int bytes)
    {
        var raw = Raw(ascii ? bytes * 2 : bytes);
        uint value = 0;
        if (!ascii)
        {
            for (var i = raw.Length - 1; i >= 0; i--) value = value << 8 | raw[i];
            return value;
        }
        foreach (var c in raw)
        {
            if (!char.IsAsciiHexDigit((char)c))
            {
                Failed = true;
                return 0;
            }
            value = value << 4 | (uint)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
        }
        return value;
    }
}
