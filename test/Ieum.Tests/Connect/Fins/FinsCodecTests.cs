using CsCheck;
using Ieum.Connect.Fins;

namespace Ieum.Tests.Connect.Fins;

public sealed class FinsCodecTests
{
    private static readonly FinsPeer Plc = new(0, 5, 0), Node = new(0, 0xEF, 0);

    private static string Hex(FinsRequest request) => Convert.ToHexString(FinsCodec.Encode(request, Plc, Node, 0x19)).ToLowerInvariant();

    [Fact]
    public void A_read_and_a_write_have_their_fields_where_the_reference_has_them()
    {
        // Header: request with answer wanted, two relays at most, to 0.5.0, from 0.239.0, service 19.
        Assert.Equal("800002" + "000500" + "00ef00" + "19" + "0101" + "82" + "0064" + "00" + "000a", Hex(new FinsRequest.Read(0x82, 100, 0, 10)));
        Assert.Equal("800002" + "000500" + "00ef00" + "19" + "0102" + "31" + "0003" + "0f" + "0001" + "01", Hex(new FinsRequest.Write(0x31, 3, 15, 1, new byte[] { 1 })));
        Assert.Equal("800002" + "000500" + "00ef00" + "19" + "0501", Hex(new FinsRequest.ControllerData()));
    }

    [Fact]
    public void The_envelope_over_TCP_and_the_exchange_of_nodes()
    {
        Assert.Equal("46494e53" + "0000000c" + "00000000" + "00000000" + "00000000", Convert.ToHexString(FinsTcp.AskNode(0)).ToLowerInvariant());
        var answer = Convert.FromHexString("46494e53" + "00000010" + "00000001" + "00000000" + "000000ef" + "00000005");
        Assert.True(FinsTcp.TryNodes(answer, out var own, out var plc, out var error));
        Assert.Equal((0xEF, 5, 0u), (own, plc, error));
        Assert.True(FinsTcp.TryNodes(Convert.FromHexString("46494e53" + "00000010" + "00000001" + "00000020" + "0000000000000000"), out _, out _, out error));
        Assert.Contains("all connections are in use", FinsTcp.ErrorText(error), StringComparison.Ordinal);
        Assert.False(FinsTcp.TryNodes(Convert.FromHexString("46494e53" + "00000010" + "00000002" + "00000000" + "0000000000000000"), out _, out _, out _));
    }

    [Fact]
    public void Error_flags_of_the_CPU_in_the_end_code_are_no_refusal()
    {
        // 00 40: done, while the CPU has an error that does not stop it.
        Assert.True(FinsCodec.TryDecode(Convert.FromHexString("c00002" + "00ef00" + "000500" + "19" + "0101" + "0040" + "1234"), out var answer, out var why), why);
        Assert.Equal((0x19, 0x0101, 0), (answer.ServiceId, answer.Command, answer.EndCode));
        Assert.Equal([0x12, 0x34], answer.Data.ToArray());
        Assert.True(FinsCodec.TryDecode(Convert.FromHexString("c00002" + "00ef00" + "000500" + "19" + "0101" + "9144"), out answer, out _));
        Assert.Equal(0x1104, answer.EndCode);
        Assert.Equal(FinsRules.OutsideRange, FinsEndCodes.Of(answer.EndCode).Rule);
        Assert.Contains("11 04", FinsEndCodes.Describe(answer.EndCode), StringComparison.Ordinal);
    }

    [Fact]
    public void RUN_STOP_and_everything_else_that_drives_a_controller_cannot_be_said()
    {
        Assert.Equal([0x0101, 0x0102, 0x0501], Enum.GetValues<FinsCommand>().Select(c => (int)c).Order());
        foreach (var command in new ushort[] { 0x0401, 0x0402, 0x0403, 0x0702, 0x2301, 0x0307 })
        {
            byte[] frame = [.. Convert.FromHexString("80000200050000ef0019"), (byte)(command >> 8), (byte)command, 0, 0, 4];
            Assert.False(FinsCodec.TryDecodeCall(frame, out _, out var end));
            Assert.Equal(FinsEndCodes.CommandUnknown, end);
        }
        Assert.Equal(3, typeof(FinsRequest).GetNestedTypes().Length);
    }

