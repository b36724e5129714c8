using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Ieum.Connect.Fins;

/// <summary>FINS frames to bytes and from bytes, both sides. Pure; foreign bytes never throw.</summary>
internal static class FinsCodec
{
    /// <summary>Header and command code.</summary>
    public const int Head = 12;

    /// <summary>Longest frame of an Ethernet unit.</summary>
    public const int MostFrame = 2048;

    public static byte[] Encode(FinsRequest request, FinsPeer to, FinsPeer from, byte serviceId)
    {
        var data = request switch
        {
            FinsRequest.Read r => Place(r.AreaCode, r.Word, r.Bit, r.Count, default),
            FinsRequest.Write w => Place(w.AreaCode, w.Word, w.Bit, w.Count, w.Data.Span),
            _ => [],
        };
        return Frame(0x80, to, from, serviceId, (ushort)request.Command, data);
    }

    /// <summary>Reads one whole frame with an answer in it.</summary>
    public static bool TryDecode(ReadOnlyMemory<byte> frame, out FinsAnswer answer, [NotNullWhen(false)] out string? why)
    {
        answer = default;
        var b = frame.Span;
        if (b.Length is < Head + 2 or > MostFrame || (b[0] & 0x40) == 0)
        {
            why = $"not a FINS answer: {Convert.ToHexString(b[..Math.Min(b.Length, 20)])}";
            return false;
        }
        // Bit 7 of the first byte tells of a relay, bits 6 and 7 of the second of errors in the CPU that do not concern the request.
        var end = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(b[Head..]) & 0x7F3F);
        answer = new(b[9], BinaryPrimitives.ReadUInt16BigEndian(b[10..]), end, new(b[6], b[7], b[8]), frame[(Head + 2)..]);
        why = null;
        return true;
    }

    /// <summary>Reads one whole frame with a request in it.</summary>
    /// <param name="endCode">What a controller answers when false is returned; 0 when it answers nothing.</param>
    public static bool TryDecodeCall(ReadOnlyMemory<byte> frame, [NotNullWhen(true)] out FinsCall? call, out ushort endCode)
    {
        (call, endCode) = (null, 0);
        var b = frame.Span;
        if (b.Length is < Head or > MostFrame || (b[0] & 0x40) != 0) return false;
        var data = frame[Head..];
        var command = (FinsCommand)BinaryPrimitives.ReadUInt16BigEndian(b[10..]);
        FinsRequest? request = null;
        switch (command)
        {
            case FinsCommand.ControllerData:
                request = new FinsRequest.ControllerData();
                break;
            case FinsCommand.MemoryRead or FinsCommand.MemoryWrite when data.Length < 6:
                endCode = FinsEndCodes.TooShort;
                break;
            case FinsCommand.MemoryRead or FinsCommand.MemoryWrite:
                var d = data.Span;
                var (area, word, bit, count) = (d[0], BinaryPrimitives.ReadUInt16BigEndian(d[1..]), d[3], BinaryPrimitives.ReadUInt16BigEndian(d[4..]));
                var isBit = FinsAreas.TryBit(area, out _);
                if (!isBit && !FinsAreas.TryWord(area, word, out _)) endCode = FinsEndCodes.AreaMissing;
                else if (bit > (isBit ? 15 : 0)) endCode = FinsEndCodes.AddressWrong;
                else if (command == FinsCommand.MemoryRead) request = data.Length == 6 ? new FinsRequest.Read(area, word, bit, count) : null;
                else if (data.Length == 6 + count * (isBit ? 1 : 2)) request = new FinsRequest.Write(area, word, bit, count, data[6..]);
                if (request is null && endCode == 0) endCode = FinsEndCodes.LengthWrong;
                break;
            default:
                endCode = FinsEndCodes.CommandUnknown;
                break;
        }
        if (request is null) return false;
        call = new(b[9], new(b[3], b[4], b[5]), new(b[6], b[7], b[8]), request);
        return true;
    }

    /// <summary>The answer to a request frame, whatever was in it.</summary>
    public static byte[] Answer(ReadOnlySpan<byte> call, ushort endCode, ReadOnlySpan<byte> data)
    {
        var content = new byte[2 + data.Length];
        BinaryPrimitives.WriteUInt16BigEndian(content, endCode);
        data.CopyTo(content.AsSpan(2));
        return Frame(0xC0, new(call[6], call[7], call[8]), new(call[3], call[4], call[5]), call[9], BinaryPrimitives.ReadUInt16BigEndian(call[10..]), content);
    }

    /// <summary>Model and version of 0501: twenty characters each.</summary>
    public static bool TryControllerData(ReadOnlyMemory<byte> data, out string model, out string version)
    {
        (model, version) = ("", "");
        if (data.Length < 40) return false;
        (model, version) = (Printable(data.Span[..20]), Printable(data.Span[20..40]));
        return true;

        static string Printable(ReadOnlySpan<byte> bytes) => string.Concat(Encoding.ASCII.GetString(bytes).Where(c => c is >= ' ' and < '\x7F')).Trim();
    }

    private static byte[] Place(byte area, ushort word, byte bit, ushort count, ReadOnlySpan<byte> data)
    {
        var b = new byte[6 + data.Length];
        (b[0], b[3]) = (area, bit);
        BinaryPrimitives.WriteUInt16BigEndian(b.AsSpan(1), word);
        BinaryPrimitives.WriteUInt16BigEndian(b.AsSpan(4), count);
        data.CopyTo(b.AsSpan(6));
        return b;
    }

    private static byte[] Frame(byte information, FinsPeer to, FinsPeer from, byte serviceId, ushort command, ReadOnlySpan<byte> data)
    {
        // Reserved 0, at most two relays on the way.
        byte[] b = [information, 0, 2, to.Network, to.Node, to.Unit, from.Network, from.Node, from.Unit, serviceId, (byte)(command >> 8), (byte)command, .. data];
        return b;
    }
}
