using System.Buffers;
using System.Globalization;
using Ieum.Connect.S7;
using Ieum.Sim.Registers;

namespace Ieum.Sim.S7;

/// <summary>An S7 CPU: data block 1 holds the registers of the machine, the flags M the bits that clients may write.</summary>
internal sealed class S7Speech : IRegisterSpeech
{
    private const int PduLength = 480;
    private const byte Done = 0xFF, OutOfRange = 0x05, WrongSize = 0x07, NotThere = 0x0A;

    public static RegisterServer Server() => new("s7",
        word => string.Create(CultureInfo.InvariantCulture, $"DB1.DBW{2 * word}"), [0x03, 0x00, 0x00, 0x07, 0x55, 0xAA, 0x55], () => new S7Speech());

    public int Cut(ReadOnlySpan<byte> received)
    {
        if (received.Length < IsoTransport.PacketHead) return 0;
        if (!IsoTransport.TryLength(received, out var length, out _)) return -1;
        return received.Length < length ? 0 : length;
    }

    public void Answer(ReadOnlySpan<byte> request, RegisterMemory memory, IBufferWriter<byte> into)
    {
        if (IsoTransport.IsRequest(request)) into.Write(IsoTransport.Confirm(0x0100, 0x0301));
        else if (IsoTransport.TryMessage(request, out var message, out _) && S7Codec.TryDecodeRequest(message, out var reference, out var asked, out _))
            into.Write(S7Codec.Encode(Serve(asked!, memory), reference));
        // Anything else is what this CPU does not serve; a real one answers with an error class as well.
        else into.Write(S7Codec.Encode(new S7Reply.Write(0x8500, []), 0));
    }

    private static S7Reply Serve(S7Request asked, RegisterMemory memory) => asked switch
    {
        S7Request.SetUp s => new S7Reply.SetUp(0, 1, Math.Min(s.PduLength, PduLength)),
        S7Request.Read r when r.Items.Sum(i => i.Length + 4) > PduLength - 14 => new S7Reply.Read(0x8500, []),
        S7Request.Read r => new S7Reply.Read(0, [.. r.Items.Select(i => Read(i, memory))]),
        S7Request.Write w => new S7Reply.Write(0, [.. w.Values.Select(v => Write(v, memory))]),
        _ => new S7Reply.Write(0x8500, []),
    };

    private static S7ItemAnswer Read(S7Item item, RegisterMemory memory)
    {
        if (item.Area == S7Area.Flags)
        {
            var bits = new bool[item.Bit is null ? item.Length * 8 : 1];
            if (!memory.TryReadBits(item.Start * 8 + (item.Bit ?? 0), bits.Length, bits)) return new(OutOfRange, default);
            var bytes = new byte[item.Bit is null ? item.Length : 1];
            for (var i = 0; i < bits.Length; i++) bytes[i / 8] |= (byte)(bits[i] ? 1 << (i % 8) : 0);
            return new(Done, bytes);
        }
        if (item.Area != S7Area.DataBlock || item.Block != 1) return new(NotThere, default);
        var words = new byte[2 * ((item.Start + item.Length + 1) / 2 - item.Start / 2)];
        if (!memory.TryRead(item.Start / 2, words.Length / 2, words)) return new(OutOfRange, default);
        var data = words[(item.Start % 2)..(item.Start % 2 + item.Length)];
        return new(Done, item.Bit is { } bit ? new[] { (byte)(data[0] >> bit & 1) } : data);
    }

    private static byte Write(S7Value value, RegisterMemory memory)
    {
        var item = value.Item;
        if (item.Area == S7Area.Flags)
            return item.Bit is not { } bit || value.Data.Length != 1 ? WrongSize : memory.TryWriteBits(item.Start * 8 + bit, [value.Data.Span[0] != 0]) ? Done : OutOfRange;
        if (item.Area != S7Area.DataBlock || item.Block != 1) return NotThere;
        if (item.Bit is not null || item.Start % 2 != 0 || value.Data.Length % 2 != 0 || value.Data.Length != item.Length) return WrongSize;
        return memory.TryWrite(item.Start / 2, value.Data.Span) ? Done : OutOfRange;
    }
}
