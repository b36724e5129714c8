using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using Ieum.Sim.Play;

namespace Ieum.Sim.Shdr;

/// <summary>One client of an adapter: its own queue, one writer, one reader for pings.</summary>
internal sealed class ShdrClient(TcpClient tcp, ShdrOutlet adapter) : IDisposable
{
    /// <summary>Lines a client may lag behind before it is cut, as adapters cut a client that does not read.</summary>
    public const int Capacity = 1 << 17;

    /// <summary>What the adapter promises in its PONG: a client may wait this long for the next one.</summary>
    private const string Pong = "* PONG 10000\n";

    /// <summary>How long a client may take to read what was sent to it when its connection ends.</summary>
    private static readonly TimeSpan GoodbyeLimit = TimeSpan.FromSeconds(30);

    // One marker per kind: they travel in the queue so that they keep their place among the lines.
    private static readonly ShdrLine PongMark = new("");
    private static readonly ShdrLine GarbageMark = new("");
    private static readonly byte[] Garbage = [0x00, 0xFF, 0xFE, .. "|||2026-99-99Tgarbage|"u8, 0xC3, 0x28, (byte)'\n', .. "no bars at all"u8, (byte)'\n'];

    private readonly Channel<ShdrLine> _queue = Channel.CreateBounded<ShdrLine>(new BoundedChannelOptions(Capacity) { SingleReader = true });
    private readonly CancellationTokenSource _cut = new();
    private int _inHand;

    /// <summary>Lines not yet on the wire.</summary>
    public int Queued => _queue.Reader.Count + Volatile.Read(ref _inHand);

    public void Queue(ShdrLine line)
    {
        if (!_queue.Writer.TryWrite(line)) Cut();
    }

    public void QueueGarbage() => Queue(GarbageMark);

    public void Cut()
    {
        try { _cut.Cancel(); } catch (ObjectDisposedException) { }
    }

    public void Dispose() => _cut.Dispose();

    /// <summary>Runs until the client goes, is cut, or the adapter stops; <see cref="EndAsync"/> comes after it.</summary>
    /// <returns>Why it ended.</returns>
    public async Task<string> RunAsync(CancellationToken stop)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(stop, _cut.Token);
        tcp.NoDelay = true;
        try
        {
            var stream = tcp.GetStream();
            var ended = await Task.WhenAny(SendAsync(stream, both.Token), ListenAsync(stream, both.Token)).ConfigureAwait(false);
            await ended.ConfigureAwait(false);
            return "closed by the client";
        }
        catch (OperationCanceledException) { return _cut.IsCancellationRequested ? "cut" : "the adapter stops"; }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException) { return e.Message; }
        finally
        {
            await both.CancelAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Says goodbye and waits for the client to do the same: closing at once would throw away what it has not read yet as soon as it sends another ping.</summary>
    public async Task EndAsync(TimeProvider wire)
    {
        try
        {
            using var limit = new CancellationTokenSource(GoodbyeLimit, wire);
            tcp.Client.Shutdown(SocketShutdown.Send);
            var rest = new byte[256];
            while (await tcp.Client.ReceiveAsync(rest, limit.Token).ConfigureAwait(false) > 0) { }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException) { }
        tcp.Close();
    }

    private async Task SendAsync(NetworkStream stream, CancellationToken cancel)
    {
        var text = new StringBuilder(1 << 16);
        var fresh = new List<ShdrLine>();
        while (await _queue.Reader.WaitToReadAsync(cancel).ConfigureAwait(false))
        {
            await adapter.Faults.WaitOverAsync(cancel, FaultKind.Silence).ConfigureAwait(false);
            text.Clear();
            fresh.Clear();
            while (text.Length < 1 << 15 && _queue.Reader.TryRead(out var line))
            {
                Interlocked.Increment(ref _inHand);
                if (ReferenceEquals(line, GarbageMark))
                {
                    await FlushAsync().ConfigureAwait(false);
                    await stream.WriteAsync(Garbage, cancel).ConfigureAwait(false);
                    adapter.CountGarbage();
                }
                else if (ReferenceEquals(line, PongMark)) text.Append(Pong);
                else
                {
                    text.Append(line.Text).Append('\n');
                    fresh.Add(line);
                }
            }
            await FlushAsync().ConfigureAwait(false);
            Volatile.Write(ref _inHand, 0);
        }

        async Task FlushAsync()
        {
            if (text.Length > 0) await stream.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), cancel).ConfigureAwait(false);
            text.Clear();
            // Counted after the write returned: what a broken socket refused was not sent.
            adapter.CountSent(fresh.Count(l => l.MarkSent()));
            fresh.Clear();
        }
    }

    private async Task ListenAsync(NetworkStream stream, CancellationToken cancel)
    {
        using var reader = new StreamReader(stream, Encoding.ASCII, false, 256, leaveOpen: true);
        while (await reader.ReadLineAsync(cancel).ConfigureAwait(false) is { } line)
            if (line.StartsWith("* PING", StringComparison.Ordinal)) Queue(PongMark);
    }
}
