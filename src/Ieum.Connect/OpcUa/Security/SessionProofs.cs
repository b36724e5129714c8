using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Ieum.Connect.OpcUa.Security;

/// <summary>Signatures and secrets of sessions, both sides (OPC 10000-4, 7.36 to 7.42). Stateless.</summary>
internal static class SessionProofs
{
    /// <summary>Signs the peer's certificate followed by its nonce.</summary>
    public static SignatureData Sign(SecurityPolicy policy, RSA key, byte[] peerCertificate, byte[] peerNonce) =>
        policy.IsNone ? new() : new() { Algorithm = policy.SignatureUri, Signature = policy.Sign(key, [.. peerCertificate, .. peerNonce]) };

    /// <summary>Whether the owner of <paramref name="peerCertificate"/> signed our certificate followed by our nonce.</summary>
    public static bool Verify(SecurityPolicy policy, byte[] peerCertificate, SignatureData signature, byte[] ownCertificate, byte[] ownNonce)
    {
        if (policy.IsNone) return true;
        if (signature.Signature is not { Length: > 0 } bytes || peerCertificate.Length == 0) return false;
        try
        {
            using var key = SecurityPolicy.PublicKey(peerCertificate);
            return policy.Verify(key, [.. ownCertificate, .. ownNonce], bytes);
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>A password for a server: length, text, nonce, encrypted block by block (OPC 10000-4, 7.40.2.2); plain under policy None.</summary>
    public static (byte[] Secret, string? Algorithm) Protect(SecurityPolicy policy, string password, byte[] serverCertificate, byte[] serverNonce)
    {
        var text = Encoding.UTF8.GetBytes(password);
        if (policy.IsNone) return (text, null);
        var plain = new byte[4 + text.Length + serverNonce.Length];
        BinaryPrimitives.WriteInt32LittleEndian(plain, text.Length + serverNonce.Length);
        text.CopyTo(plain, 4);
        serverNonce.CopyTo(plain, 4 + text.Length);
        using var key = SecurityPolicy.PublicKey(serverCertificate);
        var secret = policy.Encrypt(key, plain);
        CryptographicOperations.ZeroMemory(plain);
        return (secret, policy.EncryptionUri);
    }

    /// <summary>Reads what <see cref="Protect"/> made; false without saying why.</summary>
    public static bool TryReveal(SecurityPolicy policy, RSA key, byte[] secret, string? algorithm, byte[] serverNonce, out string password)
    {
        password = "";
        if (policy.IsNone)
        {
            if (!string.IsNullOrEmpty(algorithm)) return false;
            password = Encoding.UTF8.GetString(secret);
            return true;
        }
        if (algorithm is { Length: > 0 } && algorithm != policy.EncryptionUri) return false;
        if (policy.Decrypt(key, secret) is not { Length: >= 4 } plain) return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(plain);
        if (length < serverNonce.Length || length > plain.Length - 4) return false;
        var text = plain.AsSpan(4, length - serverNonce.Length);
        if (!CryptographicOperations.FixedTimeEquals(plain.AsSpan(4 + text.Length, serverNonce.Length), serverNonce)) return false;
        password = Encoding.UTF8.GetString(text);
        return true;
    }
}
