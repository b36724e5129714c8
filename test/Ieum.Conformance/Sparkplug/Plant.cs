using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Ieum.Connect;
using Ieum.Connect.Broker;
using Ieum.Connect.Sparkplug;
using Ieum.Connect.Sparkplug.Host;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Ieum.Conformance.Sparkplug;

/// <summary>A node's Connect room with one Sparkplug machine, for tests against other people's clients and brokers.</summary>
internal sealed class Plant : IAsyncDisposable
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _running = [];

    public Plant(Action<BrokerOptions>? configure = null)
    {
        Port = FreePort();
        var options = new BrokerOptions { Port = Port, HostId = "house" };
        configure?.Invoke(options);
        Broker = new(options, Clocks.Real.Wire, NullLogger<EmbeddedBroker>.Instance);
        var hosts = new SparkplugHosts(Broker, Options.Create(options), Clocks.Real, NullLoggerFactory.Instance);
        Room = new ConnectRoom([new SparkplugFactory(hosts, Clocks.Real, NullLogger<SparkplugSource>.Instance)], Clocks.Real);
    }

    /// <summary>Port of the embedded broker, once a machine runs.</summary>
    public int Port { get; }
    public string Url => $"mqtt://127.0.0.1:{Port}";
    public IConnectRoom Room { get; }
    public EmbeddedBroker Broker { get; }
    public InMemorySignals Signals { get; } = new();

    public static ConnectionSettings Connection(string endpoint, params (string Key, string Value)[] options) => new(
        new("m.sparkplug"), new("m"), "sparkplug", endpoint, options.ToImmutableDictionary(o => o.Key, o => o.Value));

    public (IMachineSource Source, CollectingSink Sink) Run(ConnectionSettings settings)
    {
        var source = Room.Create(settings, Signals);
        var sink = new CollectingSink();
        _running.Add(source.RunAsync(sink, _stop.Token));
        return (source, sink);
    }

    public IMachineSource Run(ConnectionSettings settings, ISampleSink sink)
    {
        var source = Room.Create(settings, Signals);
        _running.Add(source.RunAsync(sink, _stop.Token));
        return source;
    }

    /// <summary>Values of one signal in arrival order.</summary>
    public IEnumerable<Sample> Of(CollectingSink sink, string name) =>
        Signals.Find(new SignalId(new("m"), name)) is { } number ? sink.Samples.Where(s => s.Signal == number) : [];

    /// <summary>Waits for something a source shows only when asked, such as its link state; fails after <see cref="Limit"/>.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var stop = new CancellationTokenSource(Limit);
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition()) await look.WaitForNextTickAsync(stop.Token);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        foreach (var one in _running)
        {
            try { await one; }
            catch (OperationCanceledException) { /* asked for */ }
        }
        _running.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Broker.DisposeAsync();
        _stop.Dispose();
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>A sink that takes nothing until it is opened.</summary>
internal sealed class GatedSink : ISampleSink
{
    private readonly TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _blocked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _count;

    public long Count => Interlocked.Read(ref _count);
    /// <summary>Completes when the first batch waits.</summary>
    public Task Blocked => _blocked.Task;
    public void Open() => _gate.TrySetResult();

    public async ValueTask WriteAsync(SampleBatch batch, CancellationToken cancel)
    {
        _blocked.TrySetResult();
        await _gate.Task.WaitAsync(cancel);
        Interlocked.Add(ref _count, batch.Samples.Length);
    }
}
