using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Ieum.Record.Blocks;

/// <summary>
/// Writes what foretelling left of a column: 64-bit words, mostly small. Fast: packed bits, the width chosen anew for every 256 words, so
/// that one far word does not cost the others. Dense: each word as a bucket, packed by frequency, and its low bits as they are.
/// </summary>
/// <remarks>
/// Buckets are equally wide (2^s words each), or like those of a logarithmic histogram: words below 2^(m+1) have their own, above it each
/// power of two has 2^m. Within a bucket words are about equally frequent, so that their low bits need no table; of all s and m that a byte
/// can tell, the one that makes the column smallest is taken.
/// </remarks>
internal sealed class WordPacker(bool dense)
{
    private const byte ByWidth = 0, ByBucket = 1;
    private const byte OneBucket = 0, ByFrequency = 1, AsTheyAre = 2;
    private const int Run = 256;
    // Under this size tables cost more than they save.
    private const int SmallestForTables = 40;
    private readonly AnsCoder _ans = new();
    private readonly int[] _fine = new int[256], _folded = new int[256];
    private int _fineTotal;
    private byte[] _buckets = new byte[1024];
    private readonly ulong[] _leasts = new ulong[256];
    private readonly byte[] _lows = new byte[256];

    public bool Dense => dense;

    public void Write(ByteWriter to, ReadOnlySpan<ulong> words)
    {
        if (dense && words.Length >= SmallestForTables && Choose(words, Widths(words, out var most), most).Scale is { } scale) WriteBuckets(to, words, scale);
        else WriteWidths(to, words);
    }

    public void Read(ref ByteReader from, Span<ulong> words)
    {
        switch (from.Byte())
        {
            case ByWidth: ReadWidths(ref from, words); break;
            case ByBucket: ReadBuckets(ref from, words); break;
            default: from.Fail(); break;
        }
    }

    private static int WidthOf(ReadOnlySpan<ulong> words)
    {
        var any = 0UL;
        foreach (var w in words) any |= w;
        return 64 - BitOperations.LeadingZeroCount(any);
    }

    private static void WriteWidths(ByteWriter to, ReadOnlySpan<ulong> words)
    {
        to.Byte(ByWidth);
        for (var at = 0; at < words.Length; at += Run)
        {
            var run = words.Slice(at, Math.Min(Run, words.Length - at));
            var width = WidthOf(run);
            to.Byte((byte)width);
            if (width == 0) continue;
            var size = BitRun.Bytes((long)run.Length * width);
            // The writer flushes eight bytes at a time.
            BitRun.Pack(run, width, to.Claim(size + 8));
            to.Advance(size);
        }
    }

    private static void ReadWidths(ref ByteReader from, Span<ulong> words)
    {
        for (var at = 0; at < words.Length && !from.Failed; at += Run)
        {
            var run = words.Slice(at, Math.Min(Run, words.Length - at));
            int width = from.Byte();
            if (width > 64) from.Fail();
            var packed = from.Failed || width == 0 ? [] : from.Bytes(BitRun.Bytes((long)run.Length * width));
            if (from.Failed || width == 0) run.Clear(); else BitRun.Unpack(packed, width, run);
        }
    }

    /// <summary>How words fall into buckets: 0 to 7 by powers of two, each cut into 2^m; from <see cref="Even"/> on into even ones of 2^s words.</summary>
    private readonly record struct Scale(int Code)
    {
        public const int Even = 64;
        public const int MostFine = 7;

        public bool IsValid => Code is >= 0 and (<= MostFine or >= Even) and < Even + 64;

        public int BucketOf(ulong word)
        {
            if (Code >= Even) return (int)(word >> (Code - Even));
            if (word < 2UL << Code) return (int)word;
            var low = 63 - BitOperations.LeadingZeroCount(word) - Code;
            return (low << Code) + (int)(word >> low);
        }

        /// <summary>How many low bits stand beside the bucket.</summary>
        public int LowBits(int bucket) => Code >= Even ? Code - Even : bucket < 2 << Code ? 0 : (bucket >> Code) - 1;

        public ulong Least(int bucket)
        {
            var low = LowBits(bucket);
            return Code >= Even ? (ulong)bucket << low : low == 0 ? (ulong)bucket : (ulong)(bucket - (low << Code)) << low;
        }

        /// <summary>The finest of each kind of which a byte can tell all that words up to <paramref name="most"/> need.</summary>
        public static (Scale Powers, Scale Even) Finest(ulong most)
        {
            var m = MostFine;
            while (m > 0 && most >= 2UL << m && new Scale(m).BucketOf(most) > 255) m--;
            return (new(m), new(Scale.Even + Math.Max(0, 56 - BitOperations.LeadingZeroCount(most))));
        }

        public Scale Coarser => new(Code >= Even ? Code + 1 : Code - 1);
    }

    /// <summary>About how many bits the words will take.</summary>
    public double Estimate(ReadOnlySpan<ulong> words)
    {
        var widths = Widths(words, out var most);
        return dense && words.Length >= SmallestForTables ? Choose(words, widths, most).Bits : widths;
    }

    private static long Widths(ReadOnlySpan<ulong> words, out ulong most)
    {
        long bits = 0;
        var any = 0UL;
        for (var at = 0; at < words.Length; at += Run)
        {
            var run = words.Slice(at, Math.Min(Run, words.Length - at));
            var width = WidthOf(run);
            bits += 8 + (long)run.Length * width;
            any |= width == 0 ? 0 : ulong.MaxValue >> (64 - width);
        }
        most = any;
        return bits;
    }

