using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Ieum.Plan.Across;

/// <summary>Messages to bytes and back (UTF-8 JSON). Foreign bytes never throw.</summary>
internal static class MessageCodec
{
    /// <summary>A longer message is refused unread.</summary>
    public const int LongestMessage = 4 * 1024 * 1024;

    public static byte[] Encode(Request request) => JsonSerializer.SerializeToUtf8Bytes(request, MessageJson.Default.Request);
    public static byte[] Encode(Reply reply) => JsonSerializer.SerializeToUtf8Bytes(reply, MessageJson.Default.Reply);

    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Request? request)
    {
        try
        {
            request = bytes.Length > LongestMessage ? null : JsonSerializer.Deserialize(bytes, MessageJson.Default.Request);
        }
        catch (JsonException)
        {
            request = null;
        }
        return request is not null;
    }

    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Reply? reply)
    {
        try
        {
            reply = bytes.Length > LongestMessage ? null : JsonSerializer.Deserialize(bytes, MessageJson.Default.Reply);
        }
        catch (JsonException)
        {
            reply = null;
        }
        return reply is not null;
    }
}

/// <summary>The line to one company: bytes there, bytes back. All that a coordinator has of a company.</summary>
internal interface ICompanyLine
{
    /// <summary>The reply, or null when none came in time.</summary>
    byte[]? Exchange(byte[] request);
}
