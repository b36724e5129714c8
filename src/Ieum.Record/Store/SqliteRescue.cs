using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Ieum.Record.Store;

/// <summary>What was saved of a file with damaged pages.</summary>
/// <param name="KeptAs">Where the damaged file lies now.</param>
/// <param name="Rows">Rows that were copied.</param>
/// <param name="Stretches">Places where rows could not be read; each may have been several rows.</param>
/// <param name="Blocks">Blocks that are known to be lost; table <c>damage</c> names their signals and times.</param>
internal sealed record RescueReport(string KeptAs, long Rows, int Stretches, int Blocks);

/// <summary>
/// Copies what is readable of <c>measurements.db</c> into a new file. SQLite stops at a page that makes no sense (torn write, bad sector, cut
/// file); rows behind it are found again by asking for higher numbers. Not a byte of the damaged file is changed.
/// </summary>
internal sealed class SqliteRescue(SqliteConnection old, DbConnection fresh)
{
    private static readonly string[] Tables = ["meta", "signal", "tail", "block", "mark", "gap", "rejection", "damage", "rollup", "rolled", "stale", "deletion"];

    private long _rows;
    private int _stretches;

    public static bool IsDamage(Exception error) => error is SqliteException { SqliteErrorCode: 11 or 26 };

    /// <exception cref="RecordException">Not even the list of tables is readable.</exception>
    public RescueReport Run(string keptAs)
    {
        HashSet<string> known;
        try
        {
            known = [.. Names("SELECT name FROM sqlite_master WHERE type = 'table'")];
        }
        catch (SqliteException e)
        {
            throw new RecordException(RecordRules.DamagedBlock, $"The beginning of '{old.DataSource}' is damaged, so that nothing in it can be found. Put the file aside and restore the newest backup.", e);
        }
        fresh.Run("BEGIN");
        var sums = 0;
        foreach (var table in Tables.Where(known.Contains))
        {
            var before = _stretches;
            Copy(table);
            if (table is "rollup" or "rolled" or "stale") sums += _stretches - before;
        }
        Mend(sums > 0);
        var blocks = NameLostBlocks();
        fresh.Run("COMMIT");
        return new(keptAs, _rows, _stretches, blocks);
    }

    private List<string> Names(string sql)
    {
        List<string> names = [];
        using var ask = old.CreateCommand();
        ask.CommandText = sql;
        using var rows = ask.ExecuteReader();
        while (rows.Read()) names.Add(rows.GetString(0));
        return names;
    }

    private void Copy(string table)
    {
        // What a new file says of itself holds; all else it says as the old one did.
        var columns = new List<string>();
        using (var ask = fresh.Prepared($"SELECT name FROM pragma_table_info('{table}')"))
        using (var rows = ask.ExecuteReader())
            while (rows.Read()) columns.Add($"\"{rows.GetString(0)}\"");
        var list = string.Join(", ", columns);
        using var read = old.Prepared($"SELECT rowid, {list} FROM {table} WHERE rowid > @after ORDER BY rowid");
        using var one = old.Prepared($"SELECT rowid, {list} FROM {table} WHERE rowid > @after ORDER BY rowid LIMIT 1");
        using var write = fresh.Prepared($"INSERT OR IGNORE INTO {table}(rowid, {list}) VALUES (@rowid, {string.Join(", ", columns.Select((_, i) => $"@c{i}"))})");
        if (table == "meta") fresh.Run("DELETE FROM meta WHERE key <> 'schema'");
        for (long? after = long.MinValue; after is { } from;)
        {
            try
            {
                using var rows = read.Ask(from);
                while (rows.Read())
                {
                    Write(table, write, rows);
                    from = rows.GetInt64(0);
                }
                return;
            }
            catch (DbException e) when (IsDamage(e))
            {
                _stretches++;
                after = Behind(one, from);
            }
        }
    }

    private void Write(string table, DbCommand write, DbDataReader row)
    {
        for (var i = 0; i < row.FieldCount; i++) write.Parameters[i].Value = row.GetValue(i);
        try
        {
            if (write.ExecuteNonQuery() > 0) _rows++;
            else if (table != "meta") _stretches++;   // a row without what must be there: made of an empty page
        }
        catch (SqliteException e) when (e.SqliteErrorCode is 19 or 20)
        {
            _stretches++;   // a row that cannot be: bytes of another page
        }
    }

