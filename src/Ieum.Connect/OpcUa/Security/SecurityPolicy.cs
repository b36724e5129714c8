using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ieum.Connect.OpcUa.Security;

/// <summary>One security policy: which algorithms sign, encrypt and derive keys (OPC 10000-7, 6.6).</summary>
internal sealed class SecurityPolicy
{
    private const string Base = "http://opcfoundation.org/UA/SecurityPolicy#";
    private const string RsaSha1 = "http://www.w3.org/2000/09/xmldsig#rsa-sha1", RsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256", RsaPss = "http://opcfoundation.org/UA/security/rsa-pss-sha2-256";
    private const string Rsa15 = "http://www.w3.org/2001/04/xmlenc#rsa-1_5", RsaOaep = "http://www.w3.org/2001/04/xmlenc#rsa-oaep", RsaOaep256 = "http://opcfoundation.org/UA/security/rsa-oaep-sha2-256";

    private readonly RSASignaturePadding _signaturePadding;
    private readonly RSAEncryptionPadding _encryptionPadding;
    private readonly HashAlgorithmName _signatureHash;

    private SecurityPolicy(string name, HashAlgorithmName hash, int signingKey, int encryptionKey, RSASignaturePadding signature, HashAlgorithmName signatureHash,
        RSAEncryptionPadding encryption, string signatureUri, string encryptionUri, int leastKeyBits, int mostKeyBits, int nonce)
    {
        (Name, Hash, SigningKeyBytes, EncryptionKeyBytes, _signaturePadding, _signatureHash, _encryptionPadding) = (name, hash, signingKey, encryptionKey, signature, signatureHash, encryption);
        (SignatureUri, EncryptionUri, LeastKeyBits, MostKeyBits, NonceBytes) = (signatureUri, encryptionUri, leastKeyBits, mostKeyBits, nonce);
    }

    public static SecurityPolicy None { get; } = new("None", default, 0, 0, RSASignaturePadding.Pkcs1, default, RSAEncryptionPadding.Pkcs1, "", "", 0, int.MaxValue, 0);
    public static SecurityPolicy Basic256Sha256 { get; } = new("Basic256Sha256", HashAlgorithmName.SHA256, 32, 32, RSASignaturePadding.Pkcs1, HashAlgorithmName.SHA256, RSAEncryptionPadding.OaepSHA1, RsaSha256, RsaOaep, 2048, 4096, 32);
    public static SecurityPolicy Aes128Sha256RsaOaep { get; } = new("Aes128_Sha256_RsaOaep", HashAlgorithmName.SHA256, 32, 16, RSASignaturePadding.Pkcs1, HashAlgorithmName.SHA256, RSAEncryptionPadding.OaepSHA1, RsaSha256, RsaOaep, 2048, 4096, 32);
    public static SecurityPolicy Aes256Sha256RsaPss { get; } = new("Aes256_Sha256_RsaPss", HashAlgorithmName.SHA256, 32, 32, RSASignaturePadding.Pss, HashAlgorithmName.SHA256, RSAEncryptionPadding.OaepSHA256, RsaPss, RsaOaep256, 2048, 4096, 32);

    /// <summary>Broken since years (SHA-1); only behind an explicit switch, for controllers that know nothing else.</summary>
    public static SecurityPolicy Basic256 { get; } = new("Basic256", HashAlgorithmName.SHA1, 24, 32, RSASignaturePadding.Pkcs1, HashAlgorithmName.SHA1, RSAEncryptionPadding.OaepSHA1, RsaSha1, RsaOaep, 1024, 2048, 32);
    public static SecurityPolicy Basic128Rsa15 { get; } = new("Basic128Rsa15", HashAlgorithmName.SHA1, 16, 16, RSASignaturePadding.Pkcs1, HashAlgorithmName.SHA1, RSAEncryptionPadding.Pkcs1, RsaSha1, Rsa15, 1024, 2048, 16);

