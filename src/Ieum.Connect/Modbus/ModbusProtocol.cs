using System.Buffers;
using System.Buffers.Binary;
using Ieum.Connect.Polling;

namespace Ieum.Connect.Modbus;

/// <summary>Requests and answers of functions 1-6, 15 and 16 (Modbus Application Protocol V1.1b3, clause 6). Pure.</summary>
internal sealed class ModbusProtocol(int unit, ModbusFraming framing) : IRegisterProtocol
{
    public const int MostReadBits = 2000, MostReadWords = 125, MostWriteBits = 1968, MostWriteWords = 123;

    public bool IsNumbered => framing == ModbusFraming.Tcp;

    public bool TryPlace(string address, out RegisterPlace place, out string why)
    {
        why = "";
        if (ModbusAddress.TryParse(address, unit, out place)) return true;
        why = $"the address must look like {ModbusAddress.Form}";
        return false;
    }

    public string AddressOf(RegisterArea area, int start) => ModbusAddress.Text(area, start, unit);

    public int MostCells(RegisterArea area, bool write) => (area.Cell, write) switch
    {
        (CellSize.Bit, false) => MostReadBits,
        (CellSize.Bit, true) => MostWriteBits,
        (_, false) => MostReadWords,
        _ => MostWriteWords,
    };

    public Refusal? ReadOnly(RegisterArea area) => (ModbusTable)area.Code is ModbusTable.Holding or ModbusTable.Coil ? null
        : new(ModbusRules.ReadOnlyArea, "input registers and discrete inputs cannot be written; use a holding or coil address.", RefusalScope.Area);

    public void Encode(in RegisterRequest request, ushort id, IBufferWriter<byte> into)
    {
        Span<byte> pdu = stackalloc byte[ModbusFrame.LongestPdu];
        ModbusFrame.Write(framing, id, (byte)request.Area.Device, pdu[..EncodePdu(request, pdu)], into);
    }

    private static int EncodePdu(in RegisterRequest request, Span<byte> pdu)
    {
        pdu[0] = Function(request);
        BinaryPrimitives.WriteUInt16BigEndian(pdu[1..], (ushort)request.Start);
        BinaryPrimitives.WriteUInt16BigEndian(pdu[3..], (ushort)request.Count);
        if (!request.IsWrite) return 5;
        var data = request.Data.Span;
        switch (pdu[0])
        {
            case 5:
                BinaryPrimitives.WriteUInt16BigEndian(pdu[3..], data[0] != 0 ? (ushort)0xFF00 : (ushort)0);
                return 5;
            case 6:
                data.CopyTo(pdu[3..]);
                return 5;
            case 15:
                var bytes = (request.Count + 7) / 8;
                pdu[5] = (byte)bytes;
                pdu.Slice(6, bytes).Clear();
                for (var i = 0; i < request.Count; i++)
                    if (data[i] != 0) pdu[6 + i / 8] |= (byte)(1 << (i % 8));
                return 6 + bytes;
            default:
                pdu[5] = (byte)data.Length;
                data.CopyTo(pdu[6..]);
                return 6 + data.Length;
        }
    }

    /// <summary>The function that carries a request: single writes where one cell is written, because small devices know only these.</summary>
    private static byte Function(in RegisterRequest request) => ((ModbusTable)request.Area.Code, request.IsWrite) switch
    {
        (ModbusTable.Coil, false) => 1,
        (ModbusTable.Discrete, false) => 2,
        (ModbusTable.Holding, false) => 3,
        (ModbusTable.Input, false) => 4,
        (ModbusTable.Coil, true) => (byte)(request.Count == 1 ? 5 : 15),
        _ => (byte)(request.Count == 1 ? 6 : 16),
    };

    public int Cut(ReadOnlySpan<byte> received) => ModbusFrame.CutAnswer(framing, received);

