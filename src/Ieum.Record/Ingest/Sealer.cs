using Ieum.Record.Blocks;

namespace Ieum.Record.Ingest;

/// <summary>One compressed stretch of one signal, ready to be stored.</summary>
internal sealed record SealedBlock(int Signal, long Start, long End, int Count, byte[] Bytes);

/// <summary>What sealing makes of the tail up to a row: blocks, and the rest as fewer tail rows.</summary>
/// <param name="UpTo">The last tail row that is replaced.</param>
/// <param name="Left">What stays open of each sealed signal.</param>
/// <param name="Carried">Tail rows with all samples that stay open.</param>
internal sealed record SealedTail(long UpTo, List<SealedBlock> Blocks, List<StillOpen> Left, List<(int Count, byte[] Bytes)> Carried);

/// <summary>Of a signal's open samples the first <paramref name="Viewed"/> were looked at; in order of time the first <paramref name="Dropped"/> of those go.</summary>
/// <param name="Sorted">The samples in order of time; null when they lie so already.</param>
internal readonly record struct StillOpen(int Signal, int Viewed, int Dropped, SampleColumns? Sorted);

/// <summary>Makes blocks of open samples. Pure work on a view, away from the writer; the writer then swaps tail rows for blocks in one transaction.</summary>
internal sealed class Sealer(int blockSamples, BlockCodec blocks, BlockCodec tail)
{
    /// <summary>Samples in one row of the tail at most: its bytes are then no large object, which would cost a collection of all memory every few rows.</summary>
    public const int RowSamples = 4096;

    /// <param name="least">Signals with fewer open samples stay open. Below the size of a block, blocks are closed before they are full.</param>
    /// <param name="newestEnd">End of the newest block of a signal; what is older goes into blocks of its own, so that late samples do not stretch the current one.</param>
    public SealedTail Seal(long upTo, List<(int Signal, SampleColumns Columns)> open, int least, Func<int, long> newestEnd)
    {
        var result = new SealedTail(upTo, [], [], []);
        var carried = new SampleColumns { Signal = new int[RowSamples] };
        foreach (var (signal, columns) in open)
        {
            if (columns.Count < least)
            {
                Carry(result, carried, signal, columns, 0);
                continue;
            }
            var sorted = columns.Sorted();
            var late = sorted.FirstAtOrAfter(newestEnd(signal));
            var at = 0;
            while (at < late) at += Block(result, signal, sorted, at, Math.Min(blockSamples, late - at));
            while (sorted.Count - at >= blockSamples) at += Block(result, signal, sorted, at, blockSamples);
            if (least < blockSamples && sorted.Count - at >= least) at += Block(result, signal, sorted, at, sorted.Count - at);
            result.Left.Add(new(signal, columns.Count, at, ReferenceEquals(sorted, columns) ? null : sorted));
            Carry(result, carried, signal, sorted, at);
        }
        Flush(result, carried);
        return result;
    }

    /// <summary>The tail written anew, with nothing sealed: how samples leave it.</summary>
    public SealedTail Carry(long upTo, IEnumerable<(int Signal, SampleColumns Columns)> open)
    {
        var result = new SealedTail(upTo, [], [], []);
        var carried = new SampleColumns { Signal = new int[RowSamples] };
        foreach (var (signal, columns) in open) Carry(result, carried, signal, columns, 0);
        Flush(result, carried);
        return result;
    }

    private int Block(SealedTail result, int signal, SampleColumns sorted, int at, int count)
    {
        result.Blocks.Add(new(signal, sorted.Source[at], sorted.Source[at + count - 1], count, blocks.Encode(sorted, at, count).ToArray()));
        return count;
    }

    private void Carry(SealedTail result, SampleColumns carried, int signal, SampleColumns from, int start)
    {
        while (start < from.Count)
        {
            var part = Math.Min(from.Count - start, RowSamples - carried.Count);
            carried.Signal.AsSpan(carried.Count, part).Fill(signal);
            carried.AddRange(from, start, part);
            start += part;
            if (carried.Count == RowSamples) Flush(result, carried);
        }
    }

    private void Flush(SealedTail result, SampleColumns carried)
    {
        if (carried.Count == 0) return;
        result.Carried.Add((carried.Count, tail.Encode(carried, 0, carried.Count).ToArray()));
        carried.Count = 0;
    }
}
