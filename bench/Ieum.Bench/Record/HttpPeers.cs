using System.Globalization;
using System.Text.Json;

namespace Ieum.Bench.Record;

/// <summary>VictoriaMetrics, single node.</summary>
internal sealed class VictoriaPeer(string program, string folder, int port) : HttpPeer("VictoriaMetrics", folder, port)
{
    public static Peer? Find(string folder) => Program("/usr/bin/victoria-metrics") is { } p ? new VictoriaPeer(p, folder, FreePort()) : null;

    public override Task StartAsync(CancellationToken cancel)
    {
        Start(program, $"-storageDataPath={Folder}/data", $"-httpListenAddr=127.0.0.1:{Port}", "-retentionPeriod=100y", "-search.maxPointsPerTimeseries=100000", "-search.disableCache");
        return ReadyAsync("/health", cancel);
    }

    public override Task IngestAsync(string lines, CancellationToken cancel) => PostLinesAsync("/write?precision=ms", lines, cancel);

    public override async Task SettleAsync(CancellationToken cancel)
    {
        await BytesAsync("/internal/force_flush", cancel);
        await BytesAsync("/internal/force_merge", cancel);
        // The merge goes on behind the answer: wait until the files stay as large as they are.
        for (long before = -1, same = 0; same < 6;)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancel);
            var now = Bytes();
            same = now == before ? same + 1 : 0;
            before = now;
        }
    }

    public override async Task<long> AskAsync(int question, CancellationToken cancel)
    {
        var end = Peers.End.ToUnixTimeSeconds();
        string Range(string query, long seconds, int step) => string.Create(CultureInfo.InvariantCulture, $"/api/v1/query_range?query={Uri.EscapeDataString(query)}&start={end - seconds + step}&end={end}&step={step}");
        switch (question)
        {
            case 1: return await GetAsync($"/api/v1/query?query={Uri.EscapeDataString("last_over_time(g_v[30d])")}&time={end}", cancel);
            case 2: return await GetAsync($"/api/v1/export?match[]={Uri.EscapeDataString("g_v{s=\"s5\"}")}&start={end - 86_400}&end={end}", cancel);
            case 3:
                var found = 0L;
                foreach (var f in new[] { "avg", "min", "max" }) found += await GetAsync(Range($"{f}_over_time(g_v{{s=\"s0\"}}[1m])", 30 * 86_400, 60), cancel);
                return found;
            case 4:
                var hours = 0L;
                foreach (var f in new[] { "avg", "min", "max" }) hours += await GetAsync(Range($"{f}_over_time(g_v{{d=\"1\"}}[1h])", 86_400, 3600), cancel);
                return hours;
            default:
                var states = 0L;
                // It has no durations of states; at one value a second the count is the same.
                for (var word = 0; word < 6; word++)
                    states += await GetAsync($"/api/v1/query?query={Uri.EscapeDataString($"count_eq_over_time(g_v{{d=\"1\",s=~\"s.?9\"}}[1d], {word})")}&time={end}", cancel);
                return states;
        }
    }
}

/// <summary>InfluxDB 1.x.</summary>
internal sealed class InfluxPeer(string program, string folder, int port, int rpc) : HttpPeer("InfluxDB", folder, port)
{
    public static Peer? Find(string folder) => Program("/usr/bin/influxd") is { } p ? new InfluxPeer(p, folder, FreePort(), FreePort()) : null;

    public override async Task StartAsync(CancellationToken cancel)
    {
        var config = Path.Combine(Folder, "influxdb.conf");
        await File.WriteAllTextAsync(config, $"""
            reporting-disabled = true
            bind-address = "127.0.0.1:{rpc}"
            [meta]
              dir = "{Folder}/meta"
            [data]
              dir = "{Folder}/data"
              wal-dir = "{Folder}/wal"
            [http]
              bind-address = "127.0.0.1:{Port}"
              log-enabled = false
              max-body-size = 0
            [coordinator]
              write-timeout = "10m"
              query-timeout = "0s"
            [monitor]
              store-enabled = false
            """, cancel);
        Start(program, "-config", config);
        await ReadyAsync("/ping", cancel);
        await BytesAsync("/query?q=" + Uri.EscapeDataString("CREATE DATABASE g"), cancel);
    }

    public override Task IngestAsync(string lines, CancellationToken cancel) => PostLinesAsync("/write?db=g&precision=ms", lines, cancel);

    // It compacts in the background without a way to ask for it; what stands after writing is what is measured.
    public override Task SettleAsync(CancellationToken cancel) => Task.Delay(TimeSpan.FromSeconds(20), TimeProvider.System, cancel);

    public override async Task<long> AskAsync(int question, CancellationToken cancel)
    {
        var end = Peers.End.ToUnixTimeMilliseconds();
        string Ask(string sql) => $"/query?db=g&epoch=ms&q={Uri.EscapeDataString(sql)}";
        var day = string.Create(CultureInfo.InvariantCulture, $"time >= {end - 86_400_000}ms AND time < {end}ms");
        var month = string.Create(CultureInfo.InvariantCulture, $"time >= {end - 30L * 86_400_000}ms AND time < {end}ms");
        return question switch
        {
            1 => await GetAsync(Ask("SELECT last(v) FROM g GROUP BY s"), cancel),
            2 => await GetAsync(Ask($"SELECT v FROM g WHERE s = 's5' AND {day}"), cancel),
            3 => await GetAsync(Ask($"SELECT mean(v), min(v), max(v) FROM g WHERE s = 's0' AND {month} GROUP BY time(1m)"), cancel),
            4 => await GetAsync(Ask($"SELECT mean(v), min(v), max(v) FROM g WHERE d = '1' AND {day} GROUP BY time(1h), s"), cancel),
            _ => States(await BytesAsync(Ask($"SELECT v FROM g WHERE d = '1' AND s =~ /^s.?9$/ AND {day} GROUP BY s"), cancel)),
        };
    }

    // It has no durations of values within a query, so the client adds them up, as its users do.
    private static long States(byte[] json)
    {
        var entries = 0L;
        foreach (var series in JsonDocument.Parse(json).RootElement.GetProperty("results")[0].GetProperty("series").EnumerateArray())
        {
            var held = new double[6];
            (long At, int State)? before = null;
            foreach (var point in series.GetProperty("values").EnumerateArray())
            {
                var (at, state) = (point[0].GetInt64(), point[1].GetInt32());
                if (before is { } b) held[b.State] += at - b.At;
                if (before?.State != state) entries++;
                before = (at, state);
            }
        }
        return entries;
    }
}
