using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ieum.Bench.Connect;

/// <summary>An SHDR adapter that sends as fast as its client reads: distinct values, rising time stamps, a known count.</summary>
internal sealed class ShdrFlood : IDisposable
{
    private const int KeysPerLine = 5;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly int _keys;
    private readonly DateTimeOffset _start;

    /// <param name="keys">Number of signals; a multiple of five.</param>
    /// <param name="start">Time stamp of the first line.</param>
    public ShdrFlood(int keys, DateTimeOffset start)
    {
        (_keys, _start) = (keys, start);
        _listener.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Values sent so far.</summary>
    public long Sent { get; private set; }

    /// <summary>Waits for a client, sends <paramref name="values"/> values, then answers pings until cancelled.</summary>
    public async Task RunAsync(long values, CancellationToken cancel)
    {
        using var client = await _listener.AcceptTcpClientAsync(cancel);
        var stream = client.GetStream();
        var pings = AnswerPingsAsync(stream, cancel);
        var buffer = new byte[64 * 1024];
        var names = Enumerable.Range(0, _keys).Select(i => Encoding.ASCII.GetBytes($"|f{i}|")).ToArray();
        var used = 0;
        for (long line = 0; Sent < values; line++)
        {
            if (used > buffer.Length - 512)
            {
                await stream.WriteAsync(buffer.AsMemory(0, used), cancel);
                used = 0;
            }
            // One line a millisecond: the day has room for 86 million lines.
            used += Encoding.ASCII.GetBytes(_start.AddMilliseconds(line).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), buffer.AsSpan(used));
            for (var k = 0; k < KeysPerLine; k++)
            {
                var key = (int)((line * KeysPerLine + k) % _keys);
                names[key].CopyTo(buffer.AsSpan(used));
                used += names[key].Length;
                // Quantised like a controller's own figures: one decimal, walking slowly.
                Utf8Formatter.TryFormat((line / 7 + key) % 10_000 / 10.0, buffer.AsSpan(used), out var written, new('F', 1));
                used += written;
            }
            buffer[used++] = (byte)'\n';
            Sent += KeysPerLine;
        }
        await stream.WriteAsync(buffer.AsMemory(0, used), cancel);
        await pings;
    }

    private static async Task AnswerPingsAsync(NetworkStream stream, CancellationToken cancel)
    {
        var buffer = new byte[256];
        var pong = "* PONG 10000\n"u8.ToArray();
        try
        {
            while (await stream.ReadAsync(buffer, cancel) > 0) await stream.WriteAsync(pong, cancel);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The run is over, or the client went away; both end the answers.
        }
    }

    public void Dispose() => _listener.Dispose();
}
