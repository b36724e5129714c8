using System.Buffers;
using Ieum.Connect.Modbus;
using Ieum.Connect.Polling;
using Ieum.Connect.S7;
using Ieum.Connect.Slmp;
using Ieum.Connect.Xgt;
using Ieum.Tests.Connect.Fins;

namespace Ieum.Bench.Fuzz;

internal static partial class FuzzTargets
{
    private static IEnumerable<FuzzTarget> Registers()
    {
        yield return Modbus(ModbusFraming.Tcp);
        yield return Modbus(ModbusFraming.Rtu);
        foreach (var frame in Enum.GetValues<SlmpFrame>())
            foreach (var ascii in (bool[])[false, true])
                yield return Slmp(frame, ascii);
        yield return Xgt();
        yield return Fins();
        yield return S7();
    }

    private static FuzzTarget Modbus(ModbusFraming framing)
    {
        var protocol = new ModbusProtocol(17, framing);
        var (holding, coils) = (ModbusAddress.Area(17, ModbusTable.Holding), ModbusAddress.Area(17, ModbusTable.Coil));
        RegisterRequest[] asked = [new(holding, 107, 3), new(coils, 19, 19), new(holding, 1, 1, new byte[] { 0, 3 }), new(coils, 1, 9, new byte[9])];
        // Answers of the Application Protocol's own examples (V1.1b3, clause 6) and our requests.
        string[] answers = ["0306022B00000064", "0103CD6B05", "0600010003", "8302", "0F00010009"];
        var good = answers.Select(pdu => Framed(framing, Hex(pdu))).Concat(asked.Select(r =>
        {
            var into = new ArrayBufferWriter<byte>();
            protocol.Encode(r, 1, into);
            return into.WrittenSpan.ToArray();
        })).ToList();
        return new($"modbus-{framing.ToString().ToLowerInvariant()}", good, bytes =>
        {
            var length = protocol.Cut(bytes);
            Must(length >= -1 && length <= bytes.Length, "A frame is not longer than what came.");
            var request = ModbusFrame.CutRequest(framing, bytes);
            Must(request >= -1 && request <= bytes.Length, "A request is not longer than what came.");
            ModbusFrame.TryOpen(framing, bytes, out _, out _, out _);
            var done = false;
            foreach (var r in asked)
            {
                var answer = protocol.Decode(length > 0 ? bytes.AsMemory(0, length) : bytes, r, 1);
                done |= answer.Kind == AnswerKind.Done;
                Must(answer.Kind != AnswerKind.Done || r.IsWrite || answer.Data.Length == r.Count * r.Area.CellBytes, "An answer holds what was asked.");
            }
            return done;
        });
    }

    private static byte[] Framed(ModbusFraming framing, byte[] pdu)
    {
        var into = new ArrayBufferWriter<byte>();
        ModbusFrame.Write(framing, 1, 17, pdu, into);
        return into.WrittenSpan.ToArray();
    }

    private static FuzzTarget Slmp(SlmpFrame frame, bool ascii)
    {
        var (words, bits, doubles) = (new ushort[2], new bool[3], new uint[1]);
        SlmpAddress D(uint n) => new(SlmpDevices.All.First(d => d.Name == "D"), n);
        SlmpAddress M(uint n) => new(SlmpDevices.All.First(d => d.Name == "M"), n);
        SlmpRequest[] requests =
        [
            new SlmpRequest.ReadWords(D(100), 5), new SlmpRequest.ReadBits(M(3), 8), new SlmpRequest.ReadRandom([D(0), M(16)], [D(1500)]),
            new SlmpRequest.WriteWords(D(7), [1, 2, 3]), new SlmpRequest.WriteBits(M(9), [true, false, true]), new SlmpRequest.WriteRandomWords([(D(1), 7)], [(D(2), 8)]),
            new SlmpRequest.WriteRandomBits([(M(1), true), (M(2), false)]), new SlmpRequest.Loopback("ABC123"),
        ];
        var framings = ((SlmpCpu[])[SlmpCpu.Q, SlmpCpu.IqR, SlmpCpu.IqF]).Select(cpu => new SlmpFraming(frame, ascii, cpu)).ToArray();
        var good = framings.SelectMany(f => requests.Select(r => SlmpCodec.Encode(r, f, SlmpRoute.Own, 1, 4))
            .Append(SlmpServerCodec.Answer(new(1, SlmpRoute.Own, 0x0401, 0), f, w => w.U16(1).U16(2)))).ToList();
        var protocols = framings.Select(f => new SlmpProtocol(f, SlmpRoute.Own, 4)).ToArray();
        var area = SlmpProtocol.AreaOf("D");
        var name = frame.ToString().Replace("Frame", "", StringComparison.Ordinal).ToLowerInvariant();
        return new($"slmp-{name}-{(ascii ? "ascii" : "binary")}", good, bytes =>
        {
            var length = SlmpScan.Measure(bytes, frame, ascii, answers: true);
            Must(length >= -1 && length <= bytes.Length, "A frame is not longer than what came.");
            var accepted = false;
            for (var i = 0; i < framings.Length; i++)
            {
                var framing = framings[i];
                if (SlmpCodec.TryDecode(bytes, framing, out var answer, out var why))
                {
                    accepted = true;
                    SlmpCodec.TryWords(answer.Data, ascii, words);
                    SlmpCodec.TryBits(answer.Data, ascii, bits);
                    SlmpCodec.TryRandom(answer.Data, ascii, words.AsSpan(0, 1), doubles);
                    SlmpCodec.TryTypeName(answer.Data, ascii, out _);
                    SlmpCodec.TryLoopback(answer.Data, ascii, out _);
                }
                else Must(why.Length > 0, "A refusal needs a reason.");
                if (SlmpServerCodec.TryDecode(bytes, framing, out _, out var call, out var end)) accepted = true;
                else Must(call is null && end != 0, "A refusal needs an end code.");
                protocols[i].Decode(bytes, new RegisterRequest(area, 0, 2), 1);
            }
            return accepted;
        });
    }

