using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Ieum.Connect.Modbus;
using Ieum.Sim.Registers;

namespace Ieum.Sim.Modbus;

/// <summary>A Modbus device: functions 1-6, 15 and 16 on the registers of the machine; all units are the same device.</summary>
/// <remarks>Input registers show the same words as holding registers, discrete inputs the same bits as coils.</remarks>
internal sealed class ModbusSpeech(ModbusFraming framing) : IRegisterSpeech
{
    public static RegisterServer Server(ModbusFraming framing) => new("modbus",
        word => string.Create(CultureInfo.InvariantCulture, $"holding:{word}"), [0xDE, 0xAD, 0xBE, 0xEF, 0x00, 0x01, 0x02, 0x03], () => new ModbusSpeech(framing));

    public int Cut(ReadOnlySpan<byte> received) => received.IsEmpty ? 0 : ModbusFrame.CutRequest(framing, received);

    public void Answer(ReadOnlySpan<byte> request, RegisterMemory memory, IBufferWriter<byte> into)
    {
        // A serial device does not answer what was damaged on the line.
        if (!ModbusFrame.TryOpen(framing, request.ToArray(), out var id, out var unit, out var pdu)) return;
        Span<byte> answer = stackalloc byte[ModbusFrame.LongestPdu];
        var length = Serve(pdu.Span, memory, answer);
        ModbusFrame.Write(framing, id, unit, answer[..length], into);
    }

    private static int Serve(ReadOnlySpan<byte> pdu, RegisterMemory memory, Span<byte> answer)
    {
        answer[0] = pdu[0];
        if (pdu[0] is not ((>= 1 and <= 6) or 15 or 16)) return Exception(1, answer);
        if (pdu.Length < 5) return Exception(3, answer);
        var start = BinaryPrimitives.ReadUInt16BigEndian(pdu[1..]);
        var count = BinaryPrimitives.ReadUInt16BigEndian(pdu[3..]);
        return pdu[0] switch
        {
            1 or 2 => ReadBits(start, count, memory, answer),
            3 or 4 => ReadWords(start, count, memory, answer),
            5 => count is not (0 or 0xFF00) ? Exception(3, answer) : memory.TryWriteBits(start, [count != 0]) ? Echo(pdu, answer) : Exception(2, answer),
            6 => memory.TryWrite(start, pdu.Slice(3, 2)) ? Echo(pdu, answer) : Exception(2, answer),
            15 => WriteBits(pdu, start, count, memory, answer),
            _ => pdu.Length != 6 + 2 * count || pdu[5] != 2 * count || count is < 1 or > 123 ? Exception(3, answer)
                : memory.TryWrite(start, pdu[6..]) ? Echo(pdu, answer) : Exception(2, answer),
        };
    }

    private static int ReadBits(int start, int count, RegisterMemory memory, Span<byte> answer)
    {
        if (count is < 1 or > 2000) return Exception(3, answer);
        Span<bool> bits = stackalloc bool[count];
        if (!memory.TryReadBits(start, count, bits)) return Exception(2, answer);
        answer[1] = (byte)((count + 7) / 8);
        answer.Slice(2, answer[1]).Clear();
        for (var i = 0; i < count; i++)
            if (bits[i]) answer[2 + i / 8] |= (byte)(1 << (i % 8));
        return 2 + answer[1];
    }

    private static int ReadWords(int start, int count, RegisterMemory memory, Span<byte> answer)
    {
        if (count is < 1 or > 125) return Exception(3, answer);
        answer[1] = (byte)(2 * count);
        return memory.TryRead(start, count, answer.Slice(2, 2 * count)) ? 2 + 2 * count : Exception(2, answer);
    }

    private static int WriteBits(ReadOnlySpan<byte> pdu, int start, int count, RegisterMemory memory, Span<byte> answer)
    {
        if (count is < 1 or > 1968 || pdu.Length != 6 + (count + 7) / 8) return Exception(3, answer);
        Span<bool> bits = stackalloc bool[count];
        for (var i = 0; i < count; i++) bits[i] = (pdu[6 + i / 8] >> (i % 8) & 1) != 0;
        return memory.TryWriteBits(start, bits) ? Echo(pdu, answer) : Exception(2, answer);
    }

    private static int Echo(ReadOnlySpan<byte> pdu, Span<byte> answer)
    {
        pdu[..5].CopyTo(answer);
        return 5;
    }

    private static int Exception(byte code, Span<byte> answer)
    {
        answer[0] |= 0x80;
        answer[1] = code;
        return 2;
    }
}
