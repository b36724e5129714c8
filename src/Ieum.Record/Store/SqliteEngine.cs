using System.Data.Common;
using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Ieum.Record.Store;

/// <summary>The file <c>measurements.db</c>: opens it, keeps other processes out, makes or checks its tables.</summary>
internal sealed class SqliteEngine : Engine
{
    private static readonly Dialect Spelling = new("INTEGER", "INTEGER PRIMARY KEY", "BLOB");

    // WAL with FULL: a commit is on the disk before it is acknowledged, so that also a power cut takes nothing acknowledged.
    // wal_autocheckpoint counts pages: 16 MB of those of 2 KiB, 128 MB in files of the first versions, which have pages of 16 KiB.
    // secure_delete FAST: deleted rows are overwritten in pages that are written anyway; whole freed pages leave with Purge.
    private const string EveryConnection = """
        PRAGMA synchronous = FULL;
        PRAGMA busy_timeout = 5000;
        PRAGMA temp_store = MEMORY;
        PRAGMA secure_delete = FAST;
        PRAGMA wal_autocheckpoint = 8192;
        """;

    private const string NewFile = """
        PRAGMA page_size = 2048;
        PRAGMA auto_vacuum = INCREMENTAL;
        PRAGMA journal_mode = WAL;
        """;

    private readonly FileStream? _hold;
    private readonly string _connection;
    private RescueReport? _rescued;

    private SqliteEngine(string path, FileStream? hold)
    {
        (Place, _hold) = (path, hold);
        _connection = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();
    }

    public override string Place { get; }
    public override RescueReport? Rescued => _rescued;
    public override string BeginWrite => "BEGIN IMMEDIATE";
    public override string BeginRead => "BEGIN";

    /// <exception cref="RecordException">The folder is in use, or was written by a newer program, or cannot be written.</exception>
    public static SqliteEngine Open(string folder)
    {
        var path = Path.Combine(folder, "measurements.db");
        FileStream? hold = null;
        try
        {
            Directory.CreateDirectory(folder);
            hold = Hold(folder);
            var engine = new SqliteEngine(path, hold);
            engine.FinishRescue();
            if (File.Exists(engine.Marker) || engine.IsDamaged()) engine.Rescue();
            engine.Prepare();
            return engine;
        }
        catch (Exception e) when (e is SqliteException or UnauthorizedAccessException or IOException)
        {
            hold?.Dispose();
            throw new RecordException(RecordRules.WriteFailed, $"'{path}' cannot be opened: {e.Message}. Check the folder, its rights and the disk.", e);
        }
        catch
        {
            hold?.Dispose();
            throw;
        }
    }

    /// <summary>Only to read, beside a recorder that writes; the file must be there.</summary>
    public static SqliteEngine Reader(string folder) => new(Path.Combine(folder, "measurements.db"), null);

