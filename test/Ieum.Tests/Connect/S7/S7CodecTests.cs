using CsCheck;
using Ieum.Connect.S7;

namespace Ieum.Tests.Connect.S7;

public sealed class S7CodecTests
{
    [Fact]
    public void A_read_of_a_data_block_has_the_bytes_of_the_protocol()
    {
        var packet = S7Codec.Encode(new S7Request.Read([new(S7Area.DataBlock, 1, 10, 4)]), 0x0005);
        Assert.Equal("0300001F" + "02F080" + "32010000" + "0005" + "000E" + "0000" + "0401" + "120A10" + "02" + "0004" + "0001" + "84" + "000050", Convert.ToHexString(packet));
    }

    [Fact]
    public void A_set_up_asks_for_jobs_and_length()
    {
        var packet = S7Codec.Encode(new S7Request.SetUp(1, 960), 0);
        Assert.Equal("03000019" + "02F080" + "32010000" + "0000" + "0008" + "0000" + "F000" + "0001" + "0001" + "03C0", Convert.ToHexString(packet));
    }

    [Fact]
    public void A_connection_is_asked_for_by_rack_and_slot()
    {
        var packet = IsoTransport.Request(0x0100, 0x0102);
        Assert.Equal("03000016" + "11E00000000100" + "C0010A" + "C1020100" + "C2020102", Convert.ToHexString(packet));
        Assert.True(IsoTransport.TryLength(packet, out var length, out _));
        Assert.Equal(packet.Length, length);
        Assert.True(IsoTransport.IsRequest(packet));
        Assert.True(IsoTransport.IsConfirm(IsoTransport.Confirm(0x0100, 0x0102)));
    }

    [Fact]
    public void One_refused_item_leaves_the_others_whole()
    {
        var answer = S7Codec.Encode(new S7Reply.Read(0, [new(0xFF, new byte[] { 1, 2, 3 }), new(0x05, default), new(0xFF, new byte[] { 9 })]), 3);
        Assert.True(IsoTransport.TryMessage(answer, out var message, out _));
        Assert.True(S7Codec.TryDecodeReply(message, out var reference, out var reply, out var why), why);
        Assert.Equal(3, reference);
        var items = ((S7Reply.Read)reply!).Items;
        Assert.Equal(["010203", "", "09"], items.Select(i => Convert.ToHexString(i.Data.Span)));
        Assert.Equal([true, false, true], items.Select(i => i.Done));
    }

    [Fact]
    public void Every_request_and_answer_comes_back_as_it_was()
    {
        var item = Gen.Select(Gen.Int[0, 2].Select(i => new[] { S7Area.DataBlock, S7Area.Flags, S7Area.Inputs }[i]), Gen.Int[1, 9999], Gen.Int[0, 60_000], Gen.Int[1, 200], Gen.Int[-1, 7],
            (area, block, start, length, bit) => new S7Item(area, area == S7Area.DataBlock ? block : 0, start, bit < 0 ? length : 1, bit < 0 ? null : bit));
        Gen.Select(item.Array[1, 20], Gen.UShort, Gen.Byte).Sample((items, id, fill) =>
        {
            Assert.Equal(items, ((S7Request.Read)Again(new S7Request.Read([.. items]), id)).Items);
            var values = items.Select(i => new S7Value(i, Enumerable.Repeat((byte)(fill & (i.Bit is null ? 255 : 1)), i.Length).ToArray())).ToArray();
            var written = ((S7Request.Write)Again(new S7Request.Write([.. values]), id)).Values;
            Assert.Equal(values.Select(v => (v.Item, Convert.ToHexString(v.Data.Span))), written.Select(v => (v.Item, Convert.ToHexString(v.Data.Span))));
            Assert.True(IsoTransport.TryMessage(S7Codec.Encode(new S7Reply.Write(0, [.. items.Select(_ => fill)]), id), out var message, out _));
            Assert.True(S7Codec.TryDecodeReply(message, out var reference, out var reply, out var why), why);
            Assert.Equal(id, reference);
            Assert.Equal(items.Select(_ => fill), ((S7Reply.Write)reply!).Codes);
        });

        static S7Request Again(S7Request request, ushort id)
        {
            Assert.True(IsoTransport.TryMessage(S7Codec.Encode(request, id), out var message, out _));
            Assert.True(S7Codec.TryDecodeRequest(message, out var reference, out var read, out var why), why);
            Assert.Equal(id, reference);
            return read!;
        }
    }

    [Fact]
    public void Random_bytes_are_refused_with_a_reason_and_never_throw() => S7Fuzz.Run(20_000, seed: 11);
}

/// <summary>Random bytes, and good messages with random damage, into every decoder of the protocol.</summary>
public static class S7Fuzz
{
    public static void Run(long count, int seed)
    {
        var random = new Random(seed);
        byte[][] good =
        [
            S7Codec.Encode(new S7Request.Write([new(new(S7Area.DataBlock, 1, 0, 3), new byte[3]), new(new(S7Area.Flags, 0, 4, 1, 3), new byte[1])]), 1)[IsoTransport.DataHead..],
            S7Codec.Encode(new S7Reply.Read(0, [new(0xFF, new byte[5]), new(10, default)]), 1)[IsoTransport.DataHead..],
        ];
        for (long i = 0; i < count; i++)
        {
            var bytes = i % 3 == 0 ? new byte[random.Next(0, 80)] : (byte[])good[i % 2].Clone();
            if (i % 3 == 0) random.NextBytes(bytes);
            else for (var hits = random.Next(1, 4); hits > 0; hits--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (bytes.Length >= 4 && !IsoTransport.TryLength(bytes, out _, out var reason) && reason.Length == 0) throw new InvalidOperationException("A refusal needs a reason.");
            IsoTransport.TryMessage(bytes, out _, out _);
            if (!S7Codec.TryDecodeReply(bytes, out _, out var reply, out reason) && (reply is not null || reason.Length == 0)) throw new InvalidOperationException("A refusal needs a reason.");
            if (!S7Codec.TryDecodeRequest(bytes, out _, out var request, out reason) && (request is not null || reason.Length == 0)) throw new InvalidOperationException("A refusal needs a reason.");
        }
    }
}
