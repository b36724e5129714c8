using System.Data.Common;
using Ieum.Model;
using Ieum.Record.Ingest;
using Ieum.Record.Tend;

namespace Ieum.Record.Store;

/// <summary>The one connection that writes. Every method is one transaction: all of it stands afterwards, or nothing.</summary>
internal sealed partial class WriteSession : IDisposable
{
    public const int RejectionRows = 10_000;

    private readonly Engine _engine;
    private readonly DbConnection _connection;
    private readonly DbCommand _signal, _tail, _dropTail, _block, _sealed, _gap, _rejection, _trimRejections, _damage, _mark;
    private readonly DbCommand _begin, _commit, _rollback;
    private long _nextBlock;

    public WriteSession(Engine engine)
    {
        _engine = engine;
        var connection = _connection = engine.Connect();
        _signal = connection.Prepared("""
            INSERT INTO signal(number, machine, name, unit, symbol, quantity, kind, role, description)
            VALUES (@number, @machine, @name, @unit, @symbol, @quantity, @kind, @role, @description)
            ON CONFLICT(number) DO UPDATE SET unit = excluded.unit, symbol = excluded.symbol, quantity = excluded.quantity,
              kind = excluded.kind, role = excluded.role, description = excluded.description
            """);
        _tail = connection.Prepared("INSERT INTO tail(id, count, bytes) VALUES (@id, @count, @bytes)");
        _dropTail = connection.Prepared("DELETE FROM tail WHERE id <= @id");
        _block = connection.Prepared("""
            INSERT INTO block(id, signal, "start", "end", count, bytes) VALUES (@id, @signal, @start, @end, @count, @bytes)
            """);
        _sealed = connection.Prepared("""
            INSERT INTO sealed(signal, longest, newest_end, newest_block) VALUES (@signal, @longest, @end, @block)
            ON CONFLICT(signal) DO UPDATE SET longest = CASE WHEN excluded.longest > sealed.longest THEN excluded.longest ELSE sealed.longest END,
              newest_block = CASE WHEN excluded.newest_end >= sealed.newest_end THEN excluded.newest_block ELSE sealed.newest_block END,
              newest_end = CASE WHEN excluded.newest_end > sealed.newest_end THEN excluded.newest_end ELSE sealed.newest_end END
            """);
        _gap = connection.Prepared("""
            INSERT INTO gap(source, "start", "end", cause, lost, detail) VALUES (@source, @start, @end, @cause, @lost, @detail)
            """);
        _rejection = connection.Prepared("""
            INSERT INTO rejection(at, source, machine, signal, rule, count, example) VALUES (@at, @source, @machine, @signal, @rule, @count, @example)
            """);
        _trimRejections = connection.Prepared("DELETE FROM rejection WHERE id <= (SELECT max(id) FROM rejection) - @keep");
        _damage = connection.Prepared("""INSERT INTO damage(at, place, "row", reason, bytes) SELECT @at, 'tail', id, @reason, bytes FROM tail WHERE id = @id""");
        _mark = connection.Prepared("""
            INSERT INTO mark(source, number, through, place) VALUES (@source, @number, @through, @place)
            ON CONFLICT(source) DO UPDATE SET number = excluded.number, through = excluded.through, place = excluded.place
            """);
        _begin = connection.Prepared(engine.BeginWrite);
        _commit = connection.Prepared("COMMIT");
        _rollback = connection.Prepared("ROLLBACK");
        _nextBlock = connection.Number("SELECT coalesce(max(id), 0) + 1 FROM block");
    }

    internal DbConnection Connection => _connection;

    /// <summary>Whether the connection can write; a server may have closed it, or died.</summary>
    public bool IsOpen => _connection.State == System.Data.ConnectionState.Open;

