using System.Buffers.Binary;
using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Ieum.Record.Store;

namespace Ieum.Record;

/// <summary>What a copy holds, and that both sides are the same.</summary>
/// <param name="Rows">Rows by table.</param>
/// <param name="Samples">Samples in blocks and tail.</param>
/// <param name="Copied">Rows that had to be written; a second run writes only what changed since the first.</param>
/// <param name="Digest">SHA-256 over every row of every table in order, in hexadecimal; the same in each engine.</param>
public sealed record TransferReport(IReadOnlyDictionary<string, long> Rows, long Samples, long Copied, string Digest);

/// <summary>
/// Copies all measurements from one place to another, in either engine, while the recorder of the source goes on. It reads one state of the
/// source, writes what the target lacks, reads both sides again and compares them row by row.
/// </summary>
public static class RecordTransfer
{
    private const int RowsPerCommit = 2000;

    private sealed record Table(string Name, string Key, string Columns);

    // In this order, so that a copy that was cut off never has a block without its signal.
    private static readonly Table[] Tables =
    [
        new("signal", "number", "number, machine, name, unit, symbol, quantity, kind, role, description"),
        new("block", "id", "id, signal, \"start\", \"end\", count, bytes"),
        new("tail", "id", "id, count, bytes"),
        new("sealed", "signal", "signal, longest, newest_end, newest_block"),
        new("gap", "id", "id, source, \"start\", \"end\", cause, lost, detail"),
        new("rejection", "id", "id, at, source, machine, signal, rule, count, example"),
        new("damage", "id", "id, at, place, \"row\", reason, bytes"),
        new("mark", "source", "source, number, through, place"),
        new("rollup", "signal, tier, \"start\"", "signal, tier, \"start\", bytes"),
        new("rolled", "signal, tier", "signal, tier, through"),
        new("stale", "signal, hour", "signal, hour"),
        new("deletion", "id", "id, at, signal, \"start\", \"end\", samples, reason"),
    ];

    /// <summary>Makes the target the same as the source. The target must not be in use; what it holds that the source does not goes.</summary>
    /// <exception cref="RecordException">One side cannot be opened, or they differ after the copy (rule <see cref="RecordRules.CopyDiffers"/>).</exception>
    public static Task<TransferReport> CopyAsync(RecordOptions from, RecordOptions to, CancellationToken cancel) => Task.Run(() =>
    {
        using var source = Read(from);
        using var target = Engine.Open(to);
        using var reader = source.Connect();
        using var writer = target.Connect();
        // One state of the source for everything, also for the comparison at the end.
        reader.Run(source.BeginRead);
        var copied = 0L;
        try
        {
            foreach (var table in Tables) copied += Copy(source, target, reader, writer, table, cancel);
            if (target is PostgresEngine)
                foreach (var table in Tables.Where(t => t.Columns.StartsWith("id, at", StringComparison.Ordinal) || t.Name == "gap"))
                    writer.Run($"SELECT setval(pg_get_serial_sequence('{table.Name}', 'id'), (SELECT coalesce(max(id), 0) + 1 FROM {table.Name}), false)");
            var (rows, digest) = Digest(source, reader, cancel);
            var (_, written) = Digest(target, writer, cancel);
            if (digest != written)
                throw new RecordException(RecordRules.CopyDiffers, $"'{target.Place}' differs from '{source.Place}' after the copy ({written[..12]} instead of {digest[..12]}). Do not use it; check its disk and copy again.");
            var samples = reader.Number("SELECT coalesce((SELECT sum(count) FROM block), 0) + coalesce((SELECT sum(count) FROM tail), 0)");
            target.Shrink(writer);
            return new TransferReport(rows, samples, copied, digest);
        }
        finally
        {
            reader.Run("ROLLBACK");
        }
    }, cancel);

