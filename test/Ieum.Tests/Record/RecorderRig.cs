using System.Data.Common;
using Ieum.Model;
using Ieum.Record;
using Ieum.TestKit;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace Ieum.Tests.Record;

/// <summary>A recorder on a folder, or a PostgreSQL schema, of its own that can be closed and opened again.</summary>
internal sealed class RecorderRig : IAsyncDisposable
{
    public static readonly MachineId Machine = new("B-MC1");
    public static readonly SourceId Source = new("B-MC1.mtconnect");
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 0, 0, 0, TimeSpan.Zero);

    private readonly string _name = "r" + Guid.NewGuid().ToString("N");
    private readonly Clocks _clocks;

    /// <param name="database">A database of its own, not only a schema: the server then may clear away what other tests still read.</param>
    /// <param name="server">A server of the test's own instead of the one that tests share.</param>
    public RecorderRig(Action<RecordOptions>? configure = null, bool postgres = false, Clocks? clocks = null, bool database = false, PostgresServer? server = null)
    {
        _clocks = clocks ?? Clocks.Real;
        Options = new() { Folder = Path.Combine(Needs.Scratch, "record", _name), CommitSamples = 1 };
        if (postgres)
        {
            Server = server ?? PostgresServer.Get();
            Run(Server.ConnectionString("public"), database ? $"CREATE DATABASE {_name}" : $"CREATE SCHEMA {_name}");
            // A role of its own tells the sessions of this rig from those of other tests.
            Run(Server.ConnectionString("public"), $"CREATE ROLE {Role} SUPERUSER LOGIN");
            Options.Postgres = (database ? Server.ConnectionString("public").Replace("Database=postgres", $"Database={_name}", StringComparison.Ordinal) : Server.ConnectionString(_name))
                .Replace("Username=ieum", $"Username={Role}", StringComparison.Ordinal);
        }
        configure?.Invoke(Options);
        Recorder = Open();
    }

    public PostgresServer? Server { get; }
    public RecordOptions Options { get; }
    public Recorder Recorder { get; private set; }
    public string Role => "u" + _name;
    public string Place => Recorder.Place;
    public string File => Path.Combine(Options.Folder, "measurements.db");

    public SignalNumber Signal(string name, ValueKind kind = ValueKind.Real) => Recorder.Register(new(new(Machine, name), Unit.One, kind));

    public static DateTimeOffset At(double seconds) => Start.AddSeconds(seconds);

    public static Sample Sample(SignalNumber signal, double seconds, SampleValue value, Quality quality = Quality.Good, double receivedAfter = 0.05) =>
        new(signal, At(seconds).UtcTicks, At(seconds + receivedAfter).UtcTicks, value, quality);

    public Task<StoreReceipt> Append(params Sample[] samples) => Recorder.AppendAsync(new(Source, Machine, samples), CancellationToken.None);

    public async Task<List<Sample>> Range(SignalNumber signal, double from = -1e6, double to = 1e7)
    {
        List<Sample> samples = [];
        await foreach (var s in Recorder.RangeAsync(signal, new(At(from), At(to)), CancellationToken.None)) samples.Add(s);
        return samples;
    }

    public async Task Reopen(Action? between = null)
    {
        await Recorder.DisposeAsync();
        between?.Invoke();
        Recorder = Open();
    }

    public Recorder Open() => Ieum.Record.Recorder.Open(Options, _clocks, NullLogger.Instance);

    public void Sql(string sql)
    {
        using var connection = Connect();
        Run(connection, sql);
    }

    public string Text(string sql)
    {
        using var connection = Connect();
        using var ask = connection.CreateCommand();
        ask.CommandText = sql;
        return Convert.ToString(ask.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture)!;
    }

    public long Number(string sql)
    {
        using var connection = Connect();
        using var ask = connection.CreateCommand();
        ask.CommandText = sql;
        return Convert.ToInt64(ask.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Two bytes in the middle of each row become zeros; the generated blocks have no zeros there.</summary>
    public void Damage(string table, string where)
    {
        using var connection = Connect();
        List<(long Id, byte[] Bytes)> rows = [];
        using (var ask = connection.CreateCommand())
        {
            ask.CommandText = $"SELECT id, bytes FROM {table} WHERE {where}";
            using var read = ask.ExecuteReader();
            while (read.Read()) rows.Add((read.GetInt64(0), read.GetFieldValue<byte[]>(1)));
        }
        Assert.NotEmpty(rows);
        foreach (var (id, bytes) in rows)
        {
            bytes.AsSpan(bytes.Length / 2, 2).Clear();
            using var write = connection.CreateCommand();
            write.CommandText = $"UPDATE {table} SET bytes = @bytes WHERE id = {id}";
            var value = write.CreateParameter();
            (value.ParameterName, value.Value) = ("@bytes", bytes);
            write.Parameters.Add(value);
            write.ExecuteNonQuery();
        }
    }

    /// <summary>From now on writing samples fails as on a full disk: SQLite by its limit of pages, PostgreSQL by the error of its kind.</summary>
    public void FillDisk(int pages = 1)
    {
        if (Server is null) Recorder.LimitPages(Recorder.Pages() + pages);
        else Sql("""
            CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END $$ LANGUAGE plpgsql;
            CREATE TRIGGER full_disk BEFORE INSERT ON tail EXECUTE FUNCTION full_disk()
            """);
    }

    public void FreeDisk()
    {
        if (Server is null) Recorder.LimitPages(1_000_000); else Sql("DROP TRIGGER full_disk ON tail");
    }

    /// <summary>Somebody else's question that reads the state of now until it is disposed of.</summary>
    public IDisposable Question()
    {
        var connection = Connect();
        Run(connection, Server is null ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ");
        Run(connection, "SELECT count(*) FROM block");
        return connection;   // not pooled: closing it ends the transaction
    }

    public async ValueTask DisposeAsync()
    {
        await Recorder.DisposeAsync();
        if (Server is not null && Options.Postgres!.Contains($"Search Path={_name}", StringComparison.Ordinal)) Run(Server.ConnectionString("public"), $"DROP SCHEMA {_name} CASCADE");
        if (Directory.Exists(Options.Folder)) Directory.Delete(Options.Folder, recursive: true);
    }

    private DbConnection Connect()
    {
        DbConnection connection = Server is null ? new SqliteConnection($"Data Source={File};Pooling=False") : new NpgsqlConnection(Options.Postgres + ";Pooling=False");
        connection.Open();
        return connection;
    }

    private static void Run(string connectionString, string sql)
    {
        using var connection = new NpgsqlConnection(connectionString + ";Pooling=False");
        connection.Open();
        Run(connection, sql);
    }

    private static void Run(DbConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }
}
