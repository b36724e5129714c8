using System.Globalization;
using System.Text;
using CsCheck;
using Ieum.Connect.Slmp;

namespace Ieum.Tests.Connect.Slmp;

public sealed class SlmpCodecTests
{
    private static readonly SlmpFraming Binary3E = new(SlmpFrame.Frame3E, Ascii: false, SlmpCpu.Q);
    private static readonly SlmpFraming Binary4E = Binary3E with { Frame = SlmpFrame.Frame4E };
    private static readonly SlmpFraming Ascii3E = Binary3E with { Ascii = true };
    private static readonly SlmpFraming Ascii4E = Binary4E with { Ascii = true };
    private static readonly SlmpFraming Wide = Binary3E with { Cpu = SlmpCpu.IqR };
    private static readonly SlmpFraming WideAscii = Ascii3E with { Cpu = SlmpCpu.IqR };

    private static SlmpAddress At(string text, SlmpCpu cpu = SlmpCpu.Q) => SlmpAddress.TryRead(text, cpu, out var at, out var why) ? at : throw new ArgumentException(why);

    private static string Hex(SlmpRequest request, SlmpFraming framing, ushort serial = 0) =>
        Convert.ToHexString(SlmpCodec.Encode(request, framing, SlmpRoute.Own, serial, 0x10)).ToLowerInvariant();

    private static string Text(SlmpRequest request, SlmpFraming framing, ushort serial = 0) =>
        Encoding.ASCII.GetString(SlmpCodec.Encode(request, framing, SlmpRoute.Own, serial, 0x10));

    [Fact]
    public void Five_words_from_D100_are_the_bytes_an_independent_client_sends() =>
        Assert.Equal("500000ffff03000c00100001040000640000a80500", Hex(new SlmpRequest.ReadWords(At("D100"), 5), Binary3E));

    [Fact]
    public void Every_form_of_a_batch_read_has_its_fields_where_the_reference_has_them()
    {
        var read = new SlmpRequest.ReadWords(At("D100"), 5);
        Assert.Equal("540034120000" + "00ffff03000c00100001040000640000a80500", Hex(read, Binary4E, 0x1234));
        Assert.Equal("5000" + "00FF03FF00" + "0018" + "0010" + "0401" + "0000" + "D*000100" + "0005", Text(read, Ascii3E));
        Assert.Equal("5400" + "1234" + "0000" + "00FF03FF00" + "0018" + "0010" + "0401" + "0000" + "D*000100" + "0005", Text(read, Ascii4E, 0x1234));
        // iQ-R: subcommand 0002, four bytes of number, two of code.
        Assert.Equal("500000ffff03000e00100001040200" + "64000000" + "a800" + "0500", Hex(read, Wide));
        Assert.EndsWith("0401" + "0002" + "D***00000100" + "0005", Text(read, WideAscii), StringComparison.Ordinal);
    }

    [Fact]
    public void Bits_are_asked_with_subcommand_1_and_numbers_in_the_radix_of_the_device()
    {
        Assert.EndsWith("01040100" + "1f00009c" + "0800", Hex(new SlmpRequest.ReadBits(At("X1F"), 8), Binary3E), StringComparison.Ordinal);
        Assert.EndsWith("0401" + "0001" + "X*00001F" + "0008", Text(new SlmpRequest.ReadBits(At("X1F"), 8), Ascii3E), StringComparison.Ordinal);
        // X17 of an iQ-F is octal: the sixteenth input, number 15 on the binary wire.
        Assert.EndsWith("0f00009c" + "0100", Hex(new SlmpRequest.ReadBits(At("X17", SlmpCpu.IqF), 1), Binary3E with { Cpu = SlmpCpu.IqF }), StringComparison.Ordinal);
        Assert.EndsWith("X*000017" + "0001", Text(new SlmpRequest.ReadBits(At("X17", SlmpCpu.IqF), 1), Ascii3E with { Cpu = SlmpCpu.IqF }), StringComparison.Ordinal);
    }

    [Fact]
    public void Writes_carry_words_low_byte_first_and_bits_two_a_byte_the_first_above()
    {
        Assert.EndsWith("01140000" + "640000a8" + "0200" + "9519" + "0212", Hex(new SlmpRequest.WriteWords(At("D100"), [0x1995, 0x1202]), Binary3E), StringComparison.Ordinal);
        Assert.EndsWith("01140100" + "64000090" + "0500" + "11" + "00" + "10", Hex(new SlmpRequest.WriteBits(At("M100"), [true, true, false, false, true]), Binary3E), StringComparison.Ordinal);
        Assert.EndsWith("M*000100" + "0005" + "11001", Text(new SlmpRequest.WriteBits(At("M100"), [true, true, false, false, true]), Ascii3E), StringComparison.Ordinal);
    }

