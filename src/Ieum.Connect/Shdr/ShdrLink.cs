using System.Net.Sockets;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Shdr;

/// <summary>One connection from first byte to last: reads, flushes batches in time, sends PINGs, notices silence.</summary>
internal sealed class ShdrLink(
    ConnectionSettings settings, ShdrOptions options, Clocks clocks, Socket socket,
    SourceHealthTracker health, ShdrIntake intake, SampleBatcher batch, ILogger log)
{
    private readonly long _connectedAt = clocks.Wire.GetTimestamp();
    private long _lastBytesAt = clocks.Wire.GetTimestamp(), _lastPingAt;
    private bool _heard;

    /// <summary>The connection proved to be alive.</summary>
    public required Action OnFirstBytes { get; init; }

    public async Task<OutageReason> ReadAsync(byte[] ping, TimeSpan dumpTime, CancellationToken cancel)
    {
        // An adapter that never answered PING may rightly be silent for hours, so the open socket is all there is to know.
        if (!intake.SpeaksPing) Alive();
        Ping(ping);
        while (true)
        {
            var reading = socket.ReceiveAsync(intake.Free, cancel).AsTask();
            while (!reading.IsCompleted)
            {
                if (batch.IsDue) await batch.FlushAsync(cancel).ConfigureAwait(false);
                if (clocks.Wire.GetElapsedTime(_lastPingAt) >= options.Ping) Ping(ping);
                if (!reading.IsCompleted && IsSilent) return Silent(reading);
                await WaitAsync(reading, cancel).ConfigureAwait(false);
            }
            int count;
            try
            {
                count = await reading.ConfigureAwait(false);
            }
            catch (SocketException fault)
            {
                return Lost($"The connection broke: {fault.Message}");
            }
            if (count == 0) return Lost("The adapter closed the connection.");
            _lastBytesAt = clocks.Wire.GetTimestamp();
            if (!_heard) Alive();
            _heard = true;
            intake.Filled(count, isLive: clocks.Wire.GetElapsedTime(_connectedAt) > dumpTime);
            if (batch.IsDue) await batch.FlushAsync(cancel).ConfigureAwait(false);
        }
    }

    private bool IsSilent => intake.SpeaksPing && clocks.Wire.GetElapsedTime(_lastBytesAt) >= options.SilenceLimit;

    private void Alive()
    {
        if (health.SetLink(LinkState.Connected)) ShdrLog.Connected(log, settings.Source, settings.Endpoint);
        OnFirstBytes();
    }

    private OutageReason Silent(Task<int> reading)
    {
        health.SetLink(LinkState.Silent);
        var message = $"Adapter '{settings.Endpoint}' has been silent for {options.SilenceLimit.TotalSeconds:0.#} s although it answers PING. The connection is made anew; check cable and switch.";
        intake.Tell(ShdrRules.Silent, message);
        // The abandoned read ends with the socket; its outcome says nothing new.
        _ = reading.ContinueWith(static t => t.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        return Lost(message);
    }

    private OutageReason Lost(string detail)
    {
        ShdrLog.Lost(log, settings.Source, settings.Endpoint, detail);
        return new(health.Link, detail.StartsWith("The adapter closed", StringComparison.Ordinal) ? clocks.Factory.GetUtcNow() : intake.LastBytes ?? clocks.Factory.GetUtcNow(), detail);
    }

    /// <summary>Sends without waiting: seven bytes fit into any send buffer, and a full one means that nobody reads.</summary>
    private void Ping(byte[] line)
    {
        _lastPingAt = clocks.Wire.GetTimestamp();
        _ = SendAsync();

        async Task SendAsync()
        {
            try
            {
                await socket.SendAsync(line, SocketFlags.None).ConfigureAwait(false);
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
            {
                // The read on the same socket meets the same fault and tells it.
            }
        }
    }

    /// <summary>Until bytes come or something falls due: the batch, the next PING, the silence limit.</summary>
    private async Task WaitAsync(Task<int> reading, CancellationToken cancel)
    {
        var wait = options.Ping - clocks.Wire.GetElapsedTime(_lastPingAt);
        if (batch.HasPending && batch.Remaining < wait) wait = batch.Remaining;
        if (wait < TimeSpan.FromMilliseconds(1)) wait = TimeSpan.FromMilliseconds(1);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var timer = Task.Delay(wait, clocks.Wire, stop.Token);
        await Task.WhenAny(reading, timer).ConfigureAwait(false);
        await stop.CancelAsync().ConfigureAwait(false);
        cancel.ThrowIfCancellationRequested();
    }
}
