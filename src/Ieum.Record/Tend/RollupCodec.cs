using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Ieum.Record.Blocks;

namespace Ieum.Record.Tend;

/// <summary>A row of table <c>rollup</c> as bytes: version, count, columns, CRC-32C. Not for two threads at once.</summary>
internal sealed class RollupCodec : IDisposable
{
    private const byte Version = 1;
    private const int MostBuckets = 4096, MostStates = MostBuckets * RollupBucket.MostWords;

    private readonly PlaneCodec _planes = new();
    private readonly IntColumn _ints;
    private readonly RealColumn _reals;
    private readonly TextColumn _texts;
    private readonly ByteWriter _writer = new();

    public RollupCodec()
    {
        _ints = new(_planes, new(dense: true));
        _reals = new(_planes, _ints);
        _texts = new(_ints);
    }

    public byte[] Encode(IReadOnlyList<RollupBucket> buckets, Tier tier, long chunk)
    {
        var width = Tiers.Width(tier);
        _writer.Clear();
        _writer.Byte(Version);
        _writer.Varint((ulong)buckets.Count);
        Write(buckets, b => (b.Start - chunk) / width);
        Write(buckets, b => b.Count);
        Write(buckets, b => b.Bad);
        Write(buckets, b => b.Count == 0 ? 0 : b.LastTicks - b.Start, time: true);
        Write(buckets, b => b.FirstTicks - b.Start, time: true);
        var numbers = buckets.Where(b => b.Count > 0).ToList();
        if (numbers.Count > 0)
        {
            WriteReals(numbers, b => b.Sum);
            WriteReals(numbers, b => b.Min);
            WriteReals(numbers, b => b.Max);
            WriteReals(numbers, b => b.Last);
        }
        Write(buckets, b => b.States is null ? -1 : b.States.Count);
        var states = buckets.Where(b => b.States is { Count: > 0 }).ToList();
        if (states.Count > 0)
        {
            Write(states, b => b.States!.FindIndex(s => s.Word == b.FirstWord));
            Write(states, b => b.States!.FindIndex(s => s.Word == b.LastWord));
            var all = states.SelectMany(b => b.States!).ToList();
            _texts.Write(_writer, all.Select(s => s.Word).ToArray());
            Write(all, s => s.Ticks, time: true);
            Write(all, s => s.Entries);
        }
        _writer.Fixed32(BlockCodec.Checksum(_writer.Written));
        return _writer.Written.ToArray();
    }

    /// <summary>Damaged bytes give false; nothing is thrown.</summary>
    public bool TryDecode(ReadOnlySpan<byte> bytes, Tier tier, long chunk, [NotNullWhen(true)] out List<RollupBucket>? buckets)
    {
        buckets = null;
        if (bytes.Length < 6 || BinaryPrimitives.ReadUInt32LittleEndian(bytes[^4..]) != BlockCodec.Checksum(bytes[..^4])) return false;
        var from = new ByteReader(bytes[..^4]);
        if (from.Byte() != Version) return false;
        var count = from.Count(MostBuckets);
        if (count == 0) return false;
        var width = Tiers.Width(tier);
        var read = new RollupBucket[count];
        var column = Ints(ref from, count);
        for (var i = 0; i < count; i++) read[i] = new(chunk + column[i] * width, chunk + (column[i] + 1) * width);
        column = Ints(ref from, count);
        for (var i = 0; i < count; i++) read[i].Count = column[i];
        column = Ints(ref from, count);
        for (var i = 0; i < count; i++) read[i].Bad = column[i];
        column = Ints(ref from, count);
        for (var i = 0; i < count; i++) if (read[i].Count > 0) read[i].LastTicks = read[i].Start + column[i];
        column = Ints(ref from, count);
        for (var i = 0; i < count; i++) read[i].FirstTicks = read[i].Start + column[i];
        var numbers = read.Where(b => b.Count > 0).ToList();
        if (numbers.Count > 0)
        {
            ReadReals(ref from, numbers, (b, v) => b.Sum = v);
            ReadReals(ref from, numbers, (b, v) => b.Min = v);
            ReadReals(ref from, numbers, (b, v) => b.Max = v);
            ReadReals(ref from, numbers, (b, v) => b.Last = v);
        }
        if (from.Failed || !ReadStates(ref from, read)) return false;
        buckets = [.. read];
        return true;
    }

    private bool ReadStates(ref ByteReader from, RollupBucket[] read)
    {
        var words = Ints(ref from, read.Length);
        var total = 0L;
        List<RollupBucket> states = [];
        for (var i = 0; i < read.Length; i++)
        {
            if (words[i] is < -1 or > RollupBucket.MostWords) return false;
            if (words[i] < 0) read[i].States = null;
            if (words[i] > 0) states.Add(read[i]);
            total += Math.Max(0, words[i]);
        }
        if (states.Count == 0) return !from.Failed;
        if (total > MostStates) return false;
        var first = Ints(ref from, states.Count);
        var last = Ints(ref from, states.Count);
        var texts = new string?[(int)total];
        _texts.Read(ref from, texts);
        if (from.Failed) return false;
        var ticks = Ints(ref from, (int)total);
        var entries = Ints(ref from, (int)total);
        if (from.Failed) return false;
        for (int b = 0, w = 0, s = 0; b < read.Length; b++)
        {
            if (words[b] <= 0) continue;
            for (var i = 0; i < words[b]; i++, w++) read[b].States!.Add(new(texts[w]!, ticks[w], (int)entries[w]));
            if ((ulong)first[s] >= (ulong)words[b] || (ulong)last[s] >= (ulong)words[b]) return false;
            read[b].FirstWord = read[b].States![(int)first[s]].Word;
            read[b].LastWord = read[b].States![(int)last[s]].Word;
            s++;
        }
        return true;
    }

    private void Write<T>(IReadOnlyList<T> items, Func<T, long> of, bool time = false)
    {
        var column = new long[items.Count];
        for (var i = 0; i < column.Length; i++) column[i] = of(items[i]);
        _ints.Write(_writer, column, time);
    }

    private void WriteReals(List<RollupBucket> buckets, Func<RollupBucket, double> of)
    {
        var column = new long[buckets.Count];
        for (var i = 0; i < column.Length; i++) column[i] = BitConverter.DoubleToInt64Bits(of(buckets[i]));
        _reals.Write(_writer, column);
    }

    private long[] Ints(ref ByteReader from, int count)
    {
        var column = new long[count];
        _ints.Read(ref from, column);
        return column;
    }

    private void ReadReals(ref ByteReader from, List<RollupBucket> buckets, Action<RollupBucket, double> set)
    {
        var column = new long[buckets.Count];
        _reals.Read(ref from, column);
        for (var i = 0; i < column.Length; i++) set(buckets[i], BitConverter.Int64BitsToDouble(column[i]));
    }

    public void Dispose() => _planes.Dispose();
}
