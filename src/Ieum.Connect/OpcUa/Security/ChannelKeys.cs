#pragma warning disable CA5350 // SHA-1 only for the two old policies behind their switch
using System.Security.Cryptography;

namespace Ieum.Connect.OpcUa.Security;

/// <summary>Keys of one direction of one channel token (OPC 10000-6, 6.7.5). Used by one thread at a time.</summary>
internal sealed class ChannelKeys : IDisposable
{
    private readonly byte[] _signing, _iv;
    private readonly Aes? _aes;
    private readonly SecurityPolicy _policy;

    private ChannelKeys(SecurityPolicy policy, byte[] signing, byte[] encryption, byte[] iv)
    {
        (_policy, _signing, _iv) = (policy, signing, iv);
        _aes = Aes.Create();
        _aes.Key = encryption;
    }

    /// <param name="secret">Nonce of the receiver.</param>
    /// <param name="seed">Nonce of the sender of what these keys protect.</param>
    public static ChannelKeys Derive(SecurityPolicy policy, byte[] secret, byte[] seed)
    {
        var bytes = PseudoRandom(policy.Hash, secret, seed, policy.SigningKeyBytes + policy.EncryptionKeyBytes + 16);
        var (s, e) = (policy.SigningKeyBytes, policy.EncryptionKeyBytes);
        return new(policy, bytes[..s], bytes[s..(s + e)], bytes[(s + e)..]);
    }

    public int SignatureBytes => _policy.SymmetricSignatureBytes;

    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        if (_policy.Hash == HashAlgorithmName.SHA1) HMACSHA1.HashData(_signing, data, signature);
        else HMACSHA256.HashData(_signing, data, signature);
    }

    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        Span<byte> right = stackalloc byte[32];
        right = right[..SignatureBytes];
        Sign(data, right);
        return CryptographicOperations.FixedTimeEquals(right, signature);
    }

    /// <summary>In place; whole blocks of 16. Every chunk begins anew with the derived vector, as the standard wants.</summary>
    public void Encrypt(Span<byte> data) => _aes!.EncryptCbc(data, _iv, data, PaddingMode.None);
    public void Decrypt(Span<byte> data) => _aes!.DecryptCbc(data, _iv, data, PaddingMode.None);

    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_signing);
        _aes?.Dispose();
    }

    /// <summary>P_hash of RFC 5246, section 5, with the secret as key and the seed as it is.</summary>
    internal static byte[] PseudoRandom(HashAlgorithmName hash, byte[] secret, byte[] seed, int length)
    {
        var result = new byte[length];
        var a = seed;
        for (var at = 0; at < length;)
        {
            a = Hmac(a);
            var part = Hmac([.. a, .. seed]);
            var take = Math.Min(part.Length, length - at);
            part.AsSpan(0, take).CopyTo(result.AsSpan(at));
            at += take;
        }
        return result;

        byte[] Hmac(byte[] data) => hash == HashAlgorithmName.SHA1 ? HMACSHA1.HashData(secret, data) : HMACSHA256.HashData(secret, data);
    }
}
