using System.IO.Compression;

namespace Ieum.Connect.Sparkplug.Payload;

/// <summary>
/// Compressed payloads: the widespread convention of Eclipse Tahu and sparkplug-client, in which the uuid says
/// <c>SPBV1.0_COMPRESSED</c> and the body is the real payload in zlib or gzip form.
/// </summary>
internal static class PayloadInflater
{
    public static bool IsCompressed(in PayloadView payload) => payload.HasBody && payload.Uuid.SequenceEqual("SPBV1.0_COMPRESSED"u8);

    /// <param name="most">Bytes the result may have: a small message must not unfold into all our memory.</param>
    public static bool TryInflate(ReadOnlySpan<byte> body, int most, out byte[] bytes, out string? reason)
    {
        bytes = [];
        var isGzip = body.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]);
        if (!isGzip && !IsZlib(body))
        {
            // Told from two bytes, before anything is set up: a broken edge node may send this all day.
            reason = "its compressed body is no zlib data";
            return false;
        }
        using var packed = new MemoryStream(body.ToArray(), writable: false);
        using Stream unpack = isGzip ? new GZipStream(packed, CompressionMode.Decompress) : new ZLibStream(packed, CompressionMode.Decompress);
        using var result = new MemoryStream();
        var chunk = new byte[16 * 1024];
        try
        {
            for (int read; (read = unpack.Read(chunk)) > 0;)
            {
                if (result.Length + read > most)
                {
                    reason = $"it unfolds to more than {most} bytes";
                    return false;
                }
                result.Write(chunk, 0, read);
            }
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            // ZLibException, an IOException, is what a preset dictionary in the head (RFC 1950, FDICT) ends in.
            reason = $"its compressed body is no {(isGzip ? "gzip" : "zlib")} data";
            return false;
        }
        bytes = result.ToArray();
        reason = null;
        return true;
    }

    /// <summary>RFC 1950, 2.2: method 8 (deflate), a window of at most 32 KiB, and a head that is a multiple of 31.</summary>
    private static bool IsZlib(ReadOnlySpan<byte> body) => body.Length >= 2 && (body[0] & 0x0F) == 8 && body[0] >> 4 <= 7 && (body[0] << 8 | body[1]) % 31 == 0;
}
