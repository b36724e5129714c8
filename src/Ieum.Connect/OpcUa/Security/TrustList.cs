using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ieum.Connect.OpcUa.Security;

/// <summary>How a peer's certificate was judged.</summary>
internal enum CertificateVerdict { Trusted, Untrusted, Changed, Expired, NotYetValid, WrongUri, WrongHost, KeyTooShort, Revoked, Broken }

/// <param name="Message">Who, what, and what to do; English.</param>
internal readonly record struct CertificateJudgement(CertificateVerdict Verdict, string Thumbprint, string Message)
{
    public bool IsTrusted => Verdict == CertificateVerdict.Trusted;
}

/// <summary>
/// Whom this application trusts (OPC 10000-4, 6.1.3; folders as in OPC 10000-12): <c>trusted/certs</c>, <c>issuer/certs</c>,
/// <c>rejected</c>, and revocation lists in <c>trusted/crl</c> and <c>issuer/crl</c>. The files are the truth: what a person moves by
/// hand holds at once. Safe for several threads.
/// </summary>
internal sealed class TrustList : ICertificateTrust
{
    /// <summary>Certificates are judged with this much slack, because the clocks of machines are rarely right.</summary>
    public static TimeSpan ClockAllowance { get; } = TimeSpan.FromMinutes(5);

    private const int MostRejected = 100;

    private readonly string _root;
    private readonly TimeProvider _factory;
    private readonly Lock _gate = new();

    public TrustList(string folder, TimeProvider factory)
    {
        (_root, _factory) = (folder, factory);
        foreach (var sub in (string[])["trusted/certs", "trusted/crl", "issuer/certs", "issuer/crl", "rejected"]) Directory.CreateDirectory(Path.Combine(folder, sub));
    }

    public IReadOnlyList<PeerCertificate> Trusted => List("trusted/certs");
    public IReadOnlyList<PeerCertificate> Rejected => List("rejected");

    /// <summary>Judges a peer's certificate; one that is not trusted is laid into <c>rejected</c>, where a person finds it.</summary>
    /// <param name="der">The certificate, or a chain with it in front.</param>
    /// <param name="uri">Application URI the peer claims; null skips the check.</param>
    /// <param name="host">Host name we dialled; null skips the check.</param>
    /// <param name="peer">Name under which the last trusted certificate of this peer is remembered; null remembers nothing.</param>
    public CertificateJudgement Judge(byte[] der, string? uri, string? host, SecurityPolicy policy, string? peer = null)
    {
        var first = SecurityPolicy.FirstOf(der);
        var thumbprint = CertificateFacts.ThumbprintOf(first);
        X509Certificate2 certificate;
        try
        {
            certificate = X509CertificateLoader.LoadCertificate(first);
        }
        catch (CryptographicException)
        {
            return new(CertificateVerdict.Broken, thumbprint, "The certificate cannot be read.");
        }
        using (certificate)
        {
            lock (_gate)
            {
                var judgement = Judge(certificate, first, thumbprint, uri, host, policy, peer);
                if (judgement.Verdict is CertificateVerdict.Untrusted or CertificateVerdict.Changed) Reject(certificate, first, thumbprint);
                if (judgement.IsTrusted && peer is not null) Remember(peer, thumbprint);
                return judgement;
            }
        }
    }

    /// <summary>Trusts a certificate that was rejected.</summary>
    /// <returns>False when no such certificate is there.</returns>
    public bool Trust(string thumbprint)
    {
        lock (_gate)
        {
            if (Find("rejected", thumbprint) is not { } file) return false;
            File.Move(file, Path.Combine(_root, "trusted/certs", Path.GetFileName(file)), overwrite: true);
            return true;
        }
    }

    /// <summary>Trusts a certificate that somebody brought along.</summary>
    /// <exception cref="CryptographicException">The bytes are no certificate.</exception>
    public void Trust(byte[] der)
    {
        using var certificate = X509CertificateLoader.LoadCertificate(der);
        lock (_gate) File.WriteAllBytes(Path.Combine(_root, "trusted/certs", FileName(certificate, CertificateFacts.ThumbprintOf(der))), der);
    }

    /// <summary>Trusts it no more: it goes back to the rejected ones.</summary>
    public bool Distrust(string thumbprint)
    {
        lock (_gate)
        {
            if (Find("trusted/certs", thumbprint) is not { } file) return false;
            File.Move(file, Path.Combine(_root, "rejected", Path.GetFileName(file)), overwrite: true);
            return true;
        }
    }