    /// <summary>Copies what a question in SQL can see, and not years of other samples: signals, blocks that touch the scope, and the tail.</summary>
    internal static Task CopyPartAsync(RecordOptions from, RecordOptions to, SqlScope scope, CancellationToken cancel) => Task.Run(() =>
    {
        using var source = Read(from);
        using var target = Engine.Open(to);
        using var reader = source.Connect();
        using var writer = target.Connect();
        reader.Run(source.BeginRead);
        try
        {
            var signals = "";
            if (scope.Machine is { } machine)
            {
                List<string> numbers = [];
                using var ask = reader.Prepared("SELECT number FROM signal WHERE machine = @machine");
                using var rows = ask.Ask(source.Keep(machine));
                while (rows.Read()) numbers.Add(rows.GetInt64(0).ToString(CultureInfo.InvariantCulture));
                signals = $" AND signal IN ({(numbers.Count == 0 ? "-1" : string.Join(',', numbers))})";
            }
            // The tail may hold newer ones, so a week before the newest sample begins here or later.
            var earliest = scope.From?.UtcTicks ?? reader.Number($"SELECT coalesce(max(newest_end), 0) FROM sealed WHERE 1 = 1{signals}") - SqlScope.Usual.Ticks;
            var range = string.Create(CultureInfo.InvariantCulture, $"\"end\" >= {earliest} AND \"start\" < {scope.To?.UtcTicks ?? long.MaxValue}");
            foreach (var table in Tables.Where(t => t.Name is "signal" or "block" or "tail" or "sealed"))
                Copy(source, target, reader, writer, table, cancel, table.Name switch
                {
                    // The newest block of a signal gives its last value when the copy is opened.
                    "block" => $"WHERE ({range} OR id IN (SELECT newest_block FROM sealed)){signals}",
                    "sealed" => $"WHERE 1 = 1{signals}",
                    _ => "",
                });
        }
        finally
        {
            reader.Run("ROLLBACK");
        }
    }, cancel);

    /// <summary>What a place holds, without changing it.</summary>
    public static Task<TransferReport> DigestAsync(RecordOptions of, CancellationToken cancel) => Task.Run(() =>
    {
        using var source = Read(of);
        using var reader = source.Connect();
        reader.Run(source.BeginRead);
        var (rows, digest) = Digest(source, reader, cancel);
        var samples = reader.Number("SELECT coalesce((SELECT sum(count) FROM block), 0) + coalesce((SELECT sum(count) FROM tail), 0)");
        reader.Run("ROLLBACK");
        return new TransferReport(rows, samples, 0, digest);
    }, cancel);

    // Beside a running recorder of this version; an older database is upgraded first, which needs that nobody uses it.
    private static Engine Read(RecordOptions options)
    {
        if (options.Postgres is { } postgres) return PostgresEngine.Reader(postgres);
        if (!File.Exists(Path.Combine(options.Folder, "measurements.db"))) Engine.Open(options).Dispose();
        var engine = SqliteEngine.Reader(options.Folder);
        using (var ask = engine.Connect())
            if (ask.Number("SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'schema'") == Schema.Version) return engine;
        engine.Dispose();
        Engine.Open(options).Dispose();
        return SqliteEngine.Reader(options.Folder);
    }

    private static long Copy(Engine source, Engine target, DbConnection reader, DbConnection writer, Table table, CancellationToken cancel, string where = "")
    {
        var columns = table.Columns.Split(", ");
        var keys = table.Key.Split(", ").Length;
        // Blocks are many and large: those that the target has with the same place and size are left. A digest of all tells if that was wrong.
        var known = table.Name == "block" ? Known(writer) : [];
        if (table.Name != "block") writer.Run($"DELETE FROM {table.Name}");
        else Remove(reader, writer, known, cancel);
        var copied = 0L;
        using var insert = writer.Prepared($"INSERT INTO {table.Name}({table.Columns}) VALUES ({string.Join(", ", columns.Select((_, i) => $"@c{i}"))})");
        using var ask = reader.Prepared($"SELECT {table.Columns} FROM {table.Name} {where} ORDER BY {table.Key}");
        using var rows = ask.ExecuteReader();
        var values = new object[columns.Length];
        writer.Run(target.BeginWrite);
        try
        {
            while (rows.Read())
            {
                cancel.ThrowIfCancellationRequested();
                if (known.Count > 0 && known.ContainsKey(rows.GetInt64(0))) continue;
                for (var i = 0; i < values.Length; i++) values[i] = rows.IsDBNull(i) ? DBNull.Value : rows.GetValue(i) is string text ? target.Keep(source.Tell(text)) : rows.GetValue(i);
                insert.Run(values);
                if (++copied % RowsPerCommit != 0) continue;
                writer.Run("COMMIT");
                writer.Run(target.BeginWrite);
            }
            writer.Run("COMMIT");
            return copied;
        }
        catch
        {
            if (writer.State == System.Data.ConnectionState.Open) writer.Run("ROLLBACK");
            throw;
        }
    }

