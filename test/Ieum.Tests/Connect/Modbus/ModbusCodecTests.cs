using System.Buffers;
using CsCheck;
using Ieum.Connect.Modbus;
using Ieum.Connect.Polling;

namespace Ieum.Tests.Connect.Modbus;

public sealed class ModbusCodecTests
{
    private static readonly RegisterArea Holding = ModbusAddress.Area(17, ModbusTable.Holding), Coils = ModbusAddress.Area(17, ModbusTable.Coil);
    private static readonly ModbusProtocol Tcp = new(17, ModbusFraming.Tcp), Rtu = new(17, ModbusFraming.Rtu);

    [Fact]
    public void Requests_are_those_of_the_standard()
    {
        // Modbus Application Protocol V1.1b3, examples of clause 6: registers 108-110, coils 20-38, and the writes.
        Assert.Equal("0001000000061103006B0003", Encoded(Tcp, new(Holding, 107, 3), 1));
        Assert.Equal("000200000006110100130013", Encoded(Tcp, new(Coils, 19, 19), 2));
        Assert.Equal("0003000000061105" + "00ACFF00", Encoded(Tcp, new(Coils, 172, 1, new byte[] { 1 }), 3));
        Assert.Equal("0004000000061106" + "00010003", Encoded(Tcp, new(Holding, 1, 1, new byte[] { 0, 3 }), 4));
        Assert.Equal("000500000009110F" + "0013000A02CD01", Encoded(Tcp, new(Coils, 19, 10, new byte[] { 1, 0, 1, 1, 0, 0, 1, 1, 1, 0 }), 5));
        Assert.Equal("00060000000B1110" + "0001000204000A0102", Encoded(Tcp, new(Holding, 1, 2, new byte[] { 0, 10, 1, 2 }), 6));
    }

    [Fact]
    public void A_serial_frame_carries_the_checksum_of_the_standard()
    {
        // Unit 2, function 7: 0x1241 in Modbus over Serial Line V1.02, appendix B, low byte first.
        Assert.Equal(0x1241, ModbusFrame.Crc([0x02, 0x07]));
        Assert.Equal("1103006B00037687", Encoded(Rtu, new(Holding, 107, 3), 1));
    }

    [Fact]
    public void An_answer_gives_its_cells()
    {
        var words = Decode(Tcp, "0001000000091103" + "06022B00000064", new(Holding, 107, 3));
        Assert.Equal("022B00000064", Convert.ToHexString(words.Data.Span));
        var bits = Decode(Tcp, "0001000000061101" + "03CD6B05", new(Coils, 19, 19));
        Assert.Equal([1, 0, 1, 1, 0, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 0, 1, 0, 1], bits.Data.ToArray());
    }

    [Theory]
    [InlineData("0002000000091103" + "06022B00000064", AnswerKind.Foreign)]   // another transaction: late
    [InlineData("0001000000091203" + "06022B00000064", AnswerKind.Foreign)]   // another unit
    [InlineData("0001000000091104" + "06022B00000064", AnswerKind.Garbage)]   // our number, another function
    [InlineData("0001000000071103" + "04022B0000", AnswerKind.Refused)]       // two registers instead of three
    [InlineData("0001000000031103" + "06", AnswerKind.Refused)]               // announced, but not there
    [InlineData("0001000000031183" + "02", AnswerKind.Refused)]
    public void What_is_not_the_answer_is_told_apart(string frame, object kind) => Assert.Equal((AnswerKind)kind, Decode(Tcp, frame, new(Holding, 107, 3)).Kind);

    [Theory]
    [InlineData(1, ModbusRules.IllegalFunction, RefusalScope.Area)]
    [InlineData(2, ModbusRules.IllegalAddress, RefusalScope.Cell)]
    [InlineData(3, ModbusRules.IllegalValue, RefusalScope.Cell)]
    [InlineData(4, ModbusRules.DeviceFailure, RefusalScope.Cell)]
    [InlineData(5, ModbusRules.Acknowledge, RefusalScope.Busy)]
    [InlineData(6, ModbusRules.Busy, RefusalScope.Busy)]
    [InlineData(8, ModbusRules.MemoryParity, RefusalScope.Cell)]
    [InlineData(10, ModbusRules.GatewayNoPath, RefusalScope.Device)]
    [InlineData(11, ModbusRules.GatewayNoAnswer, RefusalScope.Device)]
    [InlineData(99, ModbusRules.ExceptionUnknown, RefusalScope.Cell)]
    public void Every_exception_has_its_rule_and_reach(int code, string rule, object scope)
    {
        var refusal = Decode(Tcp, $"0001000000031183{code:X2}", new(Holding, 0, 1)).Refusal!;
        Assert.Equal((rule, (RefusalScope)scope), (refusal.Rule, refusal.Scope));
        Assert.Contains(rule, ModbusRules.All.Keys);
    }

    [Fact]
    public void A_write_is_done_only_when_its_own_echo_came()
    {
        RegisterRequest write = new(Holding, 1, 1, new byte[] { 0, 3 });
        Assert.Equal(AnswerKind.Done, Decode(Tcp, "000100000006110600010003", write).Kind);
        Assert.Equal(ModbusRules.WriteEchoWrong, Decode(Tcp, "000100000006110600010004", write).Refusal!.Rule);
    }

