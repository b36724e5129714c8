using System.Buffers.Binary;

namespace Ieum.Connect.Xgt;

/// <summary>The 20-byte header of the XGT dedicated service over Ethernet (FEnet manual, 8.1).</summary>
/// <param name="InvokeId">Number of the request, echoed by the answer.</param>
/// <param name="Length">Bytes of the instruction that follows.</param>
internal readonly record struct XgtHeader(bool FromClient, byte Cpu, ushort InvokeId, int Length)
{
    public const int Size = 20;

    /// <summary>An instruction longer than this is no answer to anything this client asks: 1,400 bytes of data and their frame.</summary>
    public const int MostLength = 4096;

    private const byte Client = 0x33, Server = 0x11;

    public void Write(Span<byte> to)
    {
        to[..Size].Clear();
        "LSIS-XGT"u8.CopyTo(to);
        to[12] = Cpu;
        to[13] = FromClient ? Client : Server;
        BinaryPrimitives.WriteUInt16LittleEndian(to[14..], InvokeId);
        BinaryPrimitives.WriteUInt16LittleEndian(to[16..], (ushort)Length);
        to[19] = Sum(to);
    }

    /// <summary>Reads the first <see cref="Size"/> bytes.</summary>
    /// <remarks>
    /// The check sum is not judged: modules in the field are seen to answer with 0 there and to take requests whose sum
    /// stands in byte 18. A wrong company id or length is never taken, so a lost byte is found all the same.
    /// </remarks>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out XgtHeader header, out string reason)
    {
        (header, reason) = (default, "");
        if (bytes.Length < Size) return No("a header has 20 bytes", out reason);
        // Older modules call themselves LGIS-GLOFA; the ten bytes have the same place.
        if (!bytes.StartsWith("LSIS-XGT"u8) && !bytes.StartsWith("LGIS-GLOFA"u8)) return No("the header does not begin with LSIS-XGT", out reason);
        if (bytes[13] is not (Client or Server)) return No($"the frame comes from neither client nor PLC (0x{bytes[13]:X2})", out reason);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(bytes[16..]);
        if (length > MostLength) return No($"the frame announces {length} bytes; {MostLength} are the most", out reason);
        header = new(bytes[13] == Client, bytes[12], BinaryPrimitives.ReadUInt16LittleEndian(bytes[14..]), length);
        return true;
    }

    internal static byte Sum(ReadOnlySpan<byte> header)
    {
        var sum = 0;
        foreach (var b in header[..19]) sum += b;
        return (byte)sum;
    }

    private static bool No(string why, out string reason)
    {
        reason = why;
        return false;
    }
}
