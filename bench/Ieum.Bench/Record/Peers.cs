using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ieum.Bench.Harness;
using Ieum.Model;

namespace Ieum.Bench.Record;

/// <summary>
/// The same points and the same five questions for what a user would pick instead, where it is installed: InfluxDB 1.6, VictoriaMetrics
/// 1.79 and PostgreSQL 15 with a row per sample, each started on loopback in a folder of its own with its default settings. The lines are
/// written to a file before the clock starts, so making them costs a peer nothing. A peer's time ends when it has taken everything.
/// </summary>
internal static class Peers
{
    public static readonly DateTimeOffset End = GeneratorG1.End;
    private static readonly string[] Words = ["ACTIVE", "READY", "STOPPED", "INTERRUPTED", "FEED_HOLD", "UNAVAILABLE"];

    public static async Task RunAsync(string folder, double scale, FigureSheet sheet, CancellationToken cancel)
    {
        var lines = Path.Combine(folder, "lines.txt");
        var points = WriteLines(lines, scale);
        try
        {
            foreach (var make in new Func<string, Peer?>[] { InfluxPeer.Find, VictoriaPeer.Find, PostgresPeer.Find })
            {
                var own = Directory.CreateDirectory(Path.Combine(folder, "peer")).FullName;
                await using (var peer = make(own))
                {
                    if (peer is null) continue;
                    await peer.StartAsync(cancel);
                    var clock = Stopwatch.StartNew();
                    await peer.IngestAsync(lines, cancel);
                    sheet.AddPeer(peer.Name, "bulkPointsPerSecond", Math.Round(points / clock.Elapsed.TotalSeconds));
                    await peer.SettleAsync(cancel);
                    sheet.AddPeer(peer.Name, "bytesPerPoint", Math.Round(peer.Bytes() / (double)points, 3));
                    for (var q = 1; q <= 5; q++) sheet.AddPeer(peer.Name, $"q{q}Ms", Math.Round(await Median(q, peer, cancel), 3));
                }
                Directory.Delete(own, recursive: true);
            }
        }
        finally
        {
            File.Delete(lines);
        }
    }

    private static async Task<double> Median(int question, Peer peer, CancellationToken cancel)
    {
        var times = new double[3];
        for (var run = 0; run < times.Length; run++)
        {
            var clock = Stopwatch.GetTimestamp();
            if (await peer.AskAsync(question, cancel) == 0) throw new InvalidOperationException($"{peer.Name} found nothing for question {question}.");
            times[run] = Stopwatch.GetElapsedTime(clock).TotalMilliseconds;
        }
        Array.Sort(times);
        return times[1];
    }

    /// <summary>Influx line protocol: <c>g,d=…,s=… v=… ms</c>; d is 1 for the hundred signals of the whole day. Both HTTP peers read it.</summary>
    private static long WriteLines(string path, double scale)
    {
        var generator = new GeneratorG1(seed: 20261123, scale);
        SignalNumber[] numbers = [.. Enumerable.Range(0, GeneratorG1.Signals).Select(i => new SignalNumber(i + 1))];
        using var to = new StreamWriter(path, false, new UTF8Encoding(false), 1 << 20);
        var points = 0L;
        foreach (var chunk in generator.Chunks(numbers, 65_536))
            foreach (var s in chunk)
            {
                var i = s.Signal.Value - 1;
                to.Write("g,d=");
                to.Write(i < 100 ? '1' : '0');
                to.Write(",s=s");
                to.Write(i.ToString(CultureInfo.InvariantCulture));
                to.Write(" v=");
                // States as numbers: VictoriaMetrics keeps no texts.
                to.Write(s.Value.Kind == ValueKind.Text ? Array.IndexOf(Words, s.Value.Text).ToString(CultureInfo.InvariantCulture) : s.Value.Number.ToString("R", CultureInfo.InvariantCulture));
                to.Write(' ');
                to.Write(((s.SourceTicks - DateTime.UnixEpoch.Ticks) / 10_000).ToString(CultureInfo.InvariantCulture));
                to.Write('\n');
                points++;
            }
        return points;
    }
}

/// <summary>One store beside ours.</summary>
internal abstract class Peer(string name, string folder) : IAsyncDisposable
{
    private Process? _process;

    public string Name => name;
    protected string Folder => folder;

    public abstract Task StartAsync(CancellationToken cancel);
    public abstract Task IngestAsync(string lines, CancellationToken cancel);
    /// <summary>Everything to the disk and merged as far as the store does that on request.</summary>
    public abstract Task SettleAsync(CancellationToken cancel);
    /// <summary>Question 1 to 5; what it returns grows with what was found.</summary>
    public abstract Task<long> AskAsync(int question, CancellationToken cancel);

    public long Bytes() => Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Sum(f => new FileInfo(f).Length);

    protected static string? Program(params string[] paths) => paths.FirstOrDefault(File.Exists);

    protected Process Start(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        return _process;
    }

    /// <summary>Chunks of whole lines, about four megabytes each.</summary>
    protected static IEnumerable<ReadOnlyMemory<byte>> Chunks(string path)
    {
        using var file = File.OpenRead(path);
        var buffer = new byte[4 << 20];
        var kept = 0;
        while (true)
        {
            var read = file.ReadAtLeast(buffer.AsSpan(kept), 1, throwOnEndOfStream: false);
            if (read == 0) break;
            var end = buffer.AsSpan(0, kept + read).LastIndexOf((byte)'\n') + 1;
            yield return buffer.AsMemory(0, end);
            buffer.AsSpan(end, kept + read - end).CopyTo(buffer);
            kept = kept + read - end;
        }
    }

    protected static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false } p)
        {
            p.Kill(entireProcessTree: true);
            await p.WaitForExitAsync();
        }
        _process?.Dispose();
        GC.SuppressFinalize(this);
    }
}

/// <summary>A store that is written and asked over HTTP.</summary>
internal abstract class HttpPeer(string name, string folder, int port) : Peer(name, folder)
{
    protected int Port => port;

    // One client for the life of the peer, as its own client libraries do.
#pragma warning disable RS0030
    private readonly HttpClient _http = new() { BaseAddress = new($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromMinutes(10) };
#pragma warning restore RS0030

    protected async Task ReadyAsync(string path, CancellationToken cancel)
    {
        for (var tries = 0; ; tries++)
            try
            {
                (await _http.GetAsync(path, cancel)).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException) when (tries < 600)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
            }
    }

    protected async Task PostLinesAsync(string path, string lines, CancellationToken cancel)
    {
        foreach (var chunk in Chunks(lines))
        {
            using var content = new ReadOnlyMemoryContent(chunk);
            (await _http.PostAsync(path, content, cancel)).EnsureSuccessStatusCode();
        }
    }

    /// <summary>Reads the whole answer; its length is what was found. An answer without data counts as nothing.</summary>
    protected async Task<long> GetAsync(string path, CancellationToken cancel)
    {
        var answer = await _http.GetAsync(path, cancel);
        var bytes = await answer.Content.ReadAsByteArrayAsync(cancel);
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"{Name}: {Encoding.UTF8.GetString(bytes)}");
        return bytes.Length < 150 ? 0 : bytes.Length;
    }

    protected async Task<byte[]> BytesAsync(string path, CancellationToken cancel) => await _http.GetByteArrayAsync(path, cancel);

    public override ValueTask DisposeAsync()
    {
        _http.Dispose();
        return base.DisposeAsync();
    }
}
