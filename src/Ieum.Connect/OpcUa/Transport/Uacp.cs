using System.Buffers.Binary;
using System.Text;

namespace Ieum.Connect.OpcUa.Transport;

/// <summary>Kinds of messages on an OPC UA connection (OPC 10000-6, 7.1.2).</summary>
internal enum MessageKind : byte { Hello, Acknowledge, Error, ReverseHello, Open, Message, Close }

/// <summary>The first eight bytes of everything on the wire.</summary>
/// <param name="Chunk"><c>F</c> final, <c>C</c> more to come, <c>A</c> given up.</param>
/// <param name="Size">Bytes of the whole chunk, this header included.</param>
internal readonly record struct MessageHeader(MessageKind Kind, byte Chunk, int Size)
{
    public const int Length = 8;

    public static bool TryRead(ReadOnlySpan<byte> bytes, out MessageHeader header)
    {
        header = default;
        if (bytes.Length < Length) return false;
        MessageKind? kind = Encoding.ASCII.GetString(bytes[..3]) switch
        {
            "HEL" => MessageKind.Hello, "ACK" => MessageKind.Acknowledge, "ERR" => MessageKind.Error, "RHE" => MessageKind.ReverseHello,
            "OPN" => MessageKind.Open, "MSG" => MessageKind.Message, "CLO" => MessageKind.Close, _ => null,
        };
        var size = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (kind is not { } k || bytes[3] is not ((byte)'F' or (byte)'C' or (byte)'A') || size is < Length or > int.MaxValue) return false;
        header = new(k, bytes[3], (int)size);
        return true;
    }

    public void Write(Span<byte> to)
    {
        (Kind switch
        {
            MessageKind.Hello => "HEL"u8, MessageKind.Acknowledge => "ACK"u8, MessageKind.Error => "ERR"u8, MessageKind.ReverseHello => "RHE"u8,
            MessageKind.Open => "OPN"u8, MessageKind.Message => "MSG"u8, _ => "CLO"u8,
        }).CopyTo(to);
        to[3] = Chunk;
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], (uint)Size);
    }
}

/// <summary>What one side takes (OPC 10000-6, 7.1.2.3 and 7.1.2.4). 0 for messages and chunks means no limit of its own.</summary>
/// <param name="ReceiveBuffer">Longest chunk it reads, at least 8,192 bytes.</param>
/// <param name="SendBuffer">Longest chunk it sends.</param>
internal readonly record struct WireLimits(uint ReceiveBuffer, uint SendBuffer, uint MaxMessage, uint MaxChunks)
{
    public const uint LeastBuffer = 8192;

    /// <summary>64 KiB − 1 instead of 64 KiB: some servers count in 16 bits; and never 2^32 − 1, which others refuse.</summary>
    public static WireLimits Default { get; } = new(65_535, 65_535, 16 << 20, 4_096);

    /// <summary>What holds after the other side's answer: chunks no longer than it reads, messages no longer than it takes.</summary>
    public static WireLimits Agree(WireLimits own, WireLimits peer) => new(
        Math.Min(own.ReceiveBuffer, Math.Max(peer.SendBuffer, LeastBuffer)), Math.Min(own.SendBuffer, Math.Max(peer.ReceiveBuffer, LeastBuffer)), peer.MaxMessage, peer.MaxChunks);

    /// <summary>Bytes of the longest message under both limits; 0: there is none.</summary>
    public int MostBytes
    {
        get
        {
            var byChunks = MaxChunks > 0 ? (long)MaxChunks * SendBuffer : int.MaxValue;
            var most = MaxMessage > 0 ? Math.Min(MaxMessage, byChunks) : byChunks;
            return most >= int.MaxValue ? 0 : (int)most;
        }
    }
}

/// <summary>Hello, Acknowledge and Error. Pure; foreign bytes give false.</summary>
internal static class Uacp
{
    private const int MostUrl = 4096;

    public static byte[] Hello(WireLimits limits, string url) => Frame(MessageKind.Hello, w =>
    {
        Limits(w, limits);
        w.WriteString(url.Length > MostUrl ? url[..MostUrl] : url);
    });

    public static byte[] Acknowledge(WireLimits limits) => Frame(MessageKind.Acknowledge, w => Limits(w, limits));

    public static byte[] Error(StatusCode status, string reason) => Frame(MessageKind.Error, w =>
    {
        w.WriteStatusCode(status);
        w.WriteString(reason.Length > MostUrl ? reason[..MostUrl] : reason);
    });

    public static bool TryHello(ReadOnlySpan<byte> body, out WireLimits limits, out string url)
    {
        var r = new OpcReader(body);
        limits = Limits(ref r);
        url = r.ReadString() ?? "";
        return !r.Failed && url.Length <= MostUrl && limits is { ReceiveBuffer: >= WireLimits.LeastBuffer, SendBuffer: >= WireLimits.LeastBuffer };
    }

    public static bool TryAcknowledge(ReadOnlySpan<byte> body, out WireLimits limits)
    {
        var r = new OpcReader(body);
        limits = Limits(ref r);
        return !r.Failed;
    }

    public static (StatusCode Status, string Reason) ReadError(ReadOnlySpan<byte> body)
    {
        var r = new OpcReader(body);
        var status = r.ReadStatusCode();
        var reason = r.ReadString() ?? "";
        return r.Failed ? (StatusCodes.BadTcpInternalError, "") : (status, reason);
    }

    private static void Limits(OpcWriter w, WireLimits limits)
    {
        w.WriteUInt32(0);   // protocol version
        w.WriteUInt32(limits.ReceiveBuffer);
        w.WriteUInt32(limits.SendBuffer);
        w.WriteUInt32(limits.MaxMessage);
        w.WriteUInt32(limits.MaxChunks);
    }

    private static WireLimits Limits(ref OpcReader r)
    {
        r.ReadUInt32();
        return new(r.ReadUInt32(), r.ReadUInt32(), r.ReadUInt32(), r.ReadUInt32());
    }

    private static byte[] Frame(MessageKind kind, Action<OpcWriter> body)
    {
        using var w = new OpcWriter(128);
        w.Skip(MessageHeader.Length);
        body(w);
        new MessageHeader(kind, (byte)'F', w.Length).Write(w.At(0, MessageHeader.Length));
        return w.ToArray();
    }
}