    private CertificateJudgement Judge(X509Certificate2 c, byte[] der, string thumbprint, string? uri, string? host, SecurityPolicy policy, string? peer)
    {
        var name = c.GetNameInfo(X509NameType.SimpleName, false);
        using var key = c.GetRSAPublicKey();
        if (key is null) return No(CertificateVerdict.Broken, "it has no RSA key");
        if (key.KeySize < policy.LeastKeyBits) return No(CertificateVerdict.KeyTooShort, $"its key has {key.KeySize} bits; {policy.Name} needs {policy.LeastKeyBits}");
        var isTrusted = Find("trusted/certs", thumbprint) is not null;
        var issued = isTrusted ? null : ByIssuer(c);
        if (!isTrusted && issued is null)
            return peer is not null && Remembered(peer) is { } before && before != thumbprint
                ? No(CertificateVerdict.Changed, $"it is not the one that was trusted before ({before[..8]}…). If the server was renewed, trust the new one; if not, somebody stands between")
                : No(CertificateVerdict.Untrusted, "nobody has trusted it yet");
        if (issued == false) return No(CertificateVerdict.Revoked, "its issuer has revoked it");
        var now = _factory.GetUtcNow().UtcDateTime;
        if (c.NotAfter.ToUniversalTime() + ClockAllowance < now) return No(CertificateVerdict.Expired, $"it was valid until {c.NotAfter.ToUniversalTime():yyyy-MM-dd}; the server needs a new one");
        if (c.NotBefore.ToUniversalTime() - ClockAllowance > now) return No(CertificateVerdict.NotYetValid, $"it is valid from {c.NotBefore.ToUniversalTime():yyyy-MM-dd} on; is the clock of this computer right?");
        var (uris, hosts) = CertificateFacts.NamesOf(c);
        if (uri is { Length: > 0 } && !uris.Contains(uri, StringComparer.Ordinal)) return No(CertificateVerdict.WrongUri, $"it is for {uris.FirstOrDefault() ?? "no application"}, not for {uri}");
        if (host is not null && !isTrusted && !hosts.Contains(host, StringComparer.OrdinalIgnoreCase)) return No(CertificateVerdict.WrongHost, $"it is for {string.Join(", ", hosts)}, not for {host}");
        return new(CertificateVerdict.Trusted, thumbprint, "");

        CertificateJudgement No(CertificateVerdict verdict, string why) => new(verdict, thumbprint, $"The certificate '{name}' (thumbprint {thumbprint}) is not accepted: {why}.");
    }

    /// <returns>True: issued by somebody trusted. False: revoked. Null: by nobody known.</returns>
    private bool? ByIssuer(X509Certificate2 c)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        // The time is judged apart, with its own words.
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        foreach (var file in Files("trusted/certs").Concat(Files("issuer/certs")))
            if (Load(file) is { } known) chain.ChainPolicy.CustomTrustStore.Add(known);
        try
        {
            if (chain.ChainPolicy.CustomTrustStore.Count == 0 || !chain.Build(c)) return null;
            // At least one of the chain must be trusted, not only known as an issuer.
            var isAnchored = chain.ChainElements.Skip(1).Any(e => Find("trusted/certs", CertificateFacts.ThumbprintOf(e.Certificate.RawData)) is not null);
            return !isAnchored ? null : !IsRevoked(c);
        }
        finally
        {
            foreach (var known in chain.ChainPolicy.CustomTrustStore) known.Dispose();
        }
    }

    private bool IsRevoked(X509Certificate2 c)
    {
        foreach (var file in Files("trusted/crl").Concat(Files("issuer/crl")))
        {
            try
            {
                var list = CertificateRevocationListBuilder.Load(File.ReadAllBytes(file), out _);
                if (list.RemoveEntry(c.SerialNumberBytes.Span)) return true;   // it was there
            }
            catch (CryptographicException)
            {
                // No revocation list; it revokes nobody.
            }
        }
        return false;
    }

    private void Reject(X509Certificate2 certificate, byte[] der, string thumbprint)
    {
        if (Find("rejected", thumbprint) is not null) return;
        var files = Files("rejected").Select(f => new FileInfo(f)).OrderBy(f => f.LastWriteTimeUtc).ToList();
        // A peer that shows a new certificate with every try must not fill the disk.
        foreach (var old in files.Take(files.Count - MostRejected + 1)) old.Delete();
        File.WriteAllBytes(Path.Combine(_root, "rejected", FileName(certificate, thumbprint)), der);
    }

    private string PeerFile(string peer) => Path.Combine(_root, "trusted", Convert.ToHexString(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(peer)))[..16] + ".last");
    private string? Remembered(string peer) => File.Exists(PeerFile(peer)) ? File.ReadAllText(PeerFile(peer)).Trim() is { Length: 40 } t ? t : null : null;

    private void Remember(string peer, string thumbprint)
    {
        if (Remembered(peer) != thumbprint) File.WriteAllText(PeerFile(peer), thumbprint);
    }

    private IEnumerable<string> Files(string sub)
    {
        var folder = Path.Combine(_root, sub);
        return Directory.Exists(folder) ? Directory.EnumerateFiles(folder).Where(f => Path.GetExtension(f) is ".der" or ".pem" or ".crt" or ".cer" or ".crl") : [];
    }

    /// <summary>By the whole thumbprint alone: a part of one, or of a file's name, must never choose whom a person trusts.</summary>
    private string? Find(string sub, string thumbprint)
    {
        foreach (var file in Files(sub))
        {
            using var c = Load(file);
            if (c is not null && CertificateFacts.ThumbprintOf(c.RawData).Equals(thumbprint, StringComparison.OrdinalIgnoreCase)) return file;
        }
        return null;
    }

    private List<PeerCertificate> List(string sub)
    {
        lock (_gate)
        {
            var list = new List<PeerCertificate>();
            foreach (var file in Files(sub))
            {
                using var c = Load(file);
                if (c is not null)
                    list.Add(new(CertificateFacts.ThumbprintOf(c.RawData), c.GetNameInfo(X509NameType.SimpleName, false), CertificateFacts.UriOf(c), c.NotBefore.ToUniversalTime(), c.NotAfter.ToUniversalTime()));
            }
            return list;
        }
    }

    private static X509Certificate2? Load(string file)
    {
        try
        {
            return X509CertificateLoader.LoadCertificateFromFile(file);
        }
        catch (Exception e) when (e is CryptographicException or IOException)
        {
            return null;   // a file that is no certificate, or that somebody just moved away
        }
    }

    private static string FileName(X509Certificate2 c, string thumbprint)
    {
        var name = string.Concat(c.GetNameInfo(X509NameType.SimpleName, false).Where(x => char.IsAsciiLetterOrDigit(x) || x is '-' or '_')).Trim();
        return $"{(name.Length > 40 ? name[..40] : name)} [{thumbprint}].der";
    }
}
