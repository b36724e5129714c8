using System.Diagnostics;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Ieum.Bench.Record;

/// <summary>PostgreSQL with a row per sample and an index by signal and time: what most would build themselves.</summary>
internal sealed class PostgresPeer(string binaries, string folder) : Peer("PostgreSQL rows", folder)
{
    private const int Batch = 65_536;
    private NpgsqlConnection? _connection;

    public static Peer? Find(string folder) => !Directory.Exists("/usr/lib/postgresql") ? null
        : Directory.EnumerateDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Where(d => File.Exists(Path.Combine(d, "initdb"))).Order(StringComparer.Ordinal).LastOrDefault() is { } b
            ? new PostgresPeer(b, folder) : null;

    public override async Task StartAsync(CancellationToken cancel)
    {
        // The server refuses to run as root.
        var asRoot = Environment.UserName == "root";
        string[] Own(params string[] command) => asRoot ? ["-u", "postgres", "--", .. command] : command[1..];
        string First(string program) => asRoot ? "runuser" : program;
        if (asRoot)
        {
            using var own = Process.Start("chown", ["postgres", Folder]);
            await own.WaitForExitAsync(cancel);
            using var open = Process.Start("chmod", ["a+x", Path.GetDirectoryName(Folder)!]);
            await open.WaitForExitAsync(cancel);
        }
        var data = Path.Combine(Folder, "data");
        using (var init = Process.Start(new ProcessStartInfo(First($"{binaries}/initdb"), Own($"{binaries}/initdb", "-D", data, "-U", "bench", "-A", "trust", "--locale=C", "-E", "UTF8")) { RedirectStandardOutput = true })!)
        {
            await init.StandardOutput.ReadToEndAsync(cancel);
            await init.WaitForExitAsync(cancel);
        }
        Start(First($"{binaries}/postgres"), Own($"{binaries}/postgres", "-D", data, "-c", "listen_addresses=", "-c", $"unix_socket_directories={Folder}", "-c", "shared_buffers=1GB", "-c", "max_wal_size=4GB"));
        for (var tries = 0; ; tries++)
            try
            {
                _connection = new NpgsqlConnection($"Host={Folder};Database=postgres;Username=bench;Command Timeout=600");
                await _connection.OpenAsync(cancel);
                break;
            }
            catch (NpgsqlException) when (tries < 600)
            {
                await _connection!.DisposeAsync();
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
            }
        await RunAsync("CREATE TABLE g(s int NOT NULL, t bigint NOT NULL, v double precision NOT NULL); CREATE INDEX g_by_signal ON g(s, t)", cancel);
    }

    public override async Task IngestAsync(string lines, CancellationToken cancel)
    {
        NpgsqlBinaryImporter? copy = null;
        var rows = 0;
        foreach (var line in File.ReadLines(lines))
        {
            copy ??= await _connection!.BeginBinaryImportAsync("COPY g(s, t, v) FROM STDIN (FORMAT BINARY)", cancel);
            var (name, value, time) = (line.IndexOf(",s=s", StringComparison.Ordinal) + 4, line.IndexOf(" v=", StringComparison.Ordinal), line.LastIndexOf(' '));
            copy.StartRow();
            copy.Write(int.Parse(line.AsSpan(name, value - name), NumberStyles.None, CultureInfo.InvariantCulture), NpgsqlDbType.Integer);
            copy.Write(long.Parse(line.AsSpan(time + 1), NumberStyles.None, CultureInfo.InvariantCulture), NpgsqlDbType.Bigint);
            copy.Write(double.Parse(line.AsSpan(value + 3, time - value - 3), NumberStyles.Float, CultureInfo.InvariantCulture), NpgsqlDbType.Double);
            if (++rows % Batch != 0) continue;
            await copy.CompleteAsync(cancel);
            await copy.DisposeAsync();
            copy = null;
        }
        if (copy is null) return;
        await copy.CompleteAsync(cancel);
        await copy.DisposeAsync();
    }

    public override async Task SettleAsync(CancellationToken cancel) => await RunAsync("VACUUM ANALYZE g", cancel);

    public override async Task<long> AskAsync(int question, CancellationToken cancel)
    {
        var end = Peers.End.ToUnixTimeMilliseconds();
        var (day, month) = (end - 86_400_000, end - 30L * 86_400_000);
        var sql = question switch
        {
            1 => "SELECT n, l.v FROM generate_series(0, 999) n, LATERAL (SELECT v FROM g WHERE s = n ORDER BY t DESC LIMIT 1) l",
            2 => $"SELECT t, v FROM g WHERE s = 5 AND t >= {day} AND t < {end} ORDER BY t",
            3 => $"SELECT t / 60000, avg(v), min(v), max(v) FROM g WHERE s = 0 AND t >= {month} AND t < {end} GROUP BY 1 ORDER BY 1",
            4 => $"SELECT s, t / 3600000, avg(v), min(v), max(v) FROM g WHERE s < 100 AND t >= {day} AND t < {end} GROUP BY 1, 2 ORDER BY 1, 2",
            _ => $"SELECT s, v, sum(next - t) FROM (SELECT s, v, t, lead(t, 1, {end}::bigint) OVER (PARTITION BY s ORDER BY t) next FROM g WHERE s IN (9, 19, 29, 39, 49, 59, 69, 79, 89, 99) AND t >= {day} AND t < {end}) x GROUP BY 1, 2",
        };
        await using var command = _connection!.CreateCommand();
        command.CommandText = sql;
        await using var rows = await command.ExecuteReaderAsync(cancel);
        var found = 0L;
        while (await rows.ReadAsync(cancel)) found++;
        return found;
    }

    private async Task RunAsync(string sql, CancellationToken cancel)
    {
        await using var command = _connection!.CreateCommand();
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancel);
    }

    public override async ValueTask DisposeAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
        await base.DisposeAsync();
    }
}