    /// <summary>Makes a group of batches durable: signals first, then samples, gaps and refusals, and how far each source is with them.</summary>
    public void Append(IReadOnlyList<(int Number, Signal Signal)> signals, long firstTail, IReadOnlyList<(int Count, byte[] Bytes)> rows,
        Marks.Group group) => InTransaction(() =>
    {
        foreach (var (number, s) in signals)
            _signal.Run(number, Keep(s.Id.Machine.Value), Keep(s.Id.Name), Keep(s.Unit.Code), Keep(s.Unit.Symbol), Keep(s.Unit.Quantity), (int)s.Kind, (int)s.Role, Keep(s.Description));
        for (var i = 0; i < rows.Count; i++) _tail.Run(firstTail + i, rows[i].Count, rows[i].Bytes);
        var refused = false;
        foreach (var (source, mark) in group.Marks) _mark.Run(Keep(source.Value), mark.Number, mark.Through.UtcTicks, mark.Place is { } place ? Keep(place) : DBNull.Value);
        foreach (var batch in group.Fresh)
        {
            foreach (var g in batch.Gaps)
                _gap.Run(Keep(g.Source.Value), g.Range.From.UtcTicks, g.Range.To.UtcTicks, (int)g.Cause, g.Lost ?? (object)DBNull.Value, Keep(g.Detail));
            foreach (var r in batch.Rejections)
            {
                _rejection.Run(r.At.UtcTicks, Keep(r.Source.Value), Keep(r.Machine.Value), r.Signal.Value, r.Rule, r.Count, Keep(r.Example));
                refused = true;
            }
        }
        if (refused) _trimRejections.Run(RejectionRows);
    });

    /// <summary>Swaps the tail up to a row for blocks and fewer rows. <paramref name="committing"/> runs the commit, so that the caller can swap its memory with it.</summary>
    /// <param name="stale">Hours whose sums late samples made stale.</param>
    /// <param name="late">Signals that got blocks before what was merged, and the start of the first.</param>
    public void Seal(SealedTail seal, IReadOnlyList<(int Signal, long Hour)> stale, IReadOnlyDictionary<int, long> late, Action<Action> committing)
    {
        var firstBlock = _nextBlock;
        InTransaction(() =>
        {
            WriteTail(seal);
            if (stale.Count > 0) SaveStale(stale);
            foreach (var (signal, start) in late)
            {
                using var back = _connection.Prepared("UPDATE rolled SET through = @start WHERE signal = @signal AND tier = @tier AND through > @start");
                back.Run(start, signal, Tiers.Merged);
            }
            long longest = 0, newest = 0, newestEnd = 0;
            for (var i = 0; i < seal.Blocks.Count; i++)
            {
                var b = seal.Blocks[i];
                _block.Run(firstBlock + i, b.Signal, b.Start, b.End, b.Count, b.Bytes);
                longest = Math.Max(longest, b.End - b.Start);
                if (b.End >= newestEnd) (newest, newestEnd) = (firstBlock + i, b.End);
                // The blocks of a signal stand together; what is said of them is written once.
                if (i + 1 < seal.Blocks.Count && seal.Blocks[i + 1].Signal == b.Signal) continue;
                _sealed.Run(b.Signal, longest, newestEnd, newest);
                (longest, newest, newestEnd) = (0, 0, 0);
            }
        }, committing);
        _nextBlock = firstBlock + seal.Blocks.Count;
    }

    /// <summary>Moves damaged tail rows aside, with their bytes.</summary>
    public void MoveToDamage(IReadOnlyList<(long Id, string Reason)> rows, long at) => InTransaction(() =>
    {
        foreach (var (id, reason) in rows)
        {
            _damage.Run(at, reason, id);
            using var drop = _connection.Prepared("DELETE FROM tail WHERE id = @id");
            drop.Run(id);
        }
    });

    /// <summary>Gives free room back to the disk and empties the write-ahead log.</summary>
    public void Shrink() => _engine.Shrink(_connection);

    private string Keep(string text) => _engine.Keep(text);

    private void InTransaction(Action work, Action<Action>? committing = null)
    {
        _begin.ExecuteNonQuery();
        try
        {
            work();
            if (committing is null) _commit.ExecuteNonQuery(); else committing(() => _commit.ExecuteNonQuery());
        }
        catch
        {
            try
            {
                if (IsOpen) _rollback.ExecuteNonQuery();
            }
            catch (DbException)
            {
                // After "disk full" SQLite has rolled back by itself, after a lost connection PostgreSQL has; there is nothing left to undo.
            }
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var command in new[] { _signal, _tail, _dropTail, _block, _sealed, _gap, _rejection, _trimRejections, _damage, _mark, _begin, _commit, _rollback })
            command.Dispose();
        _connection.Dispose();
    }
}
