using System.Buffers.Binary;
using System.Text;
using Google.OrTools.Sat;
using Google.Protobuf;

namespace Ieum.Plan;

/// <summary>What travels between the node and its solver process: one letter, the length as 4 bytes little-endian, the payload.</summary>
/// <remarks>
/// To the solver: <c>Q</c> a question, <c>S</c> stop the question in hand. From it: <c>I</c> a better solution, <c>B</c> a better bound,
/// <c>E</c> the end of a question. Both ends come from the same build, so there are no versions.
/// </remarks>
internal static class CpFrames
{
    private const int Longest = 1 << 30;

    public static void Write(Stream to, char kind, ReadOnlySpan<byte> payload)
    {
        Span<byte> head = stackalloc byte[5];
        head[0] = (byte)kind;
        BinaryPrimitives.WriteInt32LittleEndian(head[1..], payload.Length);
        to.Write(head);
        to.Write(payload);
        to.Flush();
    }

    /// <returns>Null at the end of the stream.</returns>
    public static (char Kind, byte[] Payload)? Read(Stream from)
    {
        var head = new byte[5];
        if (from.ReadAtLeast(head, head.Length, throwOnEndOfStream: false) < head.Length) return null;
        var length = BinaryPrimitives.ReadInt32LittleEndian(head.AsSpan(1));
        if (length is < 0 or > Longest) throw new InvalidDataException($"A frame of the solver process claims {length} bytes.");
        var payload = new byte[length];
        return from.ReadAtLeast(payload, length, throwOnEndOfStream: false) < length ? null : ((char)head[0], payload);
    }

    public static byte[] Question(CpModelProto model, string parameters)
    {
        var text = Encoding.UTF8.GetBytes(parameters);
        var bytes = new byte[4 + text.Length + model.CalculateSize()];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, text.Length);
        text.CopyTo(bytes, 4);
        model.WriteTo(bytes.AsSpan(4 + text.Length));
        return bytes;
    }

    public static (CpModel Model, string Parameters) Question(byte[] payload)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(payload);
        var model = new CpModel();
        model.Model.MergeFrom(payload.AsSpan(4 + length).ToArray());
        return (model, Encoding.UTF8.GetString(payload, 4, length));
    }

    public static byte[] Solution(long[] values)
    {
        var bytes = new byte[values.Length * 8];
        for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * 8), values[i]);
        return bytes;
    }

    public static long[] Solution(byte[] payload)
    {
        var values = new long[payload.Length / 8];
        for (var i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadInt64LittleEndian(payload.AsSpan(i * 8));
        return values;
    }

    public static byte[] Bound(double bound)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, bound);
        return bytes;
    }

    public static double Bound(byte[] payload) => BinaryPrimitives.ReadDoubleLittleEndian(payload);
}
