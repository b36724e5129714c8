using System.Collections.Concurrent;
using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Store;

namespace Ieum.Record.Ingest;

/// <summary>
/// What writer and readers share. One lock makes a swap of tail for blocks happen at once in memory and in the
/// file: a reader lists blocks and copies open samples under it, so it sees each sample exactly once.
/// </summary>
internal sealed class RecordState(MeasurementFile file, SignalDirectory signals, Gatekeeper gate, OpenBlocks open, LastValues last, Marks marks)
{
    private readonly Lock _swap = new();
    private readonly ConcurrentDictionary<int, long> _newestEnd = [];

    public MeasurementFile File => file;
    public SignalDirectory Signals => signals;
    public Gatekeeper Gate => gate;
    public OpenBlocks Open => open;
    public LastValues Last => last;
    public Marks Marks => marks;

    /// <summary>End of the signal's newest block in ticks; 0 when it has none.</summary>
    public long NewestEnd(int signal) => _newestEnd.GetValueOrDefault(signal);

    public void SetNewestEnd(int signal, long end) => _newestEnd.AddOrUpdate(signal, end, (_, before) => Math.Max(before, end));

    /// <summary>Durable samples become visible.</summary>
    public void Show(ReadOnlySpan<Sample> samples)
    {
        lock (_swap)
            foreach (ref readonly var sample in samples) open.Add(sample);
        last.Offer(samples);
    }

    public List<(int Signal, SampleColumns Columns)> View()
    {
        lock (_swap) return open.View();
    }

    public void Swap(SealedTail seal, Action commit)
    {
        lock (_swap)
        {
            commit();
            foreach (var (signal, viewed, left) in seal.Left) open.Replace(signal, viewed, left);
        }
        foreach (var block in seal.Blocks) SetNewestEnd(block.Signal, block.End);
    }

    /// <summary>Blocks that may touch the time span, and a sorted copy of the signal's open samples; together each sample once.</summary>
    public (List<BlockPlace> Blocks, SampleColumns? Open) Find(ReadSession session, SignalNumber signal, long from, long to)
    {
        lock (_swap) return (session.Places(signal, from, to), open.CopyOf(signal));
    }

    /// <summary>The same for the newest sample before an instant.</summary>
    public (List<BlockPlace> Blocks, SampleColumns? Open) FindBefore(ReadSession session, SignalNumber signal, long instant)
    {
        lock (_swap) return (session.PlacesBefore(signal, instant), open.CopyOf(signal));
    }
}
