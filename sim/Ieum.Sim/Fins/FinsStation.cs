using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Ieum.Connect.Fins;
using Ieum.Sim.Registers;
using Ieum.Sim.Stations;

namespace Ieum.Sim.Fins;

/// <summary>What an Omron controller answers to FINS requests, bare in datagrams and in TCP envelopes.</summary>
/// <param name="node">Its own node address.</param>
internal sealed class FinsStation(ICells memory, string model, byte node)
{
    private int _lastClient = 238;

    /// <summary>Called before a request is carried out; a code other than 0 refuses it.</summary>
    public Func<FinsRequest, ushort>? Refusing { get; set; }

    /// <summary>Error of the envelope with which the exchange of node addresses is refused; 0 takes every client.</summary>
    public uint HandshakeError { get; set; }

    /// <summary>A CJ2 controller over the registers of a machine: words are D, bits are those of W.</summary>
    public static RegisterServer Server() => new("fins", word => string.Create(CultureInfo.InvariantCulture, $"D{word}"), "FINX no envelope"u8.ToArray(),
        () => new StationSpeech(memory => new FinsStation(new RegisterCells(memory, 0x82, 0xB1, bitsAsWords: true), "CJ2M-CPU33", node: 1).Open(false), new Stream(null)));

    public IStationSession Open(bool isDatagram) => isDatagram ? new Datagram(this) : new Stream(this);

    private byte[]? Answer(ReadOnlyMemory<byte> frame)
    {
        if (frame.Length < FinsCodec.Head) return null;
        if (!FinsCodec.TryDecodeCall(frame, out var call, out var end)) return end == 0 ? null : FinsCodec.Answer(frame.Span, end, []);
        if (call.To.Node != node) return FinsCodec.Answer(frame.Span, 0x0201, []);
        if (Refusing?.Invoke(call.Request) is > 0 and var refused) return FinsCodec.Answer(frame.Span, refused, []);
        byte[] data = [];
        end = call.Request switch
        {
            FinsRequest.Read r => Read(r, out data),
            FinsRequest.Write w => Write(w),
            _ => Who(out data),
        };
        return FinsCodec.Answer(frame.Span, end, end == 0 ? data : []);
    }

    private ushort Who(out byte[] data)
    {
        data = Encoding.ASCII.GetBytes(model.PadRight(20) + "01.00".PadRight(20) + new string('\0', 52));
        return 0;
    }

    private ushort Read(FinsRequest.Read request, out byte[] data)
    {
        data = [];
        if (FinsAreas.TryBit(request.AreaCode, out var area))
        {
            var words = new ushort[(request.Bit + request.Count + 15) / 16];
            if (!memory.TryRead(area.WordCode, request.Word, words)) return Outside(area.WordCode);
            data = [.. Enumerable.Range(request.Bit, request.Count).Select(bit => (byte)(words[bit / 16] >> (bit % 16) & 1))];
            return 0;
        }
        var cells = new ushort[request.Count];
        if (!memory.TryRead(request.AreaCode, request.Word, cells)) return Outside(request.AreaCode);
        data = new byte[cells.Length * 2];
        for (var i = 0; i < cells.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(data.AsSpan(i * 2), cells[i]);
        return 0;
    }

    private ushort Write(FinsRequest.Write request)
    {
        var data = request.Data.Span;
        if (FinsAreas.TryBit(request.AreaCode, out var area))
        {
            var words = new ushort[(request.Bit + request.Count + 15) / 16];
            if (!memory.TryRead(area.WordCode, request.Word, words)) return Outside(area.WordCode);
            for (var i = 0; i < request.Count; i++)
            {
                var (word, mask) = ((request.Bit + i) / 16, 1 << (request.Bit + i) % 16);
                words[word] = (ushort)(data[i] != 0 ? words[word] | mask : words[word] & ~mask);
            }
            memory.TryWrite(area.WordCode, request.Word, words);
            return 0;
        }
        var cells = new ushort[request.Count];
        for (var i = 0; i < cells.Length; i++) cells[i] = BinaryPrimitives.ReadUInt16BigEndian(data[(i * 2)..]);
        return memory.TryWrite(request.AreaCode, request.Word, cells) ? (ushort)0 : Outside(request.AreaCode);
    }

    private ushort Outside(int code) => memory.Has(code) ? FinsEndCodes.RangeExceeded : FinsEndCodes.AreaMissing;

    private sealed class Datagram(FinsStation station) : IStationSession
    {
        public int Cut(ReadOnlySpan<byte> received) => received.Length is < FinsCodec.Head or > FinsCodec.MostFrame ? -1 : received.Length;
        public byte[]? Answer(ReadOnlyMemory<byte> frame) => station.Answer(frame);
    }

    /// <summary>Frames are taken only after the exchange of node addresses.</summary>
    private sealed class Stream(FinsStation? station) : IStationSession
    {
        private bool _isGreeted;

        public int Cut(ReadOnlySpan<byte> received) => FinsTcp.Measure(received);

        public byte[]? Answer(ReadOnlyMemory<byte> frame)
        {
            if (station is null) return null;
            if (!FinsTcp.TryUnwrap(frame, out var command, out _, out var content)) return FinsTcp.Wrap(FinsTcpCommand.Error, [], 2);
            if (command == FinsTcpCommand.ClientNode && content.Length == 4)
            {
                if (station.HandshakeError != 0) return FinsTcp.Wrap(FinsTcpCommand.ServerNode, new byte[8], station.HandshakeError);
                _isGreeted = true;
                var client = content.Span[3] == 0 ? (byte)Interlocked.Increment(ref station._lastClient) : content.Span[3];
                return FinsTcp.Wrap(FinsTcpCommand.ServerNode, [0, 0, 0, client, 0, 0, 0, station.Node]);
            }
            if (command != FinsTcpCommand.Frame || !_isGreeted) return FinsTcp.Wrap(FinsTcpCommand.Error, [], 3);
            return station.Answer(content) is { } answer ? FinsTcp.Wrap(FinsTcpCommand.Frame, answer) : null;
        }
    }

    private byte Node => node;
}