    // SQLite would let two recorders write in turn, but each believes it alone knows the tail.
    private static FileStream Hold(string folder)
    {
        var path = Path.Combine(folder, "measurements.lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e is not (DirectoryNotFoundException or FileNotFoundException))
        {
            throw new RecordException(RecordRules.FolderInUse,
                $"The data folder '{folder}' is used by another process. Stop it, or give this node its own folder.", e);
        }
    }

    private void Prepare()
    {
        var isNew = !File.Exists(Place) || new FileInfo(Place).Length == 0;
        using var connection = Connect();
        if (isNew) connection.Run(NewFile);
        Prepare(connection, connection.Number("SELECT count(*) FROM sqlite_master WHERE name = 'meta'") > 0, Spelling);
    }

    public override DbConnection Connect()
    {
        var connection = new SqliteConnection(_connection);
        connection.Open();
        connection.Run(EveryConnection);
        return connection;
    }

    // Beside the file: it says that damage was met while the node ran.
    private string Marker => Place + ".damaged";
    private string Saved => Place + ".rescued";

    public override bool NoteDamage(Exception error)
    {
        if (!SqliteRescue.IsDamage(error)) return false;
        try
        {
            File.WriteAllText(Marker, error.Message);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next start then finds out by itself, as this one did.
        }
        return true;
    }

    public override RecordException DamageError(Exception error) => new(RecordRules.DamagedBlock,
        $"Pages of '{Place}' are damaged, so that not all of it can be found. Start the node again: it then copies everything readable into a new file.", error);

    /// <summary>Whether what every start needs can be read; the blocks themselves would take too long.</summary>
    private bool IsDamaged()
    {
        if (!File.Exists(Place) || new FileInfo(Place).Length == 0) return false;
        try
        {
            using var connection = Connect();
            foreach (var table in new[] { "meta", "signal", "sealed", "mark", "rolled", "stale", "tail" })
            {
                if (connection.Number($"SELECT count(*) FROM sqlite_master WHERE name = '{table}'") == 0) continue;
                // Also rows that a half-empty page made of nothing: they lack what must be there.
                using var ask = connection.Prepared($"PRAGMA integrity_check('{table}')");
                if (ask.ExecuteScalar() is not "ok") return true;
            }
            if (connection.Number("SELECT count(*) FROM sqlite_master WHERE name = 'block'") > 0) connection.Number("SELECT coalesce(max(id), 0) FROM block");
            return !IsIndexInOrder(connection) || connection.Number("SELECT count(*) FROM sqlite_master WHERE name = 'meta'") > 0
                && connection.Number("SELECT count(*) FROM meta WHERE key = 'schema' AND CAST(value AS INTEGER) > 0") == 0;
        }
        catch (SqliteException e) when (SqliteRescue.IsDamage(e))
        {
            return true;
        }
    }

    // Blocks that the index does not name would be missing without a word. It is small: thirty bytes a block.
    private static bool IsIndexInOrder(DbConnection connection)
    {
        if (connection.Number("SELECT count(*) FROM sqlite_master WHERE name = 'block_by_time'") == 0) return true;
        using var ask = connection.Prepared("""SELECT signal, "start", "end" FROM block INDEXED BY block_by_time ORDER BY signal, "start", "end" """);
        using var rows = ask.ExecuteReader();
        (long Signal, long Start, long End) before = (long.MinValue, 0, 0);
        while (rows.Read())
        {
            if (rows.IsDBNull(0) || rows.IsDBNull(1) || rows.IsDBNull(2)) return false;
            var next = (rows.GetInt64(0), rows.GetInt64(1), rows.GetInt64(2));
            if (next.CompareTo(before) < 0) return false;
            before = next;
        }
        return true;
    }

    private void Rescue()
    {
        var building = Place + ".rescuing";
        foreach (var rest in new[] { building, building + "-wal", building + "-shm", Saved }) File.Delete(rest);
        var keptAs = Enumerable.Range(1, int.MaxValue).Select(n => $"{Place}.damaged-{n.ToString(System.Globalization.CultureInfo.InvariantCulture)}").First(p => !File.Exists(p));
        using (var old = new SqliteConnection(_connection))
        using (var fresh = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = building, Pooling = false }.ToString()))
        {
            old.Open();
            fresh.Open();
            fresh.Run(NewFile);
            Prepare(fresh, hasTables: false, Spelling);
            _rescued = new SqliteRescue(old, fresh).Run(keptAs);
            fresh.Run("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        // The new file is whole before the old one goes aside: a crash here is taken up again by FinishRescue or by the mark.
        File.Move(building, Saved);
        foreach (var end in new[] { "-wal", "-shm", "" })
            if (File.Exists(Place + end)) File.Move(Place + end, keptAs + end);
        FinishRescue();
    }

    private void FinishRescue()
    {
        if (!File.Exists(Saved) || File.Exists(Place)) return;
        File.Move(Saved, Place);
        File.Delete(Marker);
    }

    public override bool IsFull(Exception error) => error is SqliteException { SqliteErrorCode: 13 };

    public override int Copy(DbDataReader rows, int column, ref byte[] into)
    {
        // Straight from the page: a block is up to some hundred kilobytes, too much for a new array at every question.
        var found = raw.sqlite3_column_blob(((SqliteDataReader)rows).Handle, column);
        if (into.Length < found.Length) into = new byte[found.Length + found.Length / 2];
        found.CopyTo(into);
        return found.Length;
    }

    public override long Bytes => new[] { Place, Place + "-wal" }.Select(p => new FileInfo(p)).Where(f => f.Exists).Sum(f => f.Length);

    public override void Shrink(DbConnection connection)
    {
        FreePages(connection);
        connection.Run("PRAGMA wal_checkpoint(TRUNCATE)");
    }

    public override bool Purge(DbConnection connection)
    {
        // A file that an earlier version wrote has old bytes in the gaps of its pages; only a rewrite finds them all, once.
        if (connection.Number("SELECT count(*) FROM meta WHERE key = 'overwrites'") == 0)
        {
            connection.Run("VACUUM");
            connection.Run("INSERT INTO meta(key, value) VALUES ('overwrites', '1')");
        }
        // Not the five seconds that connections wait elsewhere: the writer would stand still.
        connection.Run("PRAGMA busy_timeout = 100");
        try
        {
            FreePages(connection);
            return connection.Number("PRAGMA wal_checkpoint(TRUNCATE)") == 0;
        }
        finally
        {
            connection.Run("PRAGMA busy_timeout = 5000");
        }
    }

    private static void FreePages(DbConnection connection)
    {
        // The pragma frees a page a step, so its rows must be read to the end.
        using var vacuum = connection.Prepared("PRAGMA incremental_vacuum");
        using var steps = vacuum.ExecuteReader();
        while (steps.Read()) { }
    }

    public override void Dispose() => _hold?.Dispose();
}
