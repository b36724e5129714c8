using System.Buffers;
using System.Net;
using Ieum.Connect.Polling;

namespace Ieum.Connect.Fins;

/// <summary>FINS for the polling core: places, limits, frames. One object per connection.</summary>
/// <param name="controller">Node 0: found out on opening.</param>
/// <param name="ownNode">0: found out on opening.</param>
/// <param name="isDatagram">Frames travel bare in datagrams; otherwise in TCP envelopes.</param>
internal sealed class FinsProtocol(FinsPeer controller, byte ownNode, bool isDatagram) : IRegisterProtocol
{
    /// <summary>Words of one read; an Ethernet unit takes 999, of which a write spends some on its head.</summary>
    public const int MostWords = 990;
    public const int MostBits = 990;

    private FinsPeer? _found;
    private byte _own;

    private FinsPeer To => _found ?? controller;
    private FinsPeer From => new(0, _own == 0 ? ownNode : _own, 0);

    /// <summary>The service id is one byte; one request is open at a time.</summary>
    public bool IsNumbered => true;

    public Refusal NeverAnswered { get; } = new(FinsRules.NoAnswer,
        "does not answer FINS. Check the port (9600), the transport, the options node and own-node, and whether FINS is allowed in the controller's network settings.", RefusalScope.Device);

    public bool TryPlace(string address, out RegisterPlace place, out string why)
    {
        place = default;
        if (!FinsAddress.TryRead(address, out var at, out var wrong))
        {
            why = wrong;
            return false;
        }
        // Single bits have codes of their own: written so, the other bits of the word are not touched.
        var word = at.Word + at.Area.Base;
        place = at.Bit is { } bit
            ? new(new(0, at.Area.BitCode!.Value, 0, CellSize.Bit), word * 16 + bit)
            : new(new(0, at.Area.WordCode, 0, CellSize.Word), word);
        why = "";
        return true;
    }

    public string AddressOf(RegisterArea area, int start)
    {
        if (area.Cell == CellSize.Bit && FinsAreas.TryBit((byte)area.Code, out var bits)) return new FinsAddress(bits, start / 16, start % 16).ToString();
        return FinsAreas.TryWord((byte)area.Code, start, out var words) ? new FinsAddress(words, start - words.Base).ToString() : $"{area.Code:X2}:{start}";
    }

    public int MostCells(RegisterArea area, bool write) => area.Cell == CellSize.Bit ? MostBits : MostWords;

    public async ValueTask OpenAsync(RegisterLink link, CancellationToken cancel)
    {
        if (isDatagram)
        {
            if (ownNode == 0) _own = LastNumber(link.Local);
            if (controller.Node == 0) _found = controller with { Node = LastNumber(link.Remote) };
            return;
        }
        var answer = await link.SayAsync(FinsTcp.AskNode(ownNode), cancel).ConfigureAwait(false);
        if (!FinsTcp.TryNodes(answer, out var own, out var node, out var error))
            throw new OpeningRefused(FinsRules.Handshake, "The device does not answer the exchange of FINS node addresses. Is it an Omron controller with FINS/TCP on this port?");
        if (error != 0) throw new OpeningRefused(FinsRules.Handshake, $"The controller refused the exchange of FINS node addresses: {FinsTcp.ErrorText(error)}.");
        _own = own;
        if (controller.Node == 0) _found = controller with { Node = node };
    }

    public void Encode(in RegisterRequest request, ushort id, IBufferWriter<byte> into)
    {
        var isBit = request.Area.Cell == CellSize.Bit;
        var (word, bit) = isBit ? (request.Start / 16, request.Start % 16) : (request.Start, 0);
        FinsRequest asked = request.IsWrite
            ? new FinsRequest.Write((byte)request.Area.Code, (ushort)word, (byte)bit, (ushort)request.Count, request.Data)
            : new FinsRequest.Read((byte)request.Area.Code, (ushort)word, (byte)bit, (ushort)request.Count);
        into.Write(EncodeRequest(asked, id));
    }

    /// <summary>A request of any kind, as it stands on this connection's wire.</summary>
    public byte[] EncodeRequest(FinsRequest request, ushort id)
    {
        var frame = FinsCodec.Encode(request, To, From, (byte)id);
        return isDatagram ? frame : FinsTcp.Wrap(FinsTcpCommand.Frame, frame);
    }

    public int Cut(ReadOnlySpan<byte> received) => !isDatagram ? FinsTcp.Measure(received)
        : received.IsEmpty ? 0 : received.Length is < FinsCodec.Head + 2 or > FinsCodec.MostFrame ? -1 : received.Length;

    public RegisterAnswer Decode(ReadOnlyMemory<byte> frame, in RegisterRequest request, ushort id)
    {
        if (Unwrapped(frame) is not { } fins || !FinsCodec.TryDecode(fins, out var answer, out _)) return RegisterAnswer.Garbage;
        if (answer.ServiceId != (byte)id || answer.Command != (ushort)(request.IsWrite ? FinsCommand.MemoryWrite : FinsCommand.MemoryRead)) return RegisterAnswer.Foreign;
        if (answer.EndCode != 0) return Refused(answer.EndCode);
        var expected = request.IsWrite ? 0 : request.Count * request.Area.CellBytes;
        if (answer.Data.Length != expected) return RegisterAnswer.Garbage;
        // A forced bit comes with further flags above the lowest; the core counts in 0 and 1.
        if (request.Area.Cell == CellSize.Bit) return RegisterAnswer.Done(answer.Data.ToArray().Select(b => (byte)(b & 1)).ToArray());
        return RegisterAnswer.Done(answer.Data);
    }

    /// <summary>The FINS frame of an envelope; over UDP the datagram itself. Null when the envelope says something else.</summary>
    public ReadOnlyMemory<byte>? Unwrapped(ReadOnlyMemory<byte> frame)
    {
        if (isDatagram) return frame;
        return FinsTcp.TryUnwrap(frame, out var command, out var error, out var content) && command == FinsTcpCommand.Frame && error == 0 ? content : null;
    }

    private static RegisterAnswer Refused(ushort endCode)
    {
        var rule = FinsEndCodes.Of(endCode).Rule;
        var scope = rule switch
        {
            FinsRules.OutsideRange or FinsRules.Protected or FinsRules.EndCode or FinsRules.RequestWrong => RefusalScope.Cell,
            FinsRules.Busy => RefusalScope.Busy,
            FinsRules.Routing => RefusalScope.Device,
            _ => RefusalScope.Area,
        };
        return RegisterAnswer.Refused(rule, FinsEndCodes.Describe(endCode), scope);
    }

    private static byte LastNumber(EndPoint? at) => at is IPEndPoint { Address: var address } ? address.GetAddressBytes()[^1] : (byte)0;
}
