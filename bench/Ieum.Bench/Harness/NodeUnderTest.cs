using System.Diagnostics;
using System.Text.Json.Nodes;
using Ieum.Node.Town;

namespace Ieum.Bench.Harness;

/// <summary>A real node as its own process, held on one core, so that its figures are those of one core whatever else runs.</summary>
internal sealed class NodeUnderTest : IAsyncDisposable
{
    private readonly ChildProcess _child;
    private readonly string _folder;
#pragma warning disable RS0030 // the benchmark's own door to long answers; it lives as long as the node
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(10) };
#pragma warning restore RS0030

    private NodeUnderTest(ChildProcess child, string folder, Uri address) => (_child, _folder, Address, Api) = (child, folder, address, new(address.ToString()));

    public Uri Address { get; }
    public TownHttp Api { get; }
    public int ProcessId => _child.Id;

    /// <summary>All that the node keeps on the disk; files that vanish while they are counted count nothing.</summary>
    public long DataBytes => new DirectoryInfo(Path.Combine(_folder, "data")).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f is { Exists: true } ? f.Length : 0);

    public double MemoryMb => _child.Memory / (1024.0 * 1024.0);

    /// <summary>The most resident memory that the node ever had.</summary>
    public double PeakMemoryMb
    {
        get
        {
            using var process = Process.GetProcessById(_child.Id);
            return process.PeakWorkingSet64 / (1024.0 * 1024.0);
        }
    }

    /// <summary>Time of processors that the node has used since it was started.</summary>
    public double ProcessorSeconds
    {
        get
        {
            using var process = Process.GetProcessById(_child.Id);
            return process.TotalProcessorTime.TotalSeconds;
        }
    }

    /// <param name="config">The text of ieum.json.</param>
    /// <param name="more">Further arguments.</param>
    /// <param name="oneCore">Hold the node on the first core (taskset); the load runs elsewhere.</param>
    /// <param name="fill">Puts a past into the data folder before the node starts.</param>
    public static async Task<NodeUnderTest> StartAsync(string config, bool oneCore, CancellationToken cancel, Func<string, Task>? fill = null, params string[] more)
    {
        var folder = Directory.CreateTempSubdirectory("ieum-bench-").FullName;
        var file = Path.Combine(folder, "ieum.json");
        await File.WriteAllTextAsync(file, config, cancel);
        if (fill is not null) await fill(Directory.CreateDirectory(Path.Combine(folder, "data")).FullName);
        var program = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Ieum.Node", "release", "ieum.dll"));
        if (!File.Exists(program)) throw new InvalidOperationException($"The node is not built: '{program}'. Run ./ieum build first.");
        string[] arguments = ["up", "--config", file, "--data", Path.Combine(folder, "data"), "--port", "0", "--json", "--until-stdin-closes", .. more];
        var log = Path.Combine(folder, "node.log");
        var child = oneCore && File.Exists("/usr/bin/taskset")
            ? ChildProcess.Start("node", "/usr/bin/taskset", ["-c", "0", "dotnet", program, .. arguments], log)
            : ChildProcess.Start("node", program, arguments, log);
        var address = JsonNode.Parse(await child.LineAsync(l => l.StartsWith('{'), cancel))!["url"]!.GetValue<string>();
        var node = new NodeUnderTest(child, folder, new(address));
        await node.Api.UntilReadyAsync("/health/ready", child, TimeProvider.System, cancel);
        return node;
    }

    public async Task<long> CountAsync(string counter, CancellationToken cancel) =>
        (await Api.GetAsync("/api/v1/sources", cancel) as JsonArray)?.Sum(s => s![counter]!.GetValue<long>()) ?? 0;

    /// <summary>How many lines an answer has; it is read as it comes and not kept.</summary>
    public async Task<long> LinesAsync(string path, CancellationToken cancel)
    {
        await using var stream = await _http.GetStreamAsync(new Uri(Address, path), cancel);
        var buffer = new byte[64 * 1024];
        var lines = 0L;
        for (int read; (read = await stream.ReadAsync(buffer, cancel)) > 0;) lines += buffer.AsSpan(0, read).Count((byte)'\n');
        return lines;
    }

    /// <summary>Waits until a counter of all sources together reaches <paramref name="least"/>.</summary>
    public async Task UntilAsync(string counter, long least, CancellationToken cancel)
    {
        while (await CountAsync(counter, cancel) < least) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancel);
    }

    /// <summary>Fetches the wall board over and over until cancelled; the times show whether a page stays live under load.</summary>
    public async Task<double> PageP95Async(CancellationToken cancel)
    {
        var times = new List<double>();
        try
        {
            while (!cancel.IsCancellationRequested)
            {
                var since = Stopwatch.GetTimestamp();
                await Api.GetAsync("/api/v1/machines", cancel);
                times.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
                await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System, cancel);
            }
        }
        catch (OperationCanceledException)
        {
            // The load is over.
        }
        times.Sort();
        return times.Count == 0 ? double.NaN : times[(int)(times.Count * 0.95)];
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        _http.Dispose();
        await _child.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