    private static Dictionary<long, (long, long, long, long, long)> Known(DbConnection connection)
    {
        Dictionary<long, (long, long, long, long, long)> known = [];
        using var ask = connection.Prepared("""SELECT id, signal, "start", "end", count, length(bytes) FROM block""");
        using var rows = ask.ExecuteReader();
        while (rows.Read()) known.Add(rows.GetInt64(0), (rows.GetInt64(1), rows.GetInt64(2), rows.GetInt64(3), rows.GetInt64(4), rows.GetInt64(5)));
        return known;
    }

    private static void Remove(DbConnection reader, DbConnection writer, Dictionary<long, (long, long, long, long, long)> known, CancellationToken cancel)
    {
        if (known.Count == 0) return;
        var current = Known(reader);
        using var drop = writer.Prepared("DELETE FROM block WHERE id = @id");
        foreach (var (id, _) in known.Where(k => !current.TryGetValue(k.Key, out var now) || now != k.Value).ToList())
        {
            cancel.ThrowIfCancellationRequested();
            drop.Run(id);
            known.Remove(id);
        }
    }

    private static (Dictionary<string, long> Rows, string Digest) Digest(Engine engine, DbConnection connection, CancellationToken cancel)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Dictionary<string, long> counts = [];
        var head = new byte[9];
        foreach (var table in Tables)
        {
            // Order by bytes of the text in both engines, whatever the database's own order of letters is.
            List<(string Key, byte[] Row)>? texts = table.Name == "mark" ? [] : null;
            using var ask = connection.Prepared($"SELECT {table.Columns} FROM {table.Name} ORDER BY {table.Key}");
            using var rows = ask.ExecuteReader();
            var count = 0L;
            while (rows.Read())
            {
                cancel.ThrowIfCancellationRequested();
                count++;
                if (texts is not null)
                {
                    using var own = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
                    Add(own, rows);
                    texts.Add((engine.Tell(rows.GetString(0)), own.GetHashAndReset()));
                }
                else Add(hash, rows);
            }
            foreach (var (_, row) in (texts ?? []).OrderBy(t => t.Key, StringComparer.Ordinal)) hash.AppendData(row);
            hash.AppendData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{table.Name}:{count}")));
            counts[table.Name] = count;
        }
        return (counts, Convert.ToHexStringLower(hash.GetHashAndReset()));

        void Add(IncrementalHash to, DbDataReader row)
        {
            for (var i = 0; i < row.FieldCount; i++)
            {
                // Kind, then length or number, then the bytes: no two rows look alike.
                var value = row.IsDBNull(i) ? null : row.GetValue(i);
                var bytes = value switch { byte[] b => b, string s => Encoding.Unicode.GetBytes(engine.Tell(s)), _ => [] };
                head[0] = value switch { null => 0, byte[] => 1, string => 2, _ => 3 };
                BinaryPrimitives.WriteInt64LittleEndian(head.AsSpan(1), value is null or byte[] or string ? bytes.Length : Convert.ToInt64(value, CultureInfo.InvariantCulture));
                to.AppendData(head);
                to.AppendData(bytes);
            }
        }
    }
}
