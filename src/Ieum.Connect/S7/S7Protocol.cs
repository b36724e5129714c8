using System.Buffers;
using System.Globalization;
using Ieum.Connect.Polling;

namespace Ieum.Connect.S7;

/// <summary>What S7 adds to the polling core. Bits are read as bytes and written as single bits, so that their neighbours are never touched.</summary>
internal sealed class S7Protocol(S7Options options) : IRegisterProtocol
{
    /// <summary>What every CPU takes; more is agreed on when the connection is opened.</summary>
    private const int LeastPdu = 240;

    private const int ReadFrame = 18, WriteFrame = 28;

    private int _pdu = LeastPdu;

    public bool IsNumbered => true;

    public bool TryPlace(string address, out RegisterPlace place, out string why)
    {
        (place, why) = (default, "");
        if (!S7Address.TryParse(address, out var area, out var block, out var start, out var bit, out var type))
        {
            why = S7Address.Form;
            return false;
        }
        place = bit >= 0
            ? new(new(0, (int)area, block, CellSize.Bit), start * 8 + bit, Type: type)
            : new(new(0, (int)area, block, CellSize.Byte), start, Type: type);
        return true;
    }

    public string AddressOf(RegisterArea area, int start)
    {
        var letter = (S7Area)area.Code switch { S7Area.Inputs => "I", S7Area.Outputs => "Q", S7Area.Flags => "M", _ => string.Create(CultureInfo.InvariantCulture, $"DB{area.Number}.DB") };
        var isBlock = (S7Area)area.Code == S7Area.DataBlock;
        return area.Cell == CellSize.Bit
            ? string.Create(CultureInfo.InvariantCulture, $"{letter}{(isBlock ? "X" : "")}{start / 8}.{start % 8}")
            : string.Create(CultureInfo.InvariantCulture, $"{letter}B{start}");
    }

    public int MostCells(RegisterArea area, bool write) => (area.Cell, write) switch
    {
        (CellSize.Bit, true) => 1,
        (CellSize.Bit, false) => (_pdu - ReadFrame - 1) * 8,
        (_, true) => _pdu - WriteFrame - S7Codec.ItemBytes,
        _ => _pdu - ReadFrame,
    };

    /// <summary>Transport connection to rack and slot, then the agreement on the length of messages.</summary>
    public async ValueTask OpenAsync(RegisterLink link, CancellationToken cancel)
    {
        var confirm = await link.SayAsync(IsoTransport.Request(S7Options.LocalAccessPoint, options.RemoteAccessPoint), cancel).ConfigureAwait(false);
        if (!IsoTransport.IsConfirm(confirm.Span))
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"The CPU refuses a connection to rack {options.Rack}, slot {options.Slot}. [{S7Rules.NotConnected}]"));
        var answer = await link.SayAsync(S7Codec.Encode(new S7Request.SetUp(1, options.PduLength), 0), cancel).ConfigureAwait(false);
        if (!IsoTransport.TryMessage(answer.Span, out var message, out var why) || !S7Codec.TryDecodeReply(message, out _, out var reply, out why))
            throw new IOException($"The answer to the set-up cannot be read: {why}. [{S7Rules.FrameUnreadable}]");
        if (reply is not S7Reply.SetUp { Error: 0, PduLength: >= 60 } agreed)
            throw new IOException($"The CPU refuses the set-up: {S7Errors.Text(reply!.Error)}. [{S7Rules.NotConnected}]");
        _pdu = Math.Min(agreed.PduLength, options.PduLength);
    }

    public void Encode(in RegisterRequest request, ushort id, IBufferWriter<byte> into)
    {
        var item = ItemOf(request);
        into.Write(S7Codec.Encode(request.IsWrite ? new S7Request.Write([new(item, request.Data)]) : new S7Request.Read([item]), id));
    }

    public int Cut(ReadOnlySpan<byte> received)
    {
        if (received.Length < IsoTransport.PacketHead) return 0;
        if (!IsoTransport.TryLength(received, out var length, out _)) return -1;
        return received.Length < length ? 0 : length;
    }

    public RegisterAnswer Decode(ReadOnlyMemory<byte> frame, in RegisterRequest request, ushort id)
    {
        if (!IsoTransport.TryMessage(frame.Span, out var message, out _) || !S7Codec.TryDecodeReply(message, out var reference, out var reply, out _)) return RegisterAnswer.Garbage;
        if (reference != id) return RegisterAnswer.Foreign;
        var where = AddressOf(request.Area, request.Start);
        if (reply!.Error != 0)
            return RegisterAnswer.Refused(S7Rules.Refused, string.Create(CultureInfo.InvariantCulture, $"{where}: error 0x{reply.Error:X4}, {S7Errors.Text(reply.Error)}"), RefusalScope.Area);
        switch (reply)
        {
            case S7Reply.Write { Codes: [var code] } when request.IsWrite:
                return code == 0xFF ? RegisterAnswer.Done(default) : No(code);
            case S7Reply.Read { Items: [var item] } when !request.IsWrite:
                if (!item.Done) return No(item.Code);
                var bytes = ItemOf(request).Length;
                if (item.Data.Length != bytes) return RegisterAnswer.Garbage;
                return RegisterAnswer.Done(request.Area.Cell == CellSize.Bit ? BitCells.Unpack(item.Data.Span, request.Start % 8, request.Count) : item.Data);
        }
        return RegisterAnswer.Garbage;

        RegisterAnswer No(byte code) => RegisterAnswer.Refused(S7Rules.Refused,
            string.Create(CultureInfo.InvariantCulture, $"{where}: code 0x{code:X2}, {S7Errors.ItemText(code)}"), code is 0x03 ? RefusalScope.Area : RefusalScope.Cell);
    }

    private static S7Item ItemOf(in RegisterRequest r)
    {
        var area = (S7Area)r.Area.Code;
        if (r.Area.Cell != CellSize.Bit) return new(area, r.Area.Number, r.Start, r.Count);
        return r.IsWrite
            ? new(area, r.Area.Number, r.Start / 8, 1, r.Start % 8)
            : new(area, r.Area.Number, r.Start / 8, (r.End + 7) / 8 - r.Start / 8);
    }
}
