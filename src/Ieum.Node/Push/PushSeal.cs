using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Ieum.Node.Push;

/// <summary>Seals a message so that only the browser that subscribed can read it, not the push service on the way (RFC 8291, content coding aes128gcm of RFC 8188).</summary>
internal static class PushSeal
{
    public const int PointLength = 65, AuthLength = 16, SaltLength = 16;
    private const int RecordSize = 4096, TagLength = 16;

    /// <summary>Longest message that fits one record (RFC 8291 section 4: push services take no more than one).</summary>
    public const int MostBytes = RecordSize - TagLength - 1 - (SaltLength + 4 + 1 + PointLength);

    /// <param name="message">At most <see cref="MostBytes"/>.</param>
    /// <param name="receiver">The browser's public key (<c>p256dh</c>): uncompressed point on P-256, 65 bytes.</param>
    /// <param name="auth">The browser's secret, 16 bytes.</param>
    /// <exception cref="CryptographicException">The key is no point on the curve.</exception>
    public static byte[] Seal(ReadOnlySpan<byte> message, ReadOnlySpan<byte> receiver, ReadOnlySpan<byte> auth)
    {
        using var sender = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        return Seal(message, receiver, auth, sender, RandomNumberGenerator.GetBytes(SaltLength));
    }

    /// <summary>With a key and a salt that are used once and never again.</summary>
    internal static byte[] Seal(ReadOnlySpan<byte> message, ReadOnlySpan<byte> receiver, ReadOnlySpan<byte> auth, ECDiffieHellman sender, ReadOnlySpan<byte> salt)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, MostBytes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(auth.Length, AuthLength);
        var own = PointOf(sender.ExportParameters(false).Q);
        using var other = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = PointOf(receiver) });
        var (key, nonce) = KeysOf(sender.DeriveRawSecretAgreement(other.PublicKey), receiver, own, auth, salt);
        var body = new byte[SaltLength + 4 + 1 + PointLength + message.Length + 1 + TagLength];
        salt.CopyTo(body);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(SaltLength), RecordSize);
        body[SaltLength + 4] = PointLength;
        own.CopyTo(body, SaltLength + 5);
        var text = body.AsSpan(SaltLength + 5 + PointLength);
        Span<byte> plain = new byte[message.Length + 1];
        message.CopyTo(plain);
        plain[^1] = 2;   // the mark of the last record (RFC 8188 section 2)
        using var aes = new AesGcm(key, TagLength);
        aes.Encrypt(nonce, plain, text[..plain.Length], text[plain.Length..]);
        return body;
    }

    /// <summary>RFC 8291 section 3.4; the same on both sides.</summary>
    internal static (byte[] Key, byte[] Nonce) KeysOf(byte[] agreed, ReadOnlySpan<byte> receiver, ReadOnlySpan<byte> sender, ReadOnlySpan<byte> auth, ReadOnlySpan<byte> salt)
    {
        byte[] info = [.. "WebPush: info\0"u8, .. receiver, .. sender];
        var input = HKDF.DeriveKey(HashAlgorithmName.SHA256, agreed, 32, auth.ToArray(), info);
        return (HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 16, salt.ToArray(), Encoding.ASCII.GetBytes("Content-Encoding: aes128gcm\0")),
            HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 12, salt.ToArray(), Encoding.ASCII.GetBytes("Content-Encoding: nonce\0")));
    }

    /// <exception cref="CryptographicException">Not an uncompressed point.</exception>
    public static ECPoint PointOf(ReadOnlySpan<byte> point) => point.Length == PointLength && point[0] == 4
        ? new() { X = point[1..33].ToArray(), Y = point[33..].ToArray() } : throw new CryptographicException("An uncompressed point on P-256 has 65 bytes and begins with 4.");

    public static byte[] PointOf(ECPoint point) => [4, .. point.X!, .. point.Y!];
}
