using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Ieum.Plan.Across;

/// <summary>
/// Sealed letters between companies: the coordinator carries them and can neither read nor change them (AES-256-GCM; keys by ECDH over
/// P-256). And masks that cancel: each pair shares a secret number per rehearsal, which one adds and the other takes away.
/// </summary>
/// <remarks>Between nodes the public keys come with the nodes' certificates; a coordinator who hands out keys of its own could read along.</remarks>
internal sealed class Postbox : IDisposable
{
    private const int Counter = 8, Tag = 16;

    private readonly int _company;
    private readonly ECDiffieHellman _own = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
    private readonly SortedDictionary<int, (AesGcm Seal, byte[] Masks)> _partners = [];
    private long _sent;

    public Postbox(int company) => _company = company;

    /// <summary>X.509 SubjectPublicKeyInfo.</summary>
    public byte[] PublicKey => _own.ExportSubjectPublicKeyInfo();

    public IEnumerable<int> Partners => _partners.Keys;

    /// <summary>False for something that is no public key of the curve.</summary>
    public bool Meet(int company, byte[] publicKey)
    {
        if (company == _company || _partners.ContainsKey(company)) return true;
        try
        {
            using var theirs = ECDiffieHellman.Create();
            theirs.ImportSubjectPublicKeyInfo(publicKey, out _);
            var secret = _own.DeriveRawSecretAgreement(theirs.PublicKey);
            _partners[company] = (new(HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "ieum closed books, letters"u8.ToArray()), Tag),
                HKDF.DeriveKey(HashAlgorithmName.SHA256, secret, 32, info: "ieum closed books, masks"u8.ToArray()));
            return true;
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>Counter (8 bytes, sender's), then the sealed letter and its tag.</summary>
    public byte[] Seal(int to, ReadOnlySpan<byte> letter)
    {
        var sealed_ = new byte[Counter + letter.Length + Tag];
        BinaryPrimitives.WriteInt64LittleEndian(sealed_, ++_sent);
        _partners[to].Seal.Encrypt(Nonce(_company, sealed_), letter, sealed_.AsSpan(Counter, letter.Length), sealed_.AsSpan(Counter + letter.Length));
        return sealed_;
    }

    /// <summary>The letter; null when it is not what <paramref name="from"/> sealed.</summary>
    public byte[]? Open(int from, ReadOnlySpan<byte> sealed_)
    {
        if (sealed_.Length < Counter + Tag || !_partners.TryGetValue(from, out var partner)) return null;
        var letter = new byte[sealed_.Length - Counter - Tag];
        try
        {
            partner.Seal.Decrypt(Nonce(from, sealed_), sealed_.Slice(Counter, letter.Length), sealed_[(Counter + letter.Length)..], letter);
            return letter;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] Nonce(int sender, ReadOnlySpan<byte> counter)
    {
        var nonce = new byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(nonce, sender);
        counter[..Counter].CopyTo(nonce.AsSpan(4));
        return nonce;
    }

    /// <summary>What this company adds to its number in a rehearsal; over all of <paramref name="parties"/> the masks add up to 0 (modulo 2⁶⁴).</summary>
    public ulong Mask(int rehearsal, IEnumerable<int> parties)
    {
        var mask = 0UL;
        Span<byte> number = stackalloc byte[4], hash = stackalloc byte[32];
        BinaryPrimitives.WriteInt32LittleEndian(number, rehearsal);
        foreach (var c in parties)
        {
            if (c == _company || !_partners.TryGetValue(c, out var partner)) continue;
            HMACSHA256.HashData(partner.Masks, number, hash);
            var common = BinaryPrimitives.ReadUInt64LittleEndian(hash);
            mask = unchecked(c > _company ? mask + common : mask - common);
        }
        return mask;
    }

    public void Dispose()
    {
        _own.Dispose();
        foreach (var (seal, _) in _partners.Values) seal.Dispose();
    }
}