    [Fact]
    public void Scattered_reads_and_writes_name_every_device()
    {
        var read = new SlmpRequest.ReadRandom([At("D0"), At("TN0")], [At("D1500")]);
        Assert.EndsWith("03040000" + "0201" + "000000a8" + "000000c2" + "dc0500a8", Hex(read, Binary3E), StringComparison.Ordinal);
        Assert.EndsWith("1402" + "0000" + "01" + "01" + "D*000000" + "0550" + "D*001500" + "04391202",
            Text(new SlmpRequest.WriteRandomWords([(At("D0"), 0x0550)], [(At("D1500"), 0x04391202)]), Ascii3E), StringComparison.Ordinal);
        Assert.EndsWith("02140100" + "02" + "32000090" + "00" + "2f00009d" + "01", Hex(new SlmpRequest.WriteRandomBits([(At("M50"), false), (At("Y2F"), true)]), Binary3E), StringComparison.Ordinal);
        Assert.EndsWith("02140300" + "01" + "32000000" + "9000" + "0100", Hex(new SlmpRequest.WriteRandomBits([(At("M50"), true)]), Wide), StringComparison.Ordinal);
    }

    [Fact]
    public void The_type_and_the_loopback_are_asked_without_a_device()
    {
        Assert.EndsWith("0600" + "1000" + "01010000", Hex(new SlmpRequest.ReadType(), Wide), StringComparison.Ordinal);
        Assert.EndsWith("19060000" + "0500" + "4142434445", Hex(new SlmpRequest.Loopback("ABCDE"), Binary3E), StringComparison.Ordinal);
    }

    /// <summary>Run, stop, pause, latch clear, reset: no request of ours has their numbers, and a call that has them is refused.</summary>
    [Fact]
    public void Remote_control_of_a_controller_cannot_be_said()
    {
        ushort[] never = [0x1001, 0x1002, 0x1003, 0x1005, 0x1006];
        Assert.Empty(Enum.GetValues<SlmpCommand>().Select(c => (ushort)c).Intersect(never));
        Assert.Equal([0x0101, 0x0401, 0x0403, 0x0619, 0x1401, 0x1402], Enum.GetValues<SlmpCommand>().Select(c => (int)c).Order());
        foreach (var command in never)
        {
            var body = new SlmpWriter(false).U16(0x10).U16(command).U16(0).U16(1).U16(0);
            Assert.False(SlmpServerCodec.TryDecode(SlmpCodec.Frame(false, Binary3E, SlmpRoute.Own, 0, body), Binary3E, out _, out _, out var end));
            Assert.Equal(SlmpEndCodes.CommandWrong, end);
        }
        // Every request there is says one of the six.
        Assert.All(AllRequests, r => Assert.True(Enum.IsDefined(r.Command)));
        Assert.Equal(AllRequests.Length, typeof(SlmpRequest).GetNestedTypes().Length);
    }

    private static readonly SlmpRequest[] AllRequests =
    [
        new SlmpRequest.ReadWords(At("D0"), 1), new SlmpRequest.ReadBits(At("M0"), 1), new SlmpRequest.ReadRandom([At("D0")], []),
        new SlmpRequest.WriteWords(At("D0"), [1]), new SlmpRequest.WriteBits(At("M0"), [true]), new SlmpRequest.WriteRandomWords([(At("D0"), 1)], []),
        new SlmpRequest.WriteRandomBits([(At("M0"), true)]), new SlmpRequest.ReadType(), new SlmpRequest.Loopback("A"),
    ];

    [Fact]
    public void A_good_answer_is_taken_apart_in_every_form()
    {
        var words = new ushort[2];
        foreach (var (bytes, framing, serial) in new[]
        {
            (Convert.FromHexString("d00000ffff03000600000034120200"), Binary3E, 0),
            (Convert.FromHexString("d40078560000" + "00ffff03000600000034120200"), Binary4E, 0x5678),
            (Encoding.ASCII.GetBytes("D000" + "00FF03FF00" + "000C" + "0000" + "12340002"), Ascii3E, 0),
            (Encoding.ASCII.GetBytes("D400" + "5678" + "0000" + "00FF03FF00" + "000C" + "0000" + "12340002"), Ascii4E, 0x5678),
        })
        {
            Assert.True(SlmpCodec.TryDecode(bytes, framing, out var answer, out var why), why);
            Assert.Equal((serial, 0), (answer.Serial, answer.EndCode));
            Assert.True(SlmpCodec.TryWords(answer.Data, framing.Ascii, words));
            Assert.Equal([0x1234, 2], words);
            Assert.False(SlmpCodec.TryWords(answer.Data, framing.Ascii, new ushort[1]));
            Assert.False(SlmpCodec.TryWords(answer.Data, framing.Ascii, new ushort[3]));
        }
    }