    /// <summary>After which number rows are readable again: ever larger steps, then back by halves. Null when none is.</summary>
    private static long? Behind(DbCommand one, long from)
    {
        long fails = from, works = 0;
        var found = false;
        // From nothing numbers begin at one or not far below.
        if (fails == long.MinValue) fails = -1_000_000;
        for (long step = 1; step < 1L << 42 && !found; step *= 2)
        {
            works = fails + step;
            found = CanRead(one, works);
        }
        if (!found) return null;
        while (works - fails > 1)
        {
            var middle = fails + (works - fails) / 2;
            if (CanRead(one, middle)) works = middle; else fails = middle;
        }
        return works;
    }

    /// <summary>Whether the row behind a number can be read, or it is known that there is none.</summary>
    private static bool CanRead(DbCommand one, long after)
    {
        try
        {
            using var rows = one.Ask(after);
            if (rows.Read())
                for (var i = 0; i < rows.FieldCount; i++) rows.GetValue(i);
            return true;
        }
        catch (DbException e) when (IsDamage(e))
        {
            return false;
        }
    }

    private void Mend(bool sumsLost)
    {
        fresh.Run("""
            INSERT INTO sealed(signal, longest, newest_end, newest_block)
            SELECT signal, max("end" - "start"), max("end"), (SELECT id FROM block n WHERE n.signal = b.signal ORDER BY "end" DESC, id DESC LIMIT 1) FROM block b GROUP BY signal
            """);
        // A number whose name is lost must not be given to another signal.
        fresh.Run("""
            WITH RECURSIVE used(number) AS (SELECT max(number) FROM (SELECT max(signal) number FROM block UNION SELECT max(signal) FROM rolled UNION SELECT max(number) FROM signal)
              UNION ALL SELECT number - 1 FROM used WHERE number > 1)
            INSERT INTO signal(number, machine, name, unit, symbol, quantity, kind, role, description)
            SELECT number, 'rescued', 's' || number, '1', '', '', 1, 0, '' FROM used WHERE number >= 1 AND number NOT IN (SELECT number FROM signal)
            """);
        // Sums can be made anew where the samples still are; where they were dropped, what is left of the sums is all there is.
        if (sumsLost)
            fresh.Run(string.Create(CultureInfo.InvariantCulture, $"DELETE FROM rolled WHERE tier BETWEEN 0 AND 3 AND signal NOT IN (SELECT signal FROM rolled WHERE tier = {Tend.Tiers.RawFrom})"));
    }

    /// <summary>The index names blocks whose rows are lost, as far as it is readable itself.</summary>
    private int NameLostBlocks()
    {
        var lost = 0;
        using var known = fresh.Prepared("SELECT count(*) FROM block WHERE id = @id");
        using var name = fresh.Prepared("""INSERT INTO damage(at, place, "row", reason, bytes) VALUES (@start, 'block', @row, @reason, @bytes)""");
        try
        {
            using var ask = old.Prepared("""SELECT rowid, signal, "start", "end" FROM block INDEXED BY block_by_time ORDER BY signal, "start", "end" """);
            using var rows = ask.ExecuteReader();
            while (rows.Read())
            {
                var id = rows.GetInt64(0);
                if (Convert.ToInt64(Scalar(known, id), CultureInfo.InvariantCulture) > 0) continue;
                name.Run(rows.GetInt64(2), id, $"page damaged: signal {rows.GetInt64(1)}, {Time(rows.GetInt64(2))} to {Time(rows.GetInt64(3))}", Array.Empty<byte>());
                lost++;
            }
        }
        catch (DbException e) when (IsDamage(e))
        {
            _stretches++;
        }
        return lost;
    }

    private static object? Scalar(DbCommand command, long id)
    {
        command.Parameters[0].Value = id;
        return command.ExecuteScalar();
    }

    private static string Time(long ticks) => ticks >= 0 && ticks <= DateTime.MaxValue.Ticks ? new DateTime(ticks, DateTimeKind.Utc).ToString("o", CultureInfo.InvariantCulture) : "?";
}
