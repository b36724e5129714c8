using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Ieum.TestKit;

/// <summary>A Modbus TCP machine of this process: holding registers that a test sets, reads, and stops in the middle of an answer.</summary>
/// <remarks>Functions 3, 6 and 16 of the Modbus application protocol 1.1b3; everything else is answered with exception 1.</remarks>
public sealed class ModbusMachine : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<int, ushort> _holding = [];
    private readonly ConcurrentQueue<(int Address, ushort Value)> _written = [];
    private readonly Task _running;

    public ModbusMachine()
    {
        _listener.Start();
        _running = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public ushort this[int address]
    {
        get => _holding.GetValueOrDefault(address);
        set => _holding[address] = value;
    }

    /// <summary>Every write that arrived, in order.</summary>
    public IReadOnlyCollection<(int Address, ushort Value)> Written => _written;

    /// <summary>Called with function and first address after a request was carried out and before it is answered; what it waits for, the client waits for.</summary>
    public Func<int, int, Task> Answering { get; set; } = (_, _) => Task.CompletedTask;

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_stop.Token);
                _ = ServeAsync(client);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // the test is over
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var _ = client;
        try
        {
            var stream = client.GetStream();
            var head = new byte[7];
            while (true)
            {
                await stream.ReadExactlyAsync(head, _stop.Token);
                var pdu = new byte[BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(4)) - 1];
                await stream.ReadExactlyAsync(pdu, _stop.Token);
                var answer = Answer(pdu);
                await Answering(pdu[0], BinaryPrimitives.ReadUInt16BigEndian(pdu.AsSpan(1))).WaitAsync(_stop.Token);
                var frame = new byte[7 + answer.Length];
                head.CopyTo(frame, 0);
                BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(4), (ushort)(answer.Length + 1));
                answer.CopyTo(frame, 7);
                await stream.WriteAsync(frame, _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or SocketException)
        {
            // the client is gone, killed perhaps
        }
    }

    private byte[] Answer(byte[] pdu)
    {
        int Word(int at) => BinaryPrimitives.ReadUInt16BigEndian(pdu.AsSpan(at));
        switch (pdu[0])
        {
            case 3:
                var answer = new byte[2 + 2 * Word(3)];
                (answer[0], answer[1]) = (3, (byte)(2 * Word(3)));
                for (var i = 0; i < Word(3); i++) BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(2 + 2 * i), this[Word(1) + i]);
                return answer;
            case 6:
                Take(Word(1), (ushort)Word(3));
                return pdu;
            case 16:
                for (var i = 0; i < Word(3); i++) Take(Word(1) + i, (ushort)Word(6 + 2 * i));
                return pdu[..5];
            default:
                return [(byte)(pdu[0] | 0x80), 1];
        }

        void Take(int address, ushort value)
        {
            this[address] = value;
            _written.Enqueue((address, value));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _running;
        _stop.Dispose();
    }
}