    [Theory]
    [InlineData("D100", "D100")]
    [InlineData("DM100", "D100")]
    [InlineData("d100.5", "D100.05")]
    [InlineData("CIO10.05", "CIO10.05")]
    [InlineData("10.15", "CIO10.15")]
    [InlineData("W3", "W3")]
    [InlineData("H511.00", "H511.00")]
    [InlineData("A400", "A400")]
    [InlineData("E0_200", "E0_200")]
    [InlineData("EC_32767", "EC_32767")]
    [InlineData("T5", "T5")]
    [InlineData("C4095", "C4095")]
    public void An_address_is_read_as_the_engineering_tool_shows_it(string text, string shown)
    {
        Assert.True(FinsAddress.TryRead(text, out var at, out var why), why);
        Assert.Equal(shown, at.ToString());
    }

    [Theory]
    [InlineData("", "no address")]
    [InlineData("Q1", "no address")]
    [InlineData("D", "no address")]
    [InlineData("D100.16", "0 to 15")]
    [InlineData("T5.1", "no bits")]
    [InlineData("D32768", "no word number")]
    [InlineData("ED_1", "no address")]
    public void A_wrong_address_says_what_would_be_right(string text, string says)
    {
        Assert.False(FinsAddress.TryRead(text, out _, out var why));
        Assert.Contains(says, why, StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_is_asked_arrives_as_it_was_asked() =>
        Gen.Select(Gen.Int[0, 4], Gen.UShort[0, 0x7FFF], Gen.Byte[0, 15], Gen.Byte.Array[1, 200], Gen.Byte).Sample((area, word, bit, data, id) =>
        {
            var kind = FinsAreas.All[area];
            foreach (FinsRequest request in new FinsRequest[]
            {
                new FinsRequest.Read(kind.WordCode, word, 0, (ushort)data.Length), new FinsRequest.Read(kind.BitCode!.Value, word, bit, (ushort)data.Length),
                new FinsRequest.Write(kind.BitCode!.Value, word, bit, (ushort)data.Length, data), new FinsRequest.ControllerData(),
            })
            {
                var frame = FinsCodec.Encode(request, Plc, Node, id);
                Assert.True(FinsCodec.TryDecodeCall(frame, out var call, out var end), $"{end:X4}");
                Assert.Equal((id, Plc, Node), (call.ServiceId, call.To, call.From));
                Assert.Equal(frame, FinsCodec.Encode(call.Request, Plc, Node, id));
                var answer = FinsCodec.Answer(frame, 0, data);
                Assert.True(FinsCodec.TryDecode(answer, out var read, out var why), why);
                Assert.Equal((id, (ushort)request.Command, Plc), (read.ServiceId, read.Command, read.From));
                Assert.Equal(data, read.Data.ToArray());
                var envelope = FinsTcp.Wrap(FinsTcpCommand.Frame, answer);
                Assert.Equal(envelope.Length, FinsTcp.Measure([.. envelope, (byte)'F']));
                Assert.Equal(0, FinsTcp.Measure(envelope.AsSpan(0, id % envelope.Length)));
            }
        }, iter: 1000);

    [Fact]
    public void No_bytes_throw() =>
        Gen.Select(Gen.Byte.Array[0, 60], Gen.Byte.Array[0, 40]).Sample((foreign, tail) =>
        {
            byte[] nearly = [.. "FINS"u8, 0, 0, 0, (byte)(8 + tail.Length), .. tail];
            foreach (var some in new[] { foreign, nearly })
            {
                Assert.InRange(FinsTcp.Measure(some), -1, some.Length);
                FinsTcp.TryUnwrap(some, out _, out _, out _);
                FinsTcp.TryNodes(some, out _, out _, out _);
                if (FinsCodec.TryDecode(some, out var answer, out _)) FinsCodec.TryControllerData(answer.Data, out _, out _);
                FinsCodec.TryDecodeCall(some, out _, out _);
            }
        }, iter: 50_000);
}
