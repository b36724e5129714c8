using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Ieum.Record.Store;

/// <summary>The file <c>measurements.db</c>: opens it, keeps other processes out, makes or checks its tables.</summary>
internal sealed class MeasurementFile : IDisposable
{
    private readonly FileStream _hold;

    private MeasurementFile(string path, FileStream hold) => (Path, _hold) = (path, hold);

    public string Path { get; }

    /// <exception cref="RecordException">The folder is in use, or was written by a newer program, or cannot be written.</exception>
    public static MeasurementFile Open(string folder)
    {
        var path = System.IO.Path.Combine(folder, "measurements.db");
        FileStream? hold = null;
        try
        {
            Directory.CreateDirectory(folder);
            hold = Hold(folder);
            var file = new MeasurementFile(path, hold);
            file.Prepare();
            return file;
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

    // SQLite would let two recorders write in turn, but each believes it alone knows the tail.
    private static FileStream Hold(string folder)
    {
        var path = System.IO.Path.Combine(folder, "measurements.lock");
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
        var isNew = !File.Exists(Path) || new FileInfo(Path).Length == 0;
        using var connection = Connect();
        if (isNew) connection.Run(Schema.NewFile);
        using var transaction = connection.BeginTransaction();
        if (connection.Number("SELECT count(*) FROM sqlite_master WHERE name = 'meta'") == 0)
        {
            connection.Run(Schema.Tables);
        }
        else
        {
            using var ask = connection.CreateCommand();
            ask.CommandText = "SELECT value FROM meta WHERE key = 'schema'";
            var version = int.Parse((string)(ask.ExecuteScalar() ?? "0"), CultureInfo.InvariantCulture);
            if (version > Schema.Version)
                throw new RecordException(RecordRules.SchemaTooNew,
                    $"'{Path}' has schema {version}, this program knows {Schema.Version}. Start the newer program again.");
            for (; version < Schema.Version; version++)
                connection.Run(Schema.Upgrades[version] + string.Create(CultureInfo.InvariantCulture, $"UPDATE meta SET value = '{version + 1}' WHERE key = 'schema';"));
        }
        transaction.Commit();
    }

    public SqliteConnection Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        connection.Open();
        connection.Run(Schema.EveryConnection);
        return connection;
    }

    /// <summary>Bytes of the file and its write-ahead log.</summary>
    public long Bytes => new[] { Path, Path + "-wal" }.Select(p => new FileInfo(p)).Where(f => f.Exists).Sum(f => f.Length);

    public void Dispose() => _hold.Dispose();
}

internal static class SqliteWords
{
    public static void Run(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Number(this SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return Convert.ToInt64(command.ExecuteScalar(), CultureInfo.InvariantCulture);
    }

    /// <summary>A command with named parameters, prepared once and used for the life of the connection.</summary>
    public static SqliteCommand Prepared(this SqliteConnection connection, string sql, params ReadOnlySpan<string> parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var p in parameters) command.Parameters.Add(new SqliteParameter { ParameterName = p });
        return command;
    }

    /// <summary>Sets the parameters in order and runs.</summary>
    public static int Run(this SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return command.ExecuteNonQuery();
    }

    public static SqliteDataReader Ask(this SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
        return command.ExecuteReader();
    }
}
