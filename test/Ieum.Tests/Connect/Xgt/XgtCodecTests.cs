using CsCheck;
using Ieum.Connect.Xgt;

namespace Ieum.Tests.Connect.Xgt;

public sealed class XgtCodecTests
{
    [Fact]
    public void A_read_of_one_word_has_the_bytes_of_the_manual()
    {
        var bytes = XgtCodec.Encode(new XgtRequest.ReadEach(XgtType.Word, ["%DW100"]), 0x0102, XgtCpu.Xgk);
        // Header: company id, reserved, PLC information, CPU, client, number, length, place; check sum = low byte of the sum of the 19 before.
        Assert.Equal("4C5349532D5847540000" + "0000" + "A0" + "33" + "0201" + "1000" + "00", Convert.ToHexString(bytes.AsSpan(0, 19)));
        Assert.Equal((byte)bytes[..19].Sum(b => b), bytes[19]);
        Assert.Equal("5400" + "0200" + "0000" + "0100" + "0600" + "254457313030", Convert.ToHexString(bytes.AsSpan(20)));
    }

    [Fact]
    public void A_continuous_read_names_a_byte_and_a_count()
    {
        var bytes = XgtCodec.Encode(new XgtRequest.ReadRun("%DB200", 4), 1, XgtCpu.Xgk);
        Assert.Equal("5400" + "1400" + "0000" + "0100" + "0600" + "254442323030" + "0400", Convert.ToHexString(bytes.AsSpan(20)));
    }

    [Fact]
    public void A_good_answer_gives_its_bytes_and_a_bad_one_its_code()
    {
        Assert.True(XgtCodec.TryDecodeReply(Convert.FromHexString("5500020000000000" + "0100" + "0200" + "3412"), out var good, out _));
        Assert.Equal((false, 0, "3412"), (good!.IsWrite, good.Error, Convert.ToHexString(good.Blocks[0].Span)));
        Assert.True(XgtCodec.TryDecodeReply(Convert.FromHexString("550002000000FFFF" + "0400"), out var bad, out _));
        Assert.Equal(4, bad!.Error);
        // The manual gives the code one byte.
        Assert.True(XgtCodec.TryDecodeReply(Convert.FromHexString("590002000000FFFF" + "03"), out var shorter, out _));
        Assert.Equal((true, 3), (shorter!.IsWrite, shorter.Error));
    }

    [Fact]
    public void Every_request_and_answer_comes_back_as_it_was()
    {
        var name = Gen.Select(Gen.Int[0, 3].Select(i => new[] { "%DW", "%MB", "%PX", "%KL" }[i]), Gen.Int[0, 99_999], (a, n) => FormattableString.Invariant($"{a}{n}"));
        var data = Gen.Byte.Array[1, 64];
        var type = Gen.Int[0, 4].Select(i => new[] { XgtType.Bit, XgtType.Byte, XgtType.Word, XgtType.DoubleWord, XgtType.LongWord }[i]);
        var block = Gen.Select(name, data, (n, d) => new XgtBlock(n, d));
        Gen.Select(type, name.Array[1, 16], block.Array[1, 16], Gen.UShort).Sample((t, names, blocks, id) =>
        {
            Assert.Equal(names, Assert.IsType<XgtRequest.ReadEach>(Again(new XgtRequest.ReadEach(t, [.. names]), id)).Names);
            Assert.Equal(blocks.Length * 2, ((XgtRequest.ReadRun)Again(new XgtRequest.ReadRun(names[0], blocks.Length * 2), id)).Bytes);
            var written = (XgtRequest.WriteEach)Again(new XgtRequest.WriteEach(t, [.. blocks]), id);
            Assert.Equal(blocks.Select(b => (b.Name, Convert.ToHexString(b.Data.Span))), written.Blocks.Select(b => (b.Name, Convert.ToHexString(b.Data.Span))));
            Assert.Equal(blocks[0].Name, ((XgtRequest.WriteRun)Again(new XgtRequest.WriteRun(blocks[0]), id)).Block.Name);

            var frame = XgtCodec.Encode(new XgtReply(false, t, 0, [.. blocks.Select(b => b.Data)]), id, 0xA0);
            Assert.True(XgtHeader.TryRead(frame, out var head, out _) && !head.FromClient && head.InvokeId == id && head.Length == frame.Length - 20);
            Assert.True(XgtCodec.TryDecodeReply(frame.AsSpan(20), out var reply, out var why), why);
            Assert.Equal(blocks.Select(b => Convert.ToHexString(b.Data.Span)), reply!.Blocks.Select(b => Convert.ToHexString(b.Span)));
        });

        static XgtRequest Again(XgtRequest request, ushort id)
        {
            var frame = XgtCodec.Encode(request, id, XgtCpu.Xgi);
            Assert.True(XgtHeader.TryRead(frame, out var head, out _) && head.FromClient && head.InvokeId == id && head.Cpu == 0xA4);
            Assert.True(XgtCodec.TryDecodeRequest(frame.AsSpan(20), out var read, out var why), why);
            return read!;
        }
    }

    [Fact]
    public void Random_bytes_are_refused_with_a_reason_and_never_throw() => XgtFuzz.Run(20_000, seed: 7);

    [Theory]
    [InlineData("4C5349532D5847550000000A0330100100000", "LSIS-XGT")]
    [InlineData("4C5349532D58475400000000A033010000200000", "announces 8192")]
    [InlineData("4C5349532D58475400000000A044010010000000", "neither client nor PLC")]
    public void A_wrong_header_is_told(string hex, string part)
    {
        Assert.False(XgtHeader.TryRead(Convert.FromHexString(hex.PadRight(40, '0')), out _, out var reason));
        Assert.Contains(part, reason, StringComparison.Ordinal);
    }
}

/// <summary>Random bytes, and good frames with random damage, into every decoder of the protocol.</summary>
public static class XgtFuzz
{
    public static void Run(long count, int seed)
    {
        var random = new Random(seed);
        var good = XgtCodec.Encode(new XgtRequest.WriteEach(XgtType.Word, [new("%DW1", new byte[2]), new("%DW2", new byte[2])]), 1, XgtCpu.Xgk);
        for (long i = 0; i < count; i++)
        {
            var bytes = i % 2 == 0 ? new byte[random.Next(0, 80)] : (byte[])good.Clone();
            if (i % 2 == 0) random.NextBytes(bytes);
            else for (var hits = random.Next(1, 5); hits > 0; hits--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (XgtHeader.TryRead(bytes, out _, out var reason) == reason.Length > 0) throw new InvalidOperationException("A refusal needs a reason.");
            var body = bytes.AsSpan(Math.Min(bytes.Length, i % 4 < 2 ? 0 : XgtHeader.Size));
            if (!XgtCodec.TryDecodeReply(body, out var reply, out reason) && (reply is not null || reason.Length == 0)) throw new InvalidOperationException("A refusal needs a reason.");
            if (!XgtCodec.TryDecodeRequest(body, out var request, out reason) && (request is not null || reason.Length == 0)) throw new InvalidOperationException("A refusal needs a reason.");
        }
    }
}