    private static readonly SecurityPolicy[] All = [None, Basic256Sha256, Aes128Sha256RsaOaep, Aes256Sha256RsaPss, Basic256, Basic128Rsa15];

    public string Name { get; }
    public string Uri => Base + Name;
    public HashAlgorithmName Hash { get; }
    public int SigningKeyBytes { get; }
    public int EncryptionKeyBytes { get; }
    public string SignatureUri { get; }
    public string EncryptionUri { get; }
    public int LeastKeyBits { get; }
    public int MostKeyBits { get; }

    /// <summary>Length of the nonces that keys are derived from (OPC 10000-7, SecureChannelNonceLength).</summary>
    public int NonceBytes { get; }

    public bool IsNone => ReferenceEquals(this, None);
    public bool IsBroken => Hash == HashAlgorithmName.SHA1;
    public int SymmetricSignatureBytes => Hash == HashAlgorithmName.SHA1 ? 20 : 32;

    /// <param name="legacy">Whether the broken policies may be used.</param>
    public static SecurityPolicy? Find(string? uri, bool legacy) => Array.Find(All, p => p.Uri == uri && (legacy || !p.IsBroken));

    public byte[] Sign(RSA key, ReadOnlySpan<byte> data) => key.SignData(data, _signatureHash, _signaturePadding);

    public bool Verify(RSA key, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        try
        {
            return key.VerifyData(data, signature, _signatureHash, _signaturePadding);
        }
        catch (CryptographicException)
        {
            return false;   // a signature of a length that cannot be
        }
    }

    /// <summary>Bytes of plain text in one RSA block.</summary>
    public int PlainBlock(RSA key) => key.KeySize / 8 - (_encryptionPadding == RSAEncryptionPadding.Pkcs1 ? 11 : _encryptionPadding == RSAEncryptionPadding.OaepSHA1 ? 42 : 66);

    /// <summary>Encrypts block by block; the length must be a multiple of <see cref="PlainBlock"/> or fit into one.</summary>
    public byte[] Encrypt(RSA key, ReadOnlySpan<byte> plain)
    {
        var (block, size) = (PlainBlock(key), key.KeySize / 8);
        var cipher = new byte[(plain.Length + block - 1) / block * size];
        for (int from = 0, to = 0; from < plain.Length; from += block, to += size)
            key.Encrypt(plain.Slice(from, Math.Min(block, plain.Length - from)), cipher.AsSpan(to, size), _encryptionPadding);
        return cipher;
    }

    /// <returns>Null when the bytes were not encrypted for this key; why is not told, so that nobody can learn from it.</returns>
    public byte[]? Decrypt(RSA key, ReadOnlySpan<byte> cipher)
    {
        var size = key.KeySize / 8;
        if (cipher.Length == 0 || cipher.Length % size != 0) return null;
        var plain = new byte[cipher.Length];
        var length = 0;
        try
        {
            for (var from = 0; from < cipher.Length; from += size) length += key.Decrypt(cipher.Slice(from, size), plain.AsSpan(length), _encryptionPadding);
        }
        catch (CryptographicException)
        {
            return null;
        }
        return plain[..length];
    }

    public static RSA PublicKey(byte[] der)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(FirstOf(der));
        return certificate.GetRSAPublicKey() ?? throw new CryptographicException("The certificate has no RSA key.");
    }

    /// <summary>The first certificate of a chain that is sent as one run of bytes (OPC 10000-6, 6.7.2.3).</summary>
    public static byte[] FirstOf(byte[] chain)
    {
        if (chain.Length < 4 || chain[0] != 0x30) return chain;
        var length = chain[1] switch { < 0x80 => 2 + chain[1], 0x81 => 3 + chain[2], 0x82 => 4 + (chain[2] << 8 | chain[3]), _ => chain.Length };
        return length < chain.Length ? chain[..length] : chain;
    }
}
