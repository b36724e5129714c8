using Ieum.Record.Ingest;
using Ieum.Record.Tend;

namespace Ieum.Record.Store;

/// <summary>Upkeep: sums, merged blocks, what is dropped and what is deleted on request.</summary>
internal sealed partial class WriteSession
{
    private const string UpsertRollup = """
        INSERT INTO rollup(signal, tier, "start", bytes) VALUES (@signal, @tier, @start, @bytes)
        ON CONFLICT(signal, tier, "start") DO UPDATE SET bytes = excluded.bytes
        """;
    private const string UpsertRolled = """
        INSERT INTO rolled(signal, tier, through) VALUES (@signal, @tier, @through)
        ON CONFLICT(signal, tier) DO UPDATE SET through = excluded.through
        """;

    /// <param name="settled">Per signal the hours whose sums are good now; known only when it commits.</param>
    public void Tend(TendedWork work, IReadOnlyList<Tier> kept, IReadOnlyList<(int Signal, long Hour)> settled, Action<Action> committing) => InTransaction(() =>
    {
        WriteRollups(work.Rollups);
        using var rolled = _connection.Prepared(UpsertRolled);
        foreach (var (signal, through) in work.Rolled)
            foreach (var tier in kept) rolled.Run(signal, (int)tier, through);
        using var fresh = _connection.Prepared("DELETE FROM stale WHERE signal = @signal AND hour = @hour");
        foreach (var (signal, hour) in settled) fresh.Run(signal, hour);
        foreach (var r in work.Replaced) Replace(r);
        foreach (var (signal, through) in work.Merged) rolled.Run(signal, Tiers.Merged, through);
        using var drop = _connection.Prepared("DELETE FROM block WHERE id = @id");
        foreach (var (signal, blocks, rawFrom) in work.Dropped)
        {
            foreach (var id in blocks) drop.Run(id);
            rolled.Run(signal, Tiers.RawFrom, rawFrom);
        }
        using var forget = _connection.Prepared("""DELETE FROM rollup WHERE tier = @tier AND "start" < @before""");
        foreach (var (tier, before) in work.Forgotten) forget.Run((int)tier, before);
    }, committing);

    public void Delete(DeletedWork work, long at, string reason, Action<Action> committing) => InTransaction(() =>
    {
        if (work.Tail is { } tail) WriteTail(tail);
        foreach (var r in work.Replaced) Replace(r);
        WriteRollups(work.Rollups);
        SaveStale(work.Stale.Select(h => (work.Signal, h)));
        using var newest = _connection.Prepared("""
            UPDATE sealed SET newest_end = coalesce((SELECT max("end") FROM block WHERE signal = @signal), 0),
              newest_block = coalesce((SELECT id FROM block WHERE signal = @signal ORDER BY "end" DESC, id DESC LIMIT 1), 0) WHERE signal = @signal
            """);
        newest.Run(work.Signal);
        // A refusal shows a value; a damaged row of the tail holds values of nobody knows whom.
        using var refusals = _connection.Prepared("DELETE FROM rejection WHERE signal = @signal");
        refusals.Run(work.Signal);
        _connection.Run("DELETE FROM damage");
        using var log = _connection.Prepared("""
            INSERT INTO deletion(at, signal, "start", "end", samples, reason) VALUES (@at, @signal, @start, @end, @samples, @reason)
            """);
        log.Run(at, work.Signal, work.From, work.To, work.Samples, Keep(reason));
    }, committing);

    /// <summary>Nothing of what was deleted is in the bytes of the files after it; false while a question still reads an older state.</summary>
    public bool Purge() => _engine.Purge(_connection);

    private void WriteTail(SealedTail seal)
    {
        _dropTail.Run(seal.UpTo);
        for (var i = 0; i < seal.Carried.Count; i++)
            _tail.Run(seal.UpTo - seal.Carried.Count + 1 + i, seal.Carried[i].Count, seal.Carried[i].Bytes);
    }

    private void SaveStale(IEnumerable<(int Signal, long Hour)> hours)
    {
        using var stale = _connection.Prepared("INSERT INTO stale(signal, hour) VALUES (@signal, @hour) ON CONFLICT(signal, hour) DO NOTHING");
        foreach (var (signal, hour) in hours) stale.Run(signal, hour);
    }

    private void WriteRollups(List<RollupRow> rows)
    {
        using var upsert = _connection.Prepared(UpsertRollup);
        using var drop = _connection.Prepared("""DELETE FROM rollup WHERE signal = @signal AND tier = @tier AND "start" = @start""");
        foreach (var row in rows)
            if (row.Bytes is { } bytes) upsert.Run(row.Signal, (int)row.Tier, row.Chunk, bytes);
            else drop.Run(row.Signal, (int)row.Tier, row.Chunk);
    }

    private void Replace(Replacement r)
    {
        using var drop = _connection.Prepared("DELETE FROM block WHERE id = @id");
        foreach (var id in r.Old) drop.Run(id);
        for (var i = 0; i < r.Fresh.Count; i++)
        {
            var b = r.Fresh[i];
            var id = r.Old[r.Old.Length - r.Fresh.Count + i];
            _block.Run(id, b.Signal, b.Start, b.End, b.Count, b.Bytes);
            _sealed.Run(b.Signal, b.End - b.Start, b.End, id);
        }
    }
}
