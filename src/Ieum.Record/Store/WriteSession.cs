using Ieum.Model;
using Ieum.Record.Ingest;
using Microsoft.Data.Sqlite;

namespace Ieum.Record.Store;

/// <summary>The one connection that writes. Every method is one transaction: all of it stands afterwards, or nothing.</summary>
internal sealed class WriteSession : IDisposable
{
    public const int RejectionRows = 10_000;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _signal, _tail, _dropTail, _block, _sealed, _gap, _rejection, _trimRejections, _damage, _mark;
    private readonly SqliteCommand _begin, _commit, _rollback;
    private long _nextBlock;

    public WriteSession(SqliteConnection connection)
    {
        _connection = connection;
        _signal = connection.Prepared("""
            INSERT INTO signal(number, machine, name, unit, symbol, quantity, kind, role, description)
            VALUES ($number, $machine, $name, $unit, $symbol, $quantity, $kind, $role, $description)
            ON CONFLICT(number) DO UPDATE SET unit = excluded.unit, symbol = excluded.symbol, quantity = excluded.quantity,
              kind = excluded.kind, role = excluded.role, description = excluded.description
            """, "$number", "$machine", "$name", "$unit", "$symbol", "$quantity", "$kind", "$role", "$description");
        _tail = connection.Prepared("INSERT INTO tail(id, count, bytes) VALUES ($id, $count, $bytes)", "$id", "$count", "$bytes");
        _dropTail = connection.Prepared("DELETE FROM tail WHERE id <= $id", "$id");
        _block = connection.Prepared("""
            INSERT INTO block(id, signal, "start", "end", count, bytes) VALUES ($id, $signal, $start, $end, $count, $bytes)
            """, "$id", "$signal", "$start", "$end", "$count", "$bytes");
        _sealed = connection.Prepared("""
            INSERT INTO sealed(signal, longest, newest_end, newest_block) VALUES ($signal, $longest, $end, $block)
            ON CONFLICT(signal) DO UPDATE SET longest = max(longest, excluded.longest),
              newest_block = CASE WHEN excluded.newest_end >= newest_end THEN excluded.newest_block ELSE newest_block END,
              newest_end = max(newest_end, excluded.newest_end)
            """, "$signal", "$longest", "$end", "$block");
        _gap = connection.Prepared("""
            INSERT INTO gap(source, "start", "end", cause, lost, detail) VALUES ($source, $start, $end, $cause, $lost, $detail)
            """, "$source", "$start", "$end", "$cause", "$lost", "$detail");
        _rejection = connection.Prepared("""
            INSERT INTO rejection(at, source, machine, signal, rule, count, example) VALUES ($at, $source, $machine, $signal, $rule, $count, $example)
            """, "$at", "$source", "$machine", "$signal", "$rule", "$count", "$example");
        _trimRejections = connection.Prepared("DELETE FROM rejection WHERE id <= (SELECT max(id) FROM rejection) - $keep", "$keep");
        _damage = connection.Prepared("INSERT INTO damage(at, place, row, reason, bytes) SELECT $at, 'tail', id, $reason, bytes FROM tail WHERE id = $id",
            "$at", "$reason", "$id");
        _mark = connection.Prepared("""
            INSERT INTO mark(source, number, through, place) VALUES ($source, $number, $through, $place)
            ON CONFLICT(source) DO UPDATE SET number = excluded.number, through = excluded.through, place = excluded.place
            """, "$source", "$number", "$through", "$place");
        _begin = connection.Prepared("BEGIN IMMEDIATE");
        _commit = connection.Prepared("COMMIT");
        _rollback = connection.Prepared("ROLLBACK");
        _nextBlock = connection.Number("SELECT coalesce(max(id), 0) + 1 FROM block");
    }

    internal SqliteConnection Connection => _connection;

    /// <summary>Makes a group of batches durable: signals first, then samples, gaps and refusals, and how far each source is with them.</summary>
    public void Append(IReadOnlyList<(int Number, Signal Signal)> signals, long firstTail, IReadOnlyList<(int Count, byte[] Bytes)> rows,
        Marks.Group group) => InTransaction(() =>
    {
        foreach (var (number, s) in signals)
            _signal.Run(number, s.Id.Machine.Value, s.Id.Name, s.Unit.Code, s.Unit.Symbol, s.Unit.Quantity, (int)s.Kind, (int)s.Role, s.Description);
        for (var i = 0; i < rows.Count; i++) _tail.Run(firstTail + i, rows[i].Count, rows[i].Bytes);
        var refused = false;
        foreach (var (source, mark) in group.Marks) _mark.Run(source.Value, mark.Number, mark.Through.UtcTicks, mark.Place ?? (object)DBNull.Value);
        foreach (var batch in group.Fresh)
        {
            foreach (var g in batch.Gaps)
                _gap.Run(g.Source.Value, g.Range.From.UtcTicks, g.Range.To.UtcTicks, (int)g.Cause, g.Lost ?? (object)DBNull.Value, g.Detail);
            foreach (var r in batch.Rejections)
            {
                _rejection.Run(r.At.UtcTicks, r.Source.Value, r.Machine.Value, r.Signal.Value, r.Rule, r.Count, r.Example);
                refused = true;
            }
        }
        if (refused) _trimRejections.Run(RejectionRows);
    });

    /// <summary>Swaps the tail up to a row for blocks and fewer rows. <paramref name="committing"/> runs the commit, so that the caller can swap its memory with it.</summary>
    public void Seal(SealedTail seal, Action<Action> committing)
    {
        var firstBlock = _nextBlock;
        InTransaction(() =>
        {
            _dropTail.Run(seal.UpTo);
            for (var i = 0; i < seal.Carried.Count; i++)
                _tail.Run(seal.UpTo - seal.Carried.Count + 1 + i, seal.Carried[i].Count, seal.Carried[i].Bytes);
            for (var i = 0; i < seal.Blocks.Count; i++)
            {
                var b = seal.Blocks[i];
                _block.Run(firstBlock + i, b.Signal, b.Start, b.End, b.Count, b.Bytes);
                _sealed.Run(b.Signal, b.End - b.Start, b.End, firstBlock + i);
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
            using var drop = _connection.Prepared("DELETE FROM tail WHERE id = $id", "$id");
            drop.Run(id);
        }
    });

    /// <summary>Gives free pages back to the disk and empties the write-ahead log.</summary>
    public void Shrink()
    {
        // The pragma frees a page a step, so its rows must be read to the end.
        using (var vacuum = _connection.Prepared("PRAGMA incremental_vacuum"))
        using (var steps = vacuum.ExecuteReader())
            while (steps.Read()) { }
        _connection.Run("PRAGMA wal_checkpoint(TRUNCATE)");
    }

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
                _rollback.ExecuteNonQuery();
            }
            catch (SqliteException)
            {
                // After "disk full" SQLite has rolled back by itself; there is nothing left to undo.
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
