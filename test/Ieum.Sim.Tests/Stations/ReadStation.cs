using System.Collections.Immutable;
using Ieum.Connect;
using Ieum.Connect.Fins;
using Ieum.Connect.Slmp;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Sim.Tests.Stations;

/// <summary>The node's own source reading a controller that lives in the test.</summary>
internal sealed class ReadStation : IAsyncDisposable
{
    // Against hanging only.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private ReadStation(IMachineSource source, InMemorySignals signals)
    {
        (Source, Signals) = (source, signals);
        _running = source.RunAsync(Sink, _stop.Token);
    }

    public static IReadOnlyList<IProtocolFactory> Factories { get; } =
        [new SlmpFactory(Clocks.Real, NullLoggerFactory.Instance), new FinsFactory(Clocks.Real, NullLoggerFactory.Instance)];

    public static ConnectRoom Room { get; } = new(Factories, Clocks.Real);

    public IMachineSource Source { get; }
    public InMemorySignals Signals { get; }
    public CollectingSink Sink { get; } = new();

    public static ConnectionSettings SettingsOf(string protocol, string endpoint, IEnumerable<(string Name, string Address, string Type)> points, params (string Key, string Value)[] options) =>
        new(new("m." + protocol), new("m"), protocol, endpoint, options.ToImmutableDictionary(o => o.Key, o => o.Value))
        {
            Points = [.. points.Select(p => new PointSettings(p.Name, p.Address) { Type = p.Type })],
        };

    public static ReadStation Start(ConnectionSettings settings)
    {
        var signals = new InMemorySignals();
        return new(Room.Create(settings, signals), signals);
    }

    /// <summary>The newest sample of a signal; null before the first.</summary>
    public Sample? Last(string name) => Signals.Find(new SignalId(new("m"), name)) is { } number
        ? Sink.Samples.Where(s => s.Signal == number).Select(s => (Sample?)s).LastOrDefault() : null;

    public string? Text(string name) => Last(name) is { } s ? $"{s.Value} {s.Quality}" : null;

    public Task UntilAsync(Func<bool> condition) => Sink.UntilAsync(_ => condition(), Limit);

    /// <summary>For conditions that no batch announces: looks again every 10 ms.</summary>
    public static async Task SeenAsync(Func<bool> condition)
    {
        using var stop = new CancellationTokenSource(Limit);
        while (!condition()) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, stop.Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try { await _running; }
        catch (OperationCanceledException) { /* asked for */ }
        await Source.DisposeAsync();
        Sink.Dispose();
        _stop.Dispose();
    }
}
