using System.Numerics;
using System.Runtime.InteropServices;
using ZstdSharp;

namespace Ieum.Record.Blocks;

/// <summary>
/// Writes 64-bit words as byte planes: all lowest bytes, then all second bytes, and so on. Neighbours in a plane
/// resemble each other far more than the bytes of one word do, so each plane is packed by itself: a single
/// constant, packed bits, by frequency of its bytes, Zstandard where stretches repeat, or as it is; whichever is smallest.
/// Blocks of version 3 take it where long stretches repeat; before, every column was written so.
/// </summary>
internal sealed class PlaneCodec : IDisposable
{
    private const byte Constant = 0, Raw = 1, Zstd = 2, Packed = 3, Ans = 4;
    // Under this size tables and frames cost more than they save.
    private const int SmallestForTables = 40;
    private const int ReachBits = 11;

    private readonly Compressor _compressor = new(level: 1);
    private readonly Decompressor _decompressor = new();
    private readonly AnsCoder _ans = new();
    private readonly int[] _seen = new int[1 << ReachBits];
    private byte[] _plane = new byte[1024], _packed = new byte[2048];

    public void Write(ByteWriter to, ReadOnlySpan<ulong> words)
    {
        var any = 0UL;
        foreach (var w in words) any |= w;
        var planes = (71 - BitOperations.LeadingZeroCount(any)) / 8;
        to.Byte((byte)planes);
        if (_plane.Length < words.Length) _plane = new byte[BitOperations.RoundUpToPowerOf2((uint)words.Length)];
        for (var p = 0; p < planes; p++)
        {
            var plane = _plane.AsSpan(0, words.Length);
            Extract(words, plane, p);
            WritePlane(to, plane);
        }
    }

    public void Read(ref ByteReader from, Span<ulong> words)
    {
        words.Clear();
        int planes = from.Byte();
        if (planes > 8) from.Fail();
        if (_plane.Length < words.Length) _plane = new byte[BitOperations.RoundUpToPowerOf2((uint)words.Length)];
        for (var p = 0; p < planes && !from.Failed; p++)
        {
            var plane = _plane.AsSpan(0, words.Length);
            ReadPlane(ref from, plane);
            if (p == 0)
                for (var i = 0; i < words.Length; i++) words[i] = plane[i];
            else
                for (var i = 0; i < words.Length; i++) words[i] |= (ulong)plane[i] << (8 * p);
        }
    }

    private static void Extract(ReadOnlySpan<ulong> words, Span<byte> plane, int p)
    {
        if (BitConverter.IsLittleEndian)
        {
            var bytes = MemoryMarshal.AsBytes(words);
            for (int i = 0, at = p; i < plane.Length; i++, at += 8) plane[i] = bytes[at];
        }
        else
        {
            for (var i = 0; i < plane.Length; i++) plane[i] = (byte)(words[i] >> (8 * p));
        }
    }

    private void WritePlane(ByteWriter to, ReadOnlySpan<byte> plane)
    {
        if (plane.IndexOfAnyExcept(plane[0]) < 0)
        {
            to.Byte(Constant);
            to.Byte(plane[0]);
            return;
        }
        var width = 32 - BitOperations.LeadingZeroCount(Highest(plane));
        var packedSize = (plane.Length * width + 7) / 8;
        var ansSize = plane.Length < SmallestForTables ? int.MaxValue : _ans.Prepare(plane);
        var best = Math.Min(Math.Min(packedSize, plane.Length), ansSize);
        var zstdSize = plane.Length >= SmallestForTables && Repeats(plane) ? Compress(plane) : int.MaxValue;
        if (zstdSize < best)
        {
            to.Byte(Zstd);
            to.Varint((ulong)zstdSize);
            to.Bytes(_packed.AsSpan(0, zstdSize));
        }
        else if (ansSize < packedSize && ansSize < plane.Length)
        {
            to.Byte(Ans);
            _ans.Write(to, plane);
        }
        else if (width < 8)
        {
            to.Byte(Packed);
            to.Byte((byte)width);
            Pack(plane, width, to.Claim(packedSize));
            to.Advance(packedSize);
        }
        else
        {
            to.Byte(Raw);
            to.Bytes(plane);
        }
    }

    /// <summary>Whether enough of the plane was seen before, eight bytes at a time: only then is Zstandard worth its time.</summary>
    private bool Repeats(ReadOnlySpan<byte> plane)
    {
        Array.Clear(_seen);
        var hits = 0;
        // Every second place is enough to find out.
        for (var i = 0; i + 8 <= plane.Length; i += 2)
        {
            var word = MemoryMarshal.Read<ulong>(plane[i..]);
            ref var seen = ref _seen[word * 0x9E37_79B9_7F4A_7C15 >> (64 - ReachBits)];
            if (seen > 0 && MemoryMarshal.Read<ulong>(plane[(seen - 1)..]) == word) hits++;
            seen = i + 1;
        }
        return hits * 4 > plane.Length / 2;
    }

    private int Compress(ReadOnlySpan<byte> plane)
    {
        var bound = Compressor.GetCompressBound(plane.Length);
        if (_packed.Length < bound) _packed = new byte[BitOperations.RoundUpToPowerOf2((uint)bound)];
        return _compressor.Wrap(plane, _packed);
    }

    private void ReadPlane(ref ByteReader from, Span<byte> plane)
    {
        switch (from.Byte())
        {
            case Constant:
                plane.Fill(from.Byte());
                break;
            case Raw:
                var raw = from.Bytes(plane.Length);
                if (!from.Failed) raw.CopyTo(plane);
                break;
            case Zstd:
                var frame = from.Bytes(from.Count(from.Left));
                if (from.Failed || !Decompress(frame, plane)) from.Fail();
                break;
            case Ans:
                _ans.Read(ref from, plane);
                break;
            case Packed:
                int width = from.Byte();
                if (width is 0 or > 7) { from.Fail(); break; }
                var packed = from.Bytes((plane.Length * width + 7) / 8);
                if (!from.Failed) Unpack(packed, width, plane);
                break;
            default:
                from.Fail();
                break;
        }
    }

    private bool Decompress(ReadOnlySpan<byte> frame, Span<byte> plane)
    {
        try
        {
            return _decompressor.TryUnwrap(frame, plane, out var written) && written == plane.Length;
        }
        catch (ZstdException)
        {
            return false;   // the library's way of saying that the frame is damaged
        }
    }

    private static uint Highest(ReadOnlySpan<byte> plane)
    {
        uint any = 0;
        foreach (var b in plane) any |= b;
        return any;
    }

    private static void Pack(ReadOnlySpan<byte> plane, int width, Span<byte> to)
    {
        uint held = 0;
        int bits = 0, at = 0;
        foreach (var b in plane)
        {
            held |= (uint)b << bits;
            for (bits += width; bits >= 8; bits -= 8, held >>= 8) to[at++] = (byte)held;
        }
        if (bits > 0) to[at] = (byte)held;
    }

    private static void Unpack(ReadOnlySpan<byte> packed, int width, Span<byte> plane)
    {
        uint held = 0;
        int bits = 0, at = 0;
        var mask = (1u << width) - 1;
        for (var i = 0; i < plane.Length; i++)
        {
            if (bits < width)
            {
                held |= (uint)packed[at++] << bits;
                bits += 8;
            }
            plane[i] = (byte)(held & mask);
            held >>= width;
            bits -= width;
        }
    }

    public void Dispose()
    {
        _compressor.Dispose();
        _decompressor.Dispose();
    }
}
