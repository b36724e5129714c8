using System.Net.Sockets;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Shdr;

/// <summary>Reads one SHDR adapter over TCP, for ever. The only place of the protocol that does I/O.</summary>
internal sealed class ShdrSource(ConnectionSettings settings, ShdrOptions options, ISignalDirectory signals, Clocks clocks, ILogger log) : IMachineSource
{
    /// <summary>An adapter sends its whole state right after connecting; how long that may take.</summary>
    private static readonly TimeSpan DumpTime = TimeSpan.FromSeconds(2);

    private static readonly byte[] PingLine = "* PING\n"u8.ToArray();

    private readonly SourceHealthTracker _health = new(clocks.Factory);
    private ShdrIntake? _intake;

    public ConnectionSettings Settings => settings;
    public SourceHealth Health => _health.Health;

    /// <summary>Assets skipped, values repeated on reconnect, samples of other devices.</summary>
    internal ShdrSession? Session => _intake?.Session;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async Task RunAsync(ISampleSink sink, CancellationToken cancel)
    {
        var intake = _intake = new(settings, options, signals, _health, clocks.Factory, log);
        var batch = new SampleBatcher(settings, sink, _health, clocks.Wire);
        var policy = new ReconnectPolicy(clocks.Wire);
        var outage = new Outage(settings, clocks.Factory);
        intake.Connected(batch);
        try
        {
            while (true)
            {
                _health.SetLink(outage.HasBegun ? LinkState.Disconnected : LinkState.Connecting);
                var reason = await ConnectAndReadAsync(intake, batch, policy, outage, cancel).ConfigureAwait(false);
                outage.Begin(reason);
                await batch.FlushAsync(cancel).ConfigureAwait(false);
                await policy.WaitAsync(cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            // A stop during an outage must not hide it: the gap up to now is handed over before the end.
            if (outage.End() is { } gap) intake.Add(gap);
            _health.SetLink(LinkState.Disconnected);
            await batch.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <returns>Why it ended and since when nothing was heard.</returns>
    private async Task<OutageReason> ConnectAndReadAsync(ShdrIntake intake, SampleBatcher batch, ReconnectPolicy policy, Outage outage, CancellationToken cancel)
    {
        try
        {
            using var socket = await ShdrDial.ConnectAsync(options, clocks.Wire, cancel).ConfigureAwait(false);
            intake.Connected(batch);
            return await new ShdrLink(settings, options, clocks, socket, _health, intake, batch, log) { OnFirstBytes = Arrived }.ReadAsync(PingLine, DumpTime, cancel).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is SocketException or IOException or TimeoutException)
        {
            if (policy.Failures <= 1)
                intake.Tell(ConnectRules.Unreachable, $"Adapter '{settings.Endpoint}' cannot be reached: {fault.Message} Check power, cable, address and port.");
            ShdrLog.Unreachable(log, settings.Source, settings.Endpoint, fault.Message);
            return new(LinkState.Disconnected, clocks.Factory.GetUtcNow(), fault.Message);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // A fault of our own must not silence a machine for ever; it is told and the source starts again.
            intake.Tell(ConnectRules.Unexpected, $"Adapter '{settings.Endpoint}': {fault.GetType().Name}: {fault.Message}");
            ShdrLog.Unexpected(log, settings.Source, fault);
            return new(LinkState.Disconnected, clocks.Factory.GetUtcNow(), fault.Message);
        }

        void Arrived()
        {
            policy.Succeeded();
            if (outage.End() is { } gap) intake.Add(gap);
        }
    }
}
