using Ieum.Connect.Polling;
using Ieum.Connect.Slmp;

namespace Ieum.Tests.Connect.Slmp;

/// <summary>Random bytes, and good frames with random damage, into every decoder of both sides.</summary>
public static class SlmpFuzz
{
    public static void Run(long count, int seed)
    {
        var random = new Random(seed);
        var forms = (from frame in Enum.GetValues<SlmpFrame>() from ascii in new[] { false, true } from cpu in new[] { SlmpCpu.Q, SlmpCpu.IqR, SlmpCpu.IqF } select new SlmpFraming(frame, ascii, cpu)).ToArray();
        var (words, bits, doubles) = (new ushort[2], new bool[3], new uint[1]);
        SlmpAddress D(uint n) => new(SlmpDevices.All.First(d => d.Name == "D"), n);
        SlmpAddress M(uint n) => new(SlmpDevices.All.First(d => d.Name == "M"), n);
        SlmpRequest[] requests =
        [
            new SlmpRequest.ReadWords(D(100), 5), new SlmpRequest.ReadBits(M(3), 8), new SlmpRequest.ReadRandom([D(0), M(16)], [D(1500)]),
            new SlmpRequest.WriteWords(D(7), [1, 2, 3]), new SlmpRequest.WriteBits(M(9), [true, false, true]), new SlmpRequest.WriteRandomWords([(D(1), 7)], [(D(2), 8)]),
            new SlmpRequest.WriteRandomBits([(M(1), true), (M(2), false)]), new SlmpRequest.Loopback("ABC123"),
        ];
        for (long i = 0; i < count; i++)
        {
            var framing = forms[random.Next(forms.Length)];
            var some = (i % 3) switch
            {
                0 => new byte[random.Next(0, 80)],
                1 => SlmpCodec.Encode(requests[random.Next(requests.Length)], framing, SlmpRoute.Own, 1, 4),
                _ => SlmpServerCodec.Answer(new(1, SlmpRoute.Own, 0x0401, 0), framing, w => w.U16(1).U16(2)),
            };
            if (i % 3 == 0) random.NextBytes(some);
            else for (var hits = random.Next(1, 5); hits > 0; hits--) some[random.Next(some.Length)] = framing.Ascii && random.Next(2) == 0 ? (byte)"0123456789ABCDEF"[random.Next(16)] : (byte)random.Next(256);
            if (SlmpScan.Measure(some, framing.Frame, framing.Ascii, answers: true) is var length && (length < -1 || length > some.Length)) throw new InvalidOperationException($"Length {length} of {some.Length}.");
            if (SlmpCodec.TryDecode(some, framing, out var answer, out var why))
            {
                SlmpCodec.TryWords(answer.Data, framing.Ascii, words);
                SlmpCodec.TryBits(answer.Data, framing.Ascii, bits);
                SlmpCodec.TryRandom(answer.Data, framing.Ascii, words.AsSpan(0, 1), doubles);
                SlmpCodec.TryTypeName(answer.Data, framing.Ascii, out _);
                SlmpCodec.TryLoopback(answer.Data, framing.Ascii, out _);
            }
            else if (why.Length == 0) throw new InvalidOperationException("A refusal needs a reason.");
            if (!SlmpServerCodec.TryDecode(some, framing, out _, out var call, out var end) && (call is not null || end == 0)) throw new InvalidOperationException("A refusal needs an end code.");
            new SlmpProtocol(framing, SlmpRoute.Own, 4).Decode(some, new RegisterRequest(SlmpProtocol.AreaOf("D"), 0, 2), 1);
        }
    }
}

public sealed class SlmpFuzzTests
{
    [Fact]
    public void Random_bytes_are_refused_with_a_reason_and_never_throw() => SlmpFuzz.Run(50_000, seed: 13);

    /// <summary>For the night: ten seconds or so.</summary>
    [Fact(Explicit = true)]
    public void Ten_million_inputs_never_throw() => SlmpFuzz.Run(10_000_000, seed: 14);
}