    public RegisterAnswer Decode(ReadOnlyMemory<byte> frame, in RegisterRequest request, ushort id)
    {
        if (!ModbusFrame.TryOpen(framing, frame, out var answered, out var from, out var pdu)) return RegisterAnswer.Garbage;
        if (framing == ModbusFraming.Tcp && answered != id) return RegisterAnswer.Foreign;
        // Unit 0 and 255 mean the device itself; some answer to either with the other, or with their own number.
        if (from != request.Area.Device && request.Area.Device is not (0 or 255)) return RegisterAnswer.Foreign;
        var b = pdu.Span;
        var function = Function(request);
        if (b.Length == 2 && b[0] == (function | 0x80)) return ModbusException(b[1]);
        if (b[0] != function) return framing == ModbusFraming.Tcp ? RegisterAnswer.Garbage : RegisterAnswer.Foreign;
        return request.IsWrite ? Written(b, request) : Read(pdu, request);
    }

    private static RegisterAnswer Read(ReadOnlyMemory<byte> pdu, in RegisterRequest request)
    {
        var bits = request.Area.Cell == CellSize.Bit;
        var wanted = bits ? (request.Count + 7) / 8 : request.Count * 2;
        var b = pdu.Span;
        if (b.Length < 2 || b[1] != wanted || b.Length != 2 + wanted)
            return RegisterAnswer.Refused(ModbusRules.AnswerShort,
                FormattableString.Invariant($"the device answered with {Math.Max(0, b.Length - 2)} bytes where {wanted} were asked for."), RefusalScope.Cell);
        if (!bits) return RegisterAnswer.Done(pdu[2..]);
        var cells = new byte[request.Count];
        for (var i = 0; i < cells.Length; i++) cells[i] = (byte)(b[2 + i / 8] >> (i % 8) & 1);
        return RegisterAnswer.Done(cells);
    }

    /// <summary>A write is confirmed by its address and its value or number.</summary>
    private static RegisterAnswer Written(ReadOnlySpan<byte> b, in RegisterRequest request)
    {
        Span<byte> sent = stackalloc byte[ModbusFrame.LongestPdu];
        EncodePdu(request, sent);
        return b.Length == 5 && b.SequenceEqual(sent[..5]) ? RegisterAnswer.Done(default)
            : RegisterAnswer.Refused(ModbusRules.WriteEchoWrong, $"the device confirmed {Convert.ToHexString(b)} instead of {Convert.ToHexString(sent[..5])}; read the value back.", RefusalScope.Area);
    }

    internal static RegisterAnswer ModbusException(byte code) => code switch
    {
        1 => RegisterAnswer.Refused(ModbusRules.IllegalFunction, "exception 1, illegal function: the device does not know this kind of register.", RefusalScope.Area),
        2 => RegisterAnswer.Refused(ModbusRules.IllegalAddress, "exception 2, illegal data address: the device has no such register.", RefusalScope.Cell),
        3 => RegisterAnswer.Refused(ModbusRules.IllegalValue, "exception 3, illegal data value: the device does not take this number of registers or this value.", RefusalScope.Cell),
        4 => RegisterAnswer.Refused(ModbusRules.DeviceFailure, "exception 4, device failure: the device could not carry out the request.", RefusalScope.Cell),
        5 => RegisterAnswer.Refused(ModbusRules.Acknowledge, "exception 5, acknowledge: the device needs long for the request.", RefusalScope.Busy),
        6 => RegisterAnswer.Refused(ModbusRules.Busy, "exception 6, device busy.", RefusalScope.Busy),
        8 => RegisterAnswer.Refused(ModbusRules.MemoryParity, "exception 8, memory parity error: the device's memory is damaged here.", RefusalScope.Cell),
        10 => RegisterAnswer.Refused(ModbusRules.GatewayNoPath, "exception 10, gateway path unavailable: the gateway has no way to this unit.", RefusalScope.Device),
        11 => RegisterAnswer.Refused(ModbusRules.GatewayNoAnswer, "exception 11, gateway target did not respond: the unit behind the gateway does not answer.", RefusalScope.Device),
        _ => RegisterAnswer.Refused(ModbusRules.ExceptionUnknown, FormattableString.Invariant($"exception {code}, which the standard does not know."), RefusalScope.Cell),
    };
}
