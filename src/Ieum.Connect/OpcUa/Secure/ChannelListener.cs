using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Ieum.Connect.OpcUa.Security;
using Ieum.Connect.OpcUa.Transport;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Secure;

/// <summary>Who sits on the other end of a server's channel.</summary>
/// <param name="Id">Number of the channel, never used twice while the listener lives.</param>
internal sealed record ChannelPeer(uint Id, MessageSecurityMode Mode, string PolicyUri, byte[] ClientCertificate, string Address)
{
    /// <summary>Came without security to a server that has none of it on offer: may only ask for the endpoints.</summary>
    public bool IsDiscoveryOnly { get; init; }
}

/// <summary>What a listener is opened with.</summary>
/// <param name="Trust">Judges client certificates; null only with <see cref="TrustsEverybody"/>.</param>
/// <param name="Answer">Answers one request; called for many at once.</param>
/// <param name="Gone">A channel is closed.</param>
internal sealed record ListenerWish(
    IPEndPoint At, IReadOnlyList<(SecurityPolicy Policy, MessageSecurityMode Mode)> Securities, ApplicationCertificate? Own, TrustList? Trust,
    Func<IServiceRequest, ChannelPeer, CancellationToken, ValueTask<IServiceResponse>> Answer, Action<ChannelPeer> Gone)
{
    /// <summary>Channels at once; further ones are refused.</summary>
    public int MostChannels { get; init; } = 100;

    /// <summary>How long somebody may be connected without having opened a channel.</summary>
    public TimeSpan OpenLimit { get; init; } = TimeSpan.FromSeconds(10);

    public int MostMessage { get; init; } = 4 << 20;
    public WireLimits Limits { get; init; } = WireLimits.Default;

    /// <summary>Longest lifetime of a token that is granted.</summary>
    public TimeSpan MostLifetime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Takes every client certificate without a look; for machines of tests.</summary>
    public bool TrustsEverybody { get; init; }

    /// <summary>A certificate was refused; for the log.</summary>
    public Action<string>? Refused { get; init; }
}

/// <summary>Takes OPC UA connections and keeps a <see cref="ServerChannel"/> for each.</summary>
internal sealed class ChannelListener : IAsyncDisposable
{
    private readonly ListenerWish _wish;
    private readonly Clocks _clocks;
    private readonly TcpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<ServerChannel, Task> _channels = [];
    private Task _accepting = Task.CompletedTask;
    private int _lastId = Random.Shared.Next(1, 1 << 20);   // not from 1 again after a restart: an old client must not hit a new channel

    private ChannelListener(ListenerWish wish, Clocks clocks) => (_wish, _clocks, _listener) = (wish, clocks, new(wish.At));

    public IPEndPoint Endpoint => (IPEndPoint)_listener.LocalEndpoint;
    public int Count => _channels.Count;

    /// <exception cref="SocketException">The port is in use.</exception>
    public static ChannelListener Open(ListenerWish wish, Clocks clocks)
    {
        if ((wish.Own is null || (wish.Trust is null && !wish.TrustsEverybody)) && wish.Securities.Any(s => !s.Policy.IsNone))
            throw new ArgumentException("Security needs a certificate of our own and a list of whom to trust.", nameof(wish));
        var listener = new ChannelListener(wish, clocks);
        listener._listener.Start();
        listener._accepting = Task.Run(listener.AcceptAsync);
        return listener;
    }

    /// <summary>Cuts every connection without a word, as a power cut does; the listener goes on.</summary>
    public void CutAll()
    {
        foreach (var channel in _channels.Keys) channel.Cut();
    }

    /// <summary>Sends bytes that are no chunk over every connection; for machines of tests.</summary>
    /// <returns>How many connections there were.</returns>
    public int SpoilAll(ReadOnlyMemory<byte> bytes)
    {
        var channels = _channels.Keys;
        foreach (var channel in channels) _ = channel.SpoilAsync(bytes);
        return channels.Count;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Stop();
        CutAll();
        await _accepting.ConfigureAwait(false);
        await Task.WhenAll(_channels.Values).ConfigureAwait(false);
        _stop.Dispose();
    }

    internal uint NextId() => (uint)Interlocked.Increment(ref _lastId);

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptSocketAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (SocketException) when (!_stop.IsCancellationRequested)
            {
                continue;   // that one hung up before we looked
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
            if (_channels.Count >= _wish.MostChannels)
            {
                socket.Dispose();
                continue;
            }
            socket.NoDelay = true;
            var channel = new ServerChannel(this, _wish, socket, _clocks);
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _channels[channel] = done.Task;
            _ = Task.Run(async () =>
            {
                await channel.RunAsync(_stop.Token).ConfigureAwait(false);
                _channels.TryRemove(channel, out _);
                done.SetResult();
            });
        }
    }
}
