using Ieum.Connect.Fins;
using Ieum.Connect.Polling;

namespace Ieum.Tests.Connect.Fins;

/// <summary>Random bytes, and good frames with random damage, into every decoder of both sides.</summary>
public static class FinsFuzz
{
    public static void Run(long count, int seed)
    {
        var random = new Random(seed);
        FinsPeer plc = new(0, 5, 0), node = new(0, 9, 0);
        byte[][] good =
        [
            FinsCodec.Encode(new FinsRequest.Read(0x82, 100, 0, 2), plc, node, 1),
            FinsCodec.Encode(new FinsRequest.Write(0x31, 3, 15, 1, new byte[] { 1 }), plc, node, 1),
            FinsCodec.Answer(FinsCodec.Encode(new FinsRequest.Read(0x82, 100, 0, 2), plc, node, 1), 0, [1, 2, 3, 4]),
            FinsTcp.AskNode(3),
            FinsTcp.Wrap(FinsTcpCommand.ServerNode, [0, 0, 0, 9, 0, 0, 0, 5]),
            FinsTcp.Wrap(FinsTcpCommand.Frame, FinsCodec.Answer(FinsCodec.Encode(new FinsRequest.ControllerData(), plc, node, 1), 0, new byte[92])),
        ];
        FinsProtocol[] protocols = [new(plc, 9, isDatagram: false), new(plc, 9, isDatagram: true)];
        if (!protocols[0].TryPlace("D0", out var place, out var wrong)) throw new InvalidOperationException(wrong);
        for (long i = 0; i < count; i++)
        {
            var some = i % 3 == 0 ? new byte[random.Next(0, 80)] : (byte[])good[random.Next(good.Length)].Clone();
            if (i % 3 == 0) random.NextBytes(some);
            else for (var hits = random.Next(1, 5); hits > 0; hits--) some[random.Next(some.Length)] = (byte)random.Next(256);
            if (FinsTcp.Measure(some) is var length && (length < -1 || length > some.Length)) throw new InvalidOperationException($"Length {length} of {some.Length}.");
            FinsTcp.TryUnwrap(some, out _, out _, out _);
            FinsTcp.TryNodes(some, out _, out _, out _);
            if (FinsCodec.TryDecode(some, out var answer, out var why)) FinsCodec.TryControllerData(answer.Data, out _, out _);
            else if (why.Length == 0) throw new InvalidOperationException("A refusal needs a reason.");
            FinsCodec.TryDecodeCall(some, out _, out _);
            foreach (var protocol in protocols)
            {
                protocol.Cut(some);
                protocol.Decode(some, new RegisterRequest(place.Area, 0, 2), 1);
            }
        }
    }
}

public sealed class FinsFuzzTests
{
    [Fact]
    public void Random_bytes_are_refused_with_a_reason_and_never_throw() => FinsFuzz.Run(50_000, seed: 15);

    /// <summary>For the night: some seconds.</summary>
    [Fact(Explicit = true)]
    public void Ten_million_inputs_never_throw() => FinsFuzz.Run(10_000_000, seed: 16);
}