    /// <summary>The scale with which the words get smallest, and about how small; null when packed bits are as small.</summary>
    private (Scale? Scale, double Bits) Choose(ReadOnlySpan<ulong> words, long widths, ulong most)
    {
        Scale? best = null;
        // Packed bits are read faster.
        var least = widths * 0.995;
        var (powers, even) = Scale.Finest(most);
        Count(words, powers);
        for (var scale = powers; scale.IsValid; scale = scale.Coarser) Try(powers, scale);
        if (even.Code == Scale.Even && powers.Code == Scale.MostFine) return (best, least);
        Count(words, even);
        // Eight steps coarser nothing is left to tell apart.
        for (var scale = even; scale.IsValid && scale.Code < even.Code + 8; scale = scale.Coarser) Try(even, scale);
        return (best, least);

        void Try(Scale counted, Scale scale)
        {
            Array.Clear(_folded);
            for (var b = 0; b < 256; b++)
                if (_fine[b] > 0) _folded[scale.BucketOf(counted.Least(b))] += _fine[b];
            var size = Size(_fineTotal, scale);
            if (size < least) (best, least) = (scale, size);
        }
    }

    private void Count(ReadOnlySpan<ulong> words, Scale scale)
    {
        Array.Clear(_fine);
        _fineTotal = words.Length;
        foreach (var w in words) _fine[scale.BucketOf(w)]++;
    }

    /// <summary>About how many bits the buckets that were counted take with their table.</summary>
    private double Size(int count, Scale scale)
    {
        double bits = 88;
        var table = 16.0;
        int first = -1, empty = 0;
        for (var b = 0; b < 256; b++)
        {
            if (_folded[b] == 0)
            {
                empty++;
                continue;
            }
            if (first < 0) first = b; else table += empty;
            empty = 0;
            double c = _folded[b];
            bits += c * (Math.Log2(count / c) + scale.LowBits(b));
            table += 1 + 2 * Math.Floor(Math.Log2(2 + c * 4095 / count));
        }
        return bits + table;
    }

    private void WriteBuckets(ByteWriter to, ReadOnlySpan<ulong> words, Scale scale)
    {
        to.Byte(ByBucket);
        to.Byte((byte)scale.Code);
        if (_buckets.Length < words.Length) _buckets = new byte[BitOperations.RoundUpToPowerOf2((uint)words.Length)];
        var buckets = _buckets.AsSpan(0, words.Length);
        long low = 0;
        for (var i = 0; i < words.Length; i++)
        {
            var bucket = scale.BucketOf(words[i]);
            low += scale.LowBits(bucket);
            buckets[i] = (byte)bucket;
        }
        if (buckets.IndexOfAnyExcept(buckets[0]) < 0)
        {
            to.Byte(OneBucket);
            to.Byte(buckets[0]);
        }
        else if (_ans.Prepare(buckets) < buckets.Length)
        {
            to.Byte(ByFrequency);
            _ans.Write(to, buckets);
        }
        else
        {
            to.Byte(AsTheyAre);
            to.Bytes(buckets);
        }
        var size = BitRun.Bytes(low);
        to.Varint((ulong)size);
        var bits = new BitWriter(to.Claim(size + 8));
        for (var i = 0; i < words.Length; i++)
        {
            var width = scale.LowBits(buckets[i]);
            if (width > 0) bits.Write(words[i] & ((1UL << width) - 1), width);
        }
        bits.Flush();
        to.Advance(size);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ReadBuckets(ref ByteReader from, Span<ulong> words)
    {
        var scale = new Scale(from.Byte());
        if (!scale.IsValid) from.Fail();
        if (_buckets.Length < words.Length) _buckets = new byte[BitOperations.RoundUpToPowerOf2((uint)words.Length)];
        var buckets = _buckets.AsSpan(0, words.Length);
        switch (from.Byte())
        {
            case OneBucket: buckets.Fill(from.Byte()); break;
            case ByFrequency: _ans.Read(ref from, buckets); break;
            case AsTheyAre:
                var plain = from.Bytes(words.Length);
                if (!from.Failed) plain.CopyTo(buckets);
                break;
            default: from.Fail(); break;
        }
        var low = from.Bytes(from.Count(from.Left));
        if (from.Failed) return;
        var most = 0;
        foreach (var b in buckets) most = Math.Max(most, b);
        if (scale.Code < Scale.Even ? scale.LowBits(most) > 63 - scale.Code : scale.LowBits(most) > 56 && most >> (120 - scale.Code) != 0)
        {
            from.Fail();
            return;
        }
        if (scale.LowBits(most) == 0)
        {
            for (var i = 0; i < words.Length; i++) words[i] = buckets[i];
            return;
        }
        for (var b = 0; b <= most; b++) (_leasts[b], _lows[b]) = (scale.Least(b), (byte)scale.LowBits(b));
        long at = 0;
        var done = 0;
        // A word's low bits and those before them in its first byte fit into one load, as long as eight bytes are left.
        if (_lows.AsSpan(0, most + 1).IndexOfAnyExceptInRange((byte)0, (byte)57) < 0)
            for (long last = (low.Length - 8L) * 8; done < words.Length && at <= last; done++)
            {
                var b = buckets[done];
                int width = _lows[b];
                words[done] = _leasts[b] | (BinaryPrimitives.ReadUInt64LittleEndian(low[(int)(at >> 3)..]) >> (int)(at & 7) & ((1UL << width) - 1));
                at += width;
            }
        var bits = new BitReader(low[(int)Math.Min(at >> 3, low.Length)..]);
        bits.Read((int)(at & 7));
        for (; done < words.Length; done++) words[done] = _leasts[buckets[done]] | bits.Read(_lows[buckets[done]]);
    }
}