    private static FuzzTarget Xgt()
    {
        byte[][] good =
        [
            XgtCodec.Encode(new XgtRequest.WriteEach(XgtType.Word, [new("%DW1", new byte[2]), new("%DW2", new byte[2])]), 1, XgtCpu.Xgk),
            XgtCodec.Encode(new XgtRequest.WriteEach(XgtType.Word, [new("%DW1", new byte[2]), new("%DW2", new byte[2])]), 1, XgtCpu.Xgk)[XgtHeader.Size..],
            Hex("5500140000000000010006004D6F726521AA"), Hex("550014000000FFFF0400"), Hex("5900020000000000010000"),
        ];
        return new("xgt", good, bytes =>
        {
            Must(XgtHeader.TryRead(bytes, out _, out var reason) == (reason.Length == 0), "A refusal needs a reason.");
            var accepted = false;
            foreach (var skip in (int[])[0, XgtHeader.Size])
            {
                var body = bytes.AsSpan(Math.Min(bytes.Length, skip));
                if (XgtCodec.TryDecodeReply(body, out var reply, out reason)) accepted = true;
                else Must(reply is null && reason.Length > 0, "A refusal needs a reason.");
                if (XgtCodec.TryDecodeRequest(body, out var request, out reason)) accepted = true;
                else Must(request is null && reason.Length > 0, "A refusal needs a reason.");
            }
            return accepted;
        });
    }

    private static FuzzTarget Fins()
    {
        var trial = new FinsTrial();
        return new("fins", FinsTrial.Good, trial.Take);
    }

    private static FuzzTarget S7()
    {
        byte[][] good =
        [
            S7Codec.Encode(new S7Request.Write([new(new(S7Area.DataBlock, 1, 0, 3), new byte[3]), new(new(S7Area.Flags, 0, 4, 1, 3), new byte[1])]), 1)[IsoTransport.DataHead..],
            S7Codec.Encode(new S7Reply.Read(0, [new(0xFF, new byte[5]), new(10, default)]), 1)[IsoTransport.DataHead..],
            S7Codec.Encode(new S7Reply.Read(0, [new(0xFF, new byte[5])]), 1),
        ];
        return new("s7", good, bytes =>
        {
            var reason = "";
            Must(bytes.Length < 4 || IsoTransport.TryLength(bytes, out _, out reason) || reason.Length > 0, "A refusal needs a reason.");
            var accepted = IsoTransport.TryMessage(bytes, out var inner, out _);
            foreach (var part in (byte[][])[bytes, accepted ? inner.ToArray() : []])
            {
                if (S7Codec.TryDecodeReply(part, out _, out var reply, out reason)) accepted = true;
                else Must(reply is null && reason.Length > 0, "A refusal needs a reason.");
                if (S7Codec.TryDecodeRequest(part, out _, out var request, out reason)) accepted = true;
                else Must(request is null && reason.Length > 0, "A refusal needs a reason.");
            }
            return accepted;
        });
    }
}
