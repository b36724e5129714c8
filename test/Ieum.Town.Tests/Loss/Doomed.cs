using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Ieum.Node.Town;

namespace Ieum.Town.Tests.Loss;

/// <summary>A process that a test may kill without a warning. It dies with the test in any case.</summary>
internal sealed class Doomed : IDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);   // against hanging only: a node that starts beside much else has taken more than two

    private readonly Process _process;
    private readonly List<string> _log = [];
    private readonly TaskCompletionSource<string> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Doomed(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, e) => { if (e.Data is { } line) _first.TrySetResult(line); };
        process.ErrorDataReceived += (_, e) => { if (e.Data is { } line) lock (_log) _log.Add(line); };
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => _first.TrySetException(new InvalidOperationException($"It ended before it was ready: {Log}"));
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public static Doomed Start(string program, params IEnumerable<string> arguments) => Start(program, null, arguments);

    /// <param name="more">Further variables of its environment.</param>
    public static Doomed Start(string program, IReadOnlyDictionary<string, string>? more, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
            Environment = { ["DOTNET_EnableWriteXorExecute"] = "0" },
        };
        foreach (var (name, value) in more ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return new(Process.Start(start)!);
    }

    public int Id => _process.Id;
    public string Log { get { lock (_log) return string.Join(Environment.NewLine, _log.TakeLast(40)); } }

    public Task<string> FirstLineAsync() => _first.Task.WaitAsync(Limit, TimeProvider.System, TestContext.Current.CancellationToken);

    public void Say(string line) => _process.StandardInput.WriteLine(line);

    /// <summary>SIGKILL: nothing is flushed, nobody is told.</summary>
    public void Kill()
    {
        _process.Kill();
        _process.WaitForExit();
    }

    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(Limit);
        await _process.WaitForExitAsync(limit.Token);
    }

    private bool _gone;

    public void Dispose()
    {
        if (_gone) return;
        _gone = true;
        if (!_process.HasExited) Kill();
        _process.Dispose();
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

/// <summary>A node of its own folder that can be killed and started again.</summary>
/// <param name="more">Further variables of its environment.</param>
internal sealed class DoomedNode(string folder, string config, IReadOnlyDictionary<string, string>? more = null) : IDisposable
{
    private Doomed? _process;
    private TownHttp? _api;
    private string _address = "";

    public string Data { get; } = Path.Combine(folder, "data");
    public int ProcessId => _process!.Id;

    public async Task StartAsync()
    {
        var file = Path.Combine(folder, "ieum.json");
        await File.WriteAllTextAsync(file, config, TestContext.Current.CancellationToken);
        // Ignoring SIGXFSZ makes a file size limit an error of the write, as a full disk is; it is inherited by the node.
        _process = Doomed.Start("/bin/sh", more, "-c", "trap '' XFSZ; exec dotnet \"$@\"", "sh", Programs.Node(), "up", "--config", file, "--data", Data, "--port", "0", "--json", "--until-stdin-closes");
        var address = JsonNode.Parse(await _process.FirstLineAsync())!["url"]!.GetValue<string>();
        (_api, _address) = (new(address), address);
    }

    public async Task<JsonNode> GetAsync(string path) => (await _api!.GetAsync(path, TestContext.Current.CancellationToken))!;

    public async Task<(HttpStatusCode Status, string Body)> PostAsync(string path, JsonNode body)
    {
#pragma warning disable RS0030 // a test's own client
        using var http = new HttpClient { BaseAddress = new(_address) };
#pragma warning restore RS0030
        http.DefaultRequestHeaders.Add("X-Ieum-Request", "1");
        using var content = new StringContent(body.ToJsonString(), System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(path, content, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async Task<JsonArray> SourcesAsync() => (JsonArray)(await _api!.GetAsync("/api/v1/sources", TestContext.Current.CancellationToken))!;

    /// <summary>Waits until the source, as the API tells of it, fits.</summary>
    public Task<JsonNode> UntilAsync(string source, Func<JsonNode, bool> fits) =>
        UntilAsync(async () => (await SourcesAsync()).FirstOrDefault(s => s!["source"]!.GetValue<string>() == source), fits);

    /// <summary>Waits until the edge side, as the API tells of it, fits.</summary>
    public Task<JsonNode> UntilEdgeAsync(Func<JsonNode, bool> fits) => UntilAsync(() => _api!.GetAsync("/api/v1/sparkplug-edge", TestContext.Current.CancellationToken), fits);

    /// <summary>Waits until the node's clock fits.</summary>
    public Task<JsonNode> UntilClockAsync(Func<DateTimeOffset, bool> fits) =>
        UntilAsync(() => _api!.GetAsync("/api/v1/clock", TestContext.Current.CancellationToken), c => fits(DateTimeOffset.Parse(c["now"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>Asks until the answer fits.</summary>
    public async Task<JsonNode> UntilAsync(Func<Task<JsonNode?>> ask, Func<JsonNode, bool> fits)
    {
        var since = Stopwatch.GetTimestamp();
        using var pulse = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await pulse.WaitForNextTickAsync(TestContext.Current.CancellationToken))
        {
            var now = await ask();
            if (now is not null && fits(now)) return now;
            if (Stopwatch.GetElapsedTime(since) > Doomed.Limit) throw new TimeoutException($"{now?.ToJsonString()}{Environment.NewLine}{_process!.Log}");
        }
        throw new UnreachableException();
    }

    public void Kill()
    {
        _process!.Kill();
        Dispose();
    }

    public async Task StopAsync()
    {
        await _process!.StopAsync();
        Dispose();
    }

    public void Dispose()
    {
        _api?.Dispose();
        _process?.Dispose();
    }
}