    [Fact]
    public void Bits_of_an_answer_are_read_high_half_first_and_nothing_but_0_and_1_is_a_bit()
    {
        var bits = new bool[5];
        Assert.True(SlmpCodec.TryBits(Convert.FromHexString("010010"), false, bits));
        Assert.Equal([false, true, false, false, true], bits);
        Assert.True(SlmpCodec.TryBits("01001"u8.ToArray(), true, bits));
        Assert.Equal([false, true, false, false, true], bits);
        Assert.False(SlmpCodec.TryBits(Convert.FromHexString("020010"), false, bits));
        Assert.False(SlmpCodec.TryBits("0100A"u8.ToArray(), true, bits));
        Assert.False(SlmpCodec.TryBits(Convert.FromHexString("0100"), false, bits));
    }

    [Fact]
    public void An_end_code_comes_with_who_refused_and_says_so_in_words()
    {
        Assert.True(SlmpCodec.TryDecode(Convert.FromHexString("d00000ffff03000b003140" + "0305ff0300" + "0104" + "0000"), Binary3E, out var answer, out var why), why);
        Assert.Equal(0x4031, answer.EndCode);
        Assert.Equal(new SlmpErrorInfo(new(3, 5, 0x03FF, 0), 0x0401, 0), answer.Error);
        Assert.Equal(SlmpRules.OutsideRange, SlmpEndCodes.Of(answer.EndCode).Rule);
        Assert.Contains("4031h", SlmpEndCodes.Describe(answer.EndCode, answer.Error), StringComparison.Ordinal);
        Assert.Contains("network 3, station 5", SlmpEndCodes.Describe(answer.EndCode, answer.Error), StringComparison.Ordinal);
        // Some modules leave the error information out.
        Assert.True(SlmpCodec.TryDecode(Convert.FromHexString("d00000ffff0300020059c0"), Binary3E, out answer, out _));
        Assert.Equal((0xC059, null), (answer.EndCode, answer.Error));
    }

    [Fact]
    public void Every_end_code_has_a_rule_and_unknown_ones_are_named_by_their_origin()
    {
        Assert.All(SlmpEndCodes.All.Values, c => Assert.Contains(c.Rule, SlmpRules.All.Keys));
        foreach (ushort code in new ushort[] { 0x4FFF, 0xCFFF, 0x7123 })
            Assert.Contains(code.ToString("X4", CultureInfo.InvariantCulture), SlmpEndCodes.Describe(code, null), StringComparison.Ordinal);
    }

    [Fact]
    public void The_type_of_a_controller_is_read_without_its_blanks()
    {
        var data = new SlmpWriter(false).Text("R04CPU".PadRight(16)).U16(0x4800).ToArray();
        Assert.True(SlmpCodec.TryTypeName(data, false, out var type));
        Assert.Equal(new SlmpTypeName("R04CPU", 0x4800), type);
        Assert.False(SlmpCodec.TryTypeName(data.AsMemory(1), false, out _));
    }

    private static readonly Gen<SlmpFraming> Framings = Gen.Select(Gen.Bool, Gen.Bool, Gen.Int[0, 4],
        (four, ascii, cpu) => new SlmpFraming(four ? SlmpFrame.Frame4E : SlmpFrame.Frame3E, ascii, (SlmpCpu)cpu));

    private static Gen<SlmpAddress> Addresses(bool? bits = null) => Gen.Select(
        Gen.Int[0, SlmpDevices.All.Count - 1].Select(i => SlmpDevices.All[i]).Where(d => !d.WideOnly && (bits is null || d.IsBit == bits)),
        // Six digits of the smallest radix in ASCII; six decimal digits otherwise.
        Gen.UInt[0, 262_143], (d, n) => new SlmpAddress(d, n));

