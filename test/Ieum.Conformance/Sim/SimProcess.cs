using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json;
using Ieum.Model;
using Ieum.TestKit;

namespace Ieum.Conformance.Sim;

/// <summary>The simulator as its users have it: a child process, real sockets, the control channel.</summary>
internal sealed class SimProcess : IAsyncDisposable
{
#pragma warning disable RS0030 // a test's own client; the product takes its clients from a factory
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(30) };
#pragma warning restore RS0030

    public static Task<string> TextAsync(string url) => Http.GetStringAsync(url, TestContext.Current.CancellationToken);
    public static Task<HttpResponseMessage> AnswerAsync(string url) => Http.GetAsync(url, TestContext.Current.CancellationToken);

    private readonly Process _process;
    private readonly Dictionary<string, string> _endpoints;
    private readonly JsonElement _machines;

    private SimProcess(Process process, JsonElement ready)
    {
        _process = process;
        Control = ready.GetProperty("control").GetString()!;
        _machines = ready.GetProperty("machines");
        _endpoints = ready.GetProperty("machines").EnumerateArray().ToDictionary(m => m.GetProperty("machine").GetString()!, m => m.GetProperty("endpoint").GetString()!);
    }

    public string Control { get; }
    public string Endpoint(string machine) => _endpoints[machine];

    /// <summary>What to read at a machine that is asked point by point, as its ready line says; none for the others.</summary>
    public ImmutableArray<PointSettings> Points(string machine) =>
        !_machines.EnumerateArray().Single(m => m.GetProperty("machine").GetString() == machine).TryGetProperty("points", out var points) ? []
        : [.. points.EnumerateArray().Select(p => new PointSettings(Text(p, "name"), Text(p, "address"))
        {
            Type = Text(p, "type"), Unit = Text(p, "unit"), Role = Enum.Parse<SignalRole>(Text(p, "role")), Scale = p.GetProperty("scale").GetDouble(),
            Words = p.GetProperty("words").EnumerateObject().ToImmutableSortedDictionary(w => w.Name, w => w.Value.GetString()!),
        })];

    private static string Text(JsonElement point, string key) => point.TryGetProperty(key, out var value) ? value.GetString()! : "";

    /// <summary>Scenario time at which the machines begin: Monday 08:00 in Korea, as in the town.</summary>
    public static DateTimeOffset Start0800 { get; } = new(2026, 11, 2, 8, 0, 0, TimeSpan.FromHours(9));

    /// <summary>Starts machines with the clock of the town.</summary>
    /// <param name="origin">Real instant of <see cref="Start0800"/>, for a test that reads on the same clock; default: when the process started.</param>
    public static async Task<SimProcess> RunAsync(string machines, double speed = 60, DateTimeOffset? origin = null)
    {
        var config = Path.Combine(Needs.Scratch, $"sim-{Guid.NewGuid():N}.json");
        await File.WriteAllTextAsync(config, string.Create(CultureInfo.InvariantCulture,
            $$"""{"clock":{"start":"{{Start0800:o}}","speed":{{speed}}{{(origin is { } o ? $",\"origin\":\"{o:o}\"" : "")}}},"machines":[{{machines}}]}"""));
        var process = Start("run", "--config", config, "--with-parent");
        var line = await process.StandardOutput.ReadLineAsync()
            ?? throw new InvalidOperationException("ieum-sim ended: " + await process.StandardError.ReadToEndAsync());
        File.Delete(config);
        return new(process, JsonDocument.Parse(line).RootElement);
    }

    /// <summary>Starts the simulator; its log is read and dropped.</summary>
    public static Process Start(params string[] arguments)
    {
        var process = StartWithLog(arguments);
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Starts the simulator for a caller that reads its standard error.</summary>
    public static Process StartWithLog(params string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "..", "..", "Ieum.Sim", new DirectoryInfo(AppContext.BaseDirectory).Name, "ieum-sim.dll");
        Assert.True(File.Exists(program), $"'{program}' is missing; build the solution first.");
        var start = new ProcessStartInfo("dotnet") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var a in arguments.Prepend(program)) start.ArgumentList.Add(a);
        return Process.Start(start)!;
    }

    public async Task<JsonElement> StatusAsync(string machine) =>
        (await Http.GetFromJsonAsync<JsonElement>(Control + "/status")).GetProperty("machines").EnumerateArray()
            .Single(m => m.GetProperty("machine").GetString() == machine).Clone();

    public async Task<(int Status, JsonElement Body)> PostAsync(string path, object body)
    {
        using var answer = await Http.PostAsJsonAsync(Control + path, body);
        return ((int)answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token);
        _process.Dispose();
    }
}
