using Ieum.Connect.Fins;
using Ieum.Connect.Polling;

namespace Ieum.Tests.Connect.Fins;

/// <summary>Every FINS decoder of both sides at one input. Used by the tests and by the long fuzz of bench, so that both fire at the same.</summary>
internal sealed class FinsTrial
{
    private static readonly FinsPeer Plc = new(0, 5, 0), Node = new(0, 9, 0);

    private readonly FinsProtocol[] _protocols = [new(Plc, 9, isDatagram: false), new(Plc, 9, isDatagram: true)];
    private readonly RegisterRequest _asked;

    public FinsTrial()
    {
        if (!_protocols[0].TryPlace("D0", out var place, out var wrong)) throw new InvalidOperationException(wrong);
        _asked = new(place.Area, 0, 2);
    }

    /// <summary>Sound frames to be damaged.</summary>
    public static byte[][] Good { get; } =
    [
        FinsCodec.Encode(new FinsRequest.Read(0x82, 100, 0, 2), Plc, Node, 1),
        FinsCodec.Encode(new FinsRequest.Write(0x31, 3, 15, 1, new byte[] { 1 }), Plc, Node, 1),
        FinsCodec.Answer(FinsCodec.Encode(new FinsRequest.Read(0x82, 100, 0, 2), Plc, Node, 1), 0, [1, 2, 3, 4]),
        FinsTcp.AskNode(3),
        FinsTcp.Wrap(FinsTcpCommand.ServerNode, [0, 0, 0, 9, 0, 0, 0, 5]),
        FinsTcp.Wrap(FinsTcpCommand.Frame, FinsCodec.Answer(FinsCodec.Encode(new FinsRequest.ControllerData(), Plc, Node, 1), 0, new byte[92])),
    ];

    /// <returns>Whether some decoder accepted the bytes.</returns>
    /// <exception cref="InvalidOperationException">A rule of the decoders does not hold.</exception>
    public bool Take(byte[] bytes)
    {
        if (FinsTcp.Measure(bytes) is var length && (length < -1 || length > bytes.Length)) throw new InvalidOperationException($"Length {length} of {bytes.Length}.");
        var accepted = FinsTcp.TryUnwrap(bytes, out _, out _, out _);
        FinsTcp.TryNodes(bytes, out _, out _, out _);
        if (FinsCodec.TryDecode(bytes, out var answer, out var why))
        {
            accepted = true;
            FinsCodec.TryControllerData(answer.Data, out _, out _);
        }
        else if (why.Length == 0) throw new InvalidOperationException("A refusal needs a reason.");
        accepted |= FinsCodec.TryDecodeCall(bytes, out _, out _);
        foreach (var protocol in _protocols)
        {
            protocol.Cut(bytes);
            protocol.Decode(bytes, _asked, 1);
        }
        return accepted;
    }
}