    private static readonly Gen<SlmpRequest> Requests = Gen.OneOf<SlmpRequest>(
        Gen.Select(Addresses(), Gen.Int[1, SlmpLimits.Words], (a, n) => (SlmpRequest)new SlmpRequest.ReadWords(a, n)),
        Gen.Select(Addresses(true), Gen.Int[1, SlmpLimits.Bits], (a, n) => (SlmpRequest)new SlmpRequest.ReadBits(a, n)),
        Gen.Select(Addresses().Array[1, 40], Addresses().Array[0, 40], (w, d) => (SlmpRequest)new SlmpRequest.ReadRandom([.. w], [.. d])),
        Gen.Select(Addresses(), Gen.UShort.Array[1, 960], (a, v) => (SlmpRequest)new SlmpRequest.WriteWords(a, [.. v])),
        Gen.Select(Addresses(true), Gen.Bool.Array[1, 999], (a, v) => (SlmpRequest)new SlmpRequest.WriteBits(a, [.. v])),
        Gen.Select(Gen.Select(Addresses(), Gen.UShort).Array[1, 30], Gen.Select(Addresses(), Gen.UInt).Array[0, 30],
            (w, d) => (SlmpRequest)new SlmpRequest.WriteRandomWords([.. w], [.. d])),
        Gen.Select(Addresses(true), Gen.Bool).Array[1, 90].Select(v => (SlmpRequest)new SlmpRequest.WriteRandomBits([.. v])),
        Gen.Const((SlmpRequest)new SlmpRequest.ReadType()),
        Gen.Char["0123456789ABCDEF"].Array[1, 200].Select(t => (SlmpRequest)new SlmpRequest.Loopback(new(t))));

    [Fact]
    public void Whatever_is_asked_arrives_as_it_was_asked_in_every_form() =>
        Gen.Select(Requests, Framings, Gen.UShort).Sample((request, framing, serial) =>
        {
            var route = new SlmpRoute(3, 7, 0x03E1, 2);
            var bytes = SlmpCodec.Encode(request, framing, route, serial, 0x10);
            Assert.Equal((framing.Frame, framing.Ascii), SlmpScan.Detect(bytes));
            Assert.Equal(bytes.Length, SlmpScan.Measure([.. bytes, 0x50, 0x00], framing.Frame, framing.Ascii, answers: false));
            Assert.True(SlmpServerCodec.TryDecode(bytes, framing, out _, out var call, out var end), $"{end:X4} for {request}");
            Assert.Equal((framing.Frame == SlmpFrame.Frame4E ? serial : 0, route), (call.Serial, call.Route));
            Assert.Equal(bytes, SlmpCodec.Encode(call.Request, framing, route, serial, 0x10));
        }, iter: 3000);

    [Fact]
    public void Cut_anywhere_a_frame_is_never_taken_for_a_whole_one() =>
        Gen.Select(Requests, Framings, Gen.Double[0, 1]).Sample((request, framing, share) =>
        {
            var bytes = SlmpCodec.Encode(request, framing, SlmpRoute.Own, 1, 0x10);
            Assert.Equal(0, SlmpScan.Measure(bytes.AsSpan(0, (int)(share * (bytes.Length - 1))), framing.Frame, framing.Ascii, answers: false));
        }, iter: 2000);

    /// <summary>Foreign bytes, and good frames with some bytes turned, for every decoder of both sides.</summary>
    [Fact]
    public void No_bytes_throw() =>
        Gen.Select(Requests, Framings, Gen.Byte.Array[0, 80], Gen.Select(Gen.Int[0, 60], Gen.Byte).Array[0, 4]).Sample((request, framing, foreign, turns) =>
        {
            var bytes = SlmpCodec.Encode(request, framing, SlmpRoute.Own, 1, 0x10);
            var answer = SlmpServerCodec.Answer(new(1, SlmpRoute.Own, 0x0401, 0), framing, w => w.U16(1).U16(2));
            foreach (var (at, value) in turns) (bytes[at % bytes.Length], answer[at % answer.Length]) = (value, value);
            foreach (var some in new[] { foreign, bytes, answer })
            {
                var length = SlmpScan.Measure(some, framing.Frame, framing.Ascii, answers: true);
                Assert.InRange(length, -1, some.Length);
                if (SlmpCodec.TryDecode(some, framing, out var read, out _))
                {
                    SlmpCodec.TryWords(read.Data, framing.Ascii, new ushort[2]);
                    SlmpCodec.TryBits(read.Data, framing.Ascii, new bool[3]);
                    SlmpCodec.TryRandom(read.Data, framing.Ascii, new ushort[1], new uint[1]);
                    SlmpCodec.TryTypeName(read.Data, framing.Ascii, out _);
                    SlmpCodec.TryLoopback(read.Data, framing.Ascii, out _);
                }
                SlmpServerCodec.TryDecode(some, framing, out _, out _, out _);
                SlmpScan.Detect(some);
            }
        }, iter: 20_000);
}
