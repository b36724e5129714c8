using System.Collections.Immutable;
using System.Globalization;
using Ieum.Conformance.Sparkplug;
using Ieum.Connect;
using Ieum.Connect.Modbus;
using Ieum.Connect.Polling;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Conformance.Modbus;

/// <summary>A Modbus server by other people, and the node's own source that reads it.</summary>
internal sealed class ModbusRig : IAsyncDisposable
{
    // Against hanging only.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private ModbusRig(Counterpart server, int port) => (Server, Port) = (server, port);

    public Counterpart Server { get; private set; }
    public int Port { get; }
    public string Endpoint => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{Port}");
    public ModbusFactory Factory { get; } = new(Clocks.Real, NullLoggerFactory.Instance);
    public CollectingSink Sink { get; } = new();
    public InMemorySignals Signals { get; } = new();
    public IMachineSource Source { get; private set; } = null!;

    public static async Task<ModbusRig> JsAsync(int registers) =>
        await ListeningAsync(Counterpart.Script("jsmodbus", "modbus-server.cjs", registers.ToString(CultureInfo.InvariantCulture)));

    public static async Task<ModbusRig> PyAsync(string framing = "tcp", string missing = "silent", int port = 0) => await ListeningAsync(Py(framing, missing, port));

    private static Counterpart Py(string framing, string missing, int port) => Counterpart.Program(Needs.Python("pymodbus"),
        Path.Combine(Needs.Repository, "test", "counterparts", "modbus-server.py"), framing, missing, port.ToString(CultureInfo.InvariantCulture));

    private static async Task<ModbusRig> ListeningAsync(Counterpart server) =>
        new(server, int.Parse((await server.UntilAsync(l => l.StartsWith("listening ", StringComparison.Ordinal)))[10..], CultureInfo.InvariantCulture));

    public ConnectionSettings Settings(IEnumerable<PointSettings> points, params (string Key, string Value)[] options) =>
        new(new("m.modbus"), new("m"), "modbus", Endpoint, options.ToImmutableDictionary(o => o.Key, o => o.Value)) { Points = [.. points] };

    /// <summary>Begins to read, every 20 ms.</summary>
    public void Read(IEnumerable<PointSettings> points, params (string Key, string Value)[] options)
    {
        var room = new ConnectRoom([Factory], Clocks.Real);
        Source = room.Create(Settings(points, [("period", "0.02"), ("timeout", "0.3"), .. options]), Signals);
        _running = Source.RunAsync(Sink, _stop.Token);
    }

    /// <summary>Waits until the newest value of a signal is this one.</summary>
    public Task ValueAsync(string name, string value, Quality quality = Quality.Good) =>
        Sink.UntilAsync(_ => Newest(name) is { } s && s.Quality == quality && s.Value.ToString() == value, Limit);

    public Task UntilAsync(Func<CollectingSink, bool> condition) => Sink.UntilAsync(condition, Limit);

    public Sample? Newest(string name)
    {
        var number = Signals.Find(new SignalId(new("m"), name));
        return Sink.Samples.Where(s => s.Signal == number).Select(s => (Sample?)s).LastOrDefault();
    }

    public async Task<WriteAnswer> WriteAsync(string name, SampleValue value)
    {
        await UntilAsync(_ => Source.Health.Link == LinkState.Connected);
        return await Source.Writer!.WriteAsync(new(new("m"), name), value, TestContext.Current.CancellationToken);
    }

    /// <summary>The server dies as in a power cut and comes back at the same port.</summary>
    public async Task PowerCutAsync()
    {
        Server.Kill();
        using var patience = new CancellationTokenSource(Limit);
        while (Source.Health.Link == LinkState.Connected) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, patience.Token);
        Server.Dispose();
        Server = Py("tcp", "silent", Port);
        await Server.UntilAsync(l => l.StartsWith("listening ", StringComparison.Ordinal));
    }

    public async Task<RegisterLink> LinkAsync(ModbusFraming framing = ModbusFraming.Tcp) =>
        await RegisterLink.OpenAsync(new() { Host = "127.0.0.1", Port = Port }, new ModbusProtocol(1, framing), TimeProvider.System, TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try { await _running; }
        catch (OperationCanceledException) { /* asked for */ }
        Server.Dispose();
        Sink.Dispose();
        _stop.Dispose();
    }
}