    [Fact]
    public void A_damaged_serial_frame_is_no_answer()
    {
        var frame = Convert.FromHexString("1103" + "02" + "022B" + "0000");
        Assert.Equal(AnswerKind.Garbage, Rtu.Decode(frame, new(Holding, 0, 1), 1).Kind);
    }

    [Theory]
    [InlineData("holding:100", 1, 4, 100, -1)]
    [InlineData("Input:0", 1, 3, 0, -1)]
    [InlineData("coil:65535", 1, 0, 65535, -1)]
    [InlineData("discrete:7@255", 255, 1, 7, -1)]
    [InlineData("holding:3.15@9", 9, 4, 3, 15)]
    [InlineData("40101", 1, 4, 100, -1)]
    [InlineData("465536", 1, 4, 65535, -1)]
    [InlineData("00001", 1, 0, 0, -1)]
    [InlineData("30010@2", 2, 3, 9, -1)]
    public void An_address_is_read_in_both_manners(string text, int unit, int table, int start, int bit)
    {
        Assert.True(ModbusAddress.TryParse(text, 1, out var place));
        Assert.Equal((unit, table, start, bit), (place.Area.Device, place.Area.Code, place.Start, place.Bit));
    }

    [Theory]
    [InlineData("holding:65536")]
    [InlineData("holding:-1")]
    [InlineData("holding:1@256")]
    [InlineData("holding:1.16")]
    [InlineData("coil:1.0")]
    [InlineData("40000")]
    [InlineData("465537")]
    [InlineData("20001")]
    [InlineData("4001")]
    [InlineData("register:1")]
    [InlineData("holding:")]
    [InlineData("")]
    public void What_is_no_address_is_refused(string text) => Assert.False(ModbusAddress.TryParse(text, 1, out _));

    [Fact]
    public void A_name_and_its_address_are_each_other_back() =>
        Gen.Select(Gen.Enum<ModbusTable>(), Gen.Int[0, 65_535], Gen.Int[0, 255]).Sample((table, start, unit) =>
            ModbusAddress.TryParse(ModbusAddress.Text(ModbusAddress.Area(unit, table), start, 1), 1, out var place)
            && place == new RegisterPlace(ModbusAddress.Area(unit, table), start));

    [Fact]
    public void However_an_answer_is_cut_it_is_found_whole_and_never_early()
    {
        var frame = Convert.FromHexString("0001000000091103" + "06022B00000064");
        for (var n = 0; n < frame.Length; n++) Assert.Equal(0, Tcp.Cut(frame.AsSpan(0, n)));
        Assert.Equal(frame.Length, Tcp.Cut([.. frame, 0xFF, 0xFF]));
        Assert.Equal(-1, Tcp.Cut([0, 1, 0, 9, 0, 6]));
    }

    /// <summary>Ten million inputs in a nightly run: set IEUM_FUZZ to their number.</summary>
    [Theory]
    [InlineData(ModbusFraming.Tcp)]
    [InlineData(ModbusFraming.Rtu)]
    public void Foreign_bytes_are_never_believed_and_never_throw(object framing)
    {
        var protocol = new ModbusProtocol(17, (ModbusFraming)framing);
        var inputs = long.TryParse(Environment.GetEnvironmentVariable("IEUM_FUZZ"), out var n) ? n : 50_000;
        RegisterRequest[] requests = [new(Holding, 107, 3), new(Coils, 19, 19), new(Holding, 1, 1, new byte[] { 0, 3 }), new(Coils, 1, 9, new byte[9])];
        // A third are mutated good frames: pure noise never comes past the header.
        var good = Gen.Select(Gen.Int[0, 5], Gen.Int[0, 20], Gen.Byte).Select((which, at, b) =>
        {
            var bytes = Convert.FromHexString(((string[])["000100000009110306022B00000064", "000100000006110103CD6B05", "000100000006110600010003", "000100000003118302", "110306022B00000064C8BA", "1183024134"])[which]);
            if (at < bytes.Length) bytes[at] = b;
            return bytes;
        });
        Gen.Select(Gen.Frequency((2, Gen.Byte.Array[0, 300]), (1, good)), Gen.Int[0, 3]).Sample((bytes, which) =>
        {
            var length = protocol.Cut(bytes);
            Assert.InRange(length, -1, bytes.Length);
            if (length <= 0) return;
            var answer = protocol.Decode(bytes.AsMemory(0, length), requests[which], 1);
            if (answer.Kind != AnswerKind.Done || requests[which].IsWrite) return;
            Assert.Equal(requests[which].Count * requests[which].Area.CellBytes, answer.Data.Length);
        }, iter: inputs);
    }

    private static string Encoded(ModbusProtocol protocol, RegisterRequest request, ushort id)
    {
        var into = new ArrayBufferWriter<byte>();
        protocol.Encode(request, id, into);
        return Convert.ToHexString(into.WrittenSpan);
    }

    private static RegisterAnswer Decode(ModbusProtocol protocol, string frame, RegisterRequest request)
    {
        var bytes = Convert.FromHexString(frame);
        Assert.Equal(bytes.Length, protocol.Cut(bytes));
        return protocol.Decode(bytes, request, 1);
    }
}
