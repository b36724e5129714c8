using System.Data.Common;
using Microsoft.Data.Sqlite;

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

    private SqliteEngine(string path, FileStream? hold)
    {
        (Place, _hold) = (path, hold);
        _connection = new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString();
    }

    public override string Place { get; }
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

    public override bool IsFull(Exception error) => error is SqliteException { SqliteErrorCode: 13 };

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
