using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Query;
using Ieum.Record.Store;
using Ieum.Record.Tend;
using Microsoft.Extensions.Logging;

namespace Ieum.Record.Ingest;

/// <summary>Reads back what the memory knows about the database: at the start, and after a server was lost in the middle of a commit.</summary>
/// <param name="LastTail">Number of the newest row of the tail.</param>
/// <param name="DamagedRows">Rows of the tail that were moved aside.</param>
internal sealed record Restoring(long LastTail, int TailRows, int DamagedRows)
{
    public static Restoring Run(RecordState state, BlockShelf shelf, IReadOnlyList<Tier> kept, ReadSession session, WriteSession write, Clocks clocks, ILogger log)
    {
        state.Reload(kept, session);
        RestoreLast(state, shelf, session);
        var (damaged, lastTail, rows) = RestoreTail(state, session, log);
        if (damaged.Count > 0) write.MoveToDamage(damaged, clocks.Factory.GetUtcNow().UtcTicks);
        return new(lastTail, rows, damaged.Count);
    }

    // The newest sealed sample of each signal; the tail then overtakes it where it is newer.
    private static void RestoreLast(RecordState state, BlockShelf shelf, ReadSession session)
    {
        var block = new SampleColumns();
        var one = new Sample[1];
        foreach (var (signal, end, id) in session.Newest().ToList())
        {
            state.SetNewestEnd(signal, end);
            if (!shelf.TryRead(session, new(signal), new(id, 0, end), block)) continue;
            one[0] = block.At(new(signal), block.Count - 1);
            state.Last.Offer(one);
        }
    }

    private static (List<(long Id, string Reason)> Damaged, long LastTail, int Rows) RestoreTail(RecordState state, ReadSession session, ILogger log)
    {
        List<(long, string)> damaged = [];
        var columns = new SampleColumns();
        Sample[] samples = [];
        long lastTail = 0;
        var rows = 0;
        foreach (var (id, bytes) in session.Tail())
        {
            lastTail = id;
            if (!session.Codec.TryDecode(bytes, columns, out var reason) || columns.Signal is null)
            {
                reason ??= "a row of the tail has no signals";
                damaged.Add((id, reason));
                Log.Damaged(log, "tail", id, bytes.Length, reason);
                continue;
            }
            rows++;
            if (samples.Length < columns.Count) samples = new Sample[columns.Count];
            for (var i = 0; i < columns.Count; i++) samples[i] = columns.At(new(columns.Signal[i]), i);
            state.Show(columns);
            state.Last.Offer(samples.AsSpan(0, columns.Count));
        }
        return (damaged, lastTail, rows);
    }
}
