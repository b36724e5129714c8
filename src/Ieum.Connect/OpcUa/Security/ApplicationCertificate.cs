using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ieum.Connect.OpcUa.Security;

/// <summary>This application's own certificate with its key (OPC 10000-6, 6.2.2); made at first use and kept in <c>pki/own</c>.</summary>
internal sealed class ApplicationCertificate : IDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    private readonly X509Certificate2 _certificate;

    private ApplicationCertificate(X509Certificate2 certificate, string uri)
    {
        (_certificate, ApplicationUri) = (certificate, uri);
        Der = certificate.RawData;
        Key = certificate.GetRSAPrivateKey()!;
        Thumbprint = Convert.FromHexString(CertificateFacts.ThumbprintOf(Der));
    }

    public string ApplicationUri { get; }
    public byte[] Der { get; }
    public RSA Key { get; }

    /// <summary>SHA-1 of the certificate, by which peers say whom they encrypted for. It identifies; it protects nothing.</summary>
    public byte[] Thumbprint { get; }

    /// <summary>Loads the certificate of a folder; makes a new one when there is none or it has run out.</summary>
    /// <param name="folder">The <c>pki</c> folder.</param>
    /// <param name="name">Name for people, and of the file: <c>ieum</c>, <c>ieum-sim</c>.</param>
    /// <param name="applicationUri">Who the certificate must be for; null: one is made up at the first use and kept.</param>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public static ApplicationCertificate LoadOrCreate(string folder, string name, DateTimeOffset now, string? applicationUri = null)
    {
        var own = Path.Combine(folder, "own");
        Directory.CreateDirectory(own);
        var file = Path.Combine(own, name + ".pem");
        // Two processes that start at once must not each make one.
        using var gate = OpenGate(Path.Combine(own, name + ".lock"));
        if (File.Exists(file) && TryLoad(file, now) is { } kept)
        {
            if (applicationUri is null || kept.ApplicationUri == applicationUri) return kept;
            kept.Dispose();
        }
        var uri = applicationUri ?? $"urn:{Dns.GetHostName()}:ieum:{name}:{Guid.NewGuid():N}";
        var made = Create(name, uri, now);
        var pem = $"{made._certificate.ExportCertificatePem()}\n{made.Key.ExportPkcs8PrivateKeyPem()}\n";
        var part = file + ".part";
        File.WriteAllText(part, "");
        // Before the key is in it.
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(part, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        File.WriteAllText(part, pem);
        File.Move(part, file, overwrite: true);
        File.WriteAllBytes(Path.Combine(own, name + ".der"), made.Der);
        return made;
    }

    /// <summary>One that is kept nowhere.</summary>
    public static ApplicationCertificate Create(string name, string applicationUri, DateTimeOffset now)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}, O=Ieum", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(
            X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation | X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.DataEncipherment | X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new("1.3.6.1.5.5.7.3.1"), new("1.3.6.1.5.5.7.3.2")], false));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new(applicationUri));
        names.AddDnsName(Dns.GetHostName());
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        // An hour back: the clocks of machines are rarely right.
        return new(request.CreateSelfSigned(now.AddHours(-1), now + Lifetime), applicationUri);
    }

    public void Dispose()
    {
        Key.Dispose();
        _certificate.Dispose();
    }

    private static ApplicationCertificate? TryLoad(string file, DateTimeOffset now)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPemFile(file);
            if (certificate.NotAfter.ToUniversalTime() > now.UtcDateTime && CertificateFacts.UriOf(certificate) is { } uri) return new(certificate, uri);
            certificate.Dispose();
        }
        catch (CryptographicException)
        {
            // Damaged: a new one is made, and peers will have to trust it anew.
        }
        return null;
    }

    private static FileStream OpenGate(string file)
    {
        var spin = new SpinWait();
        while (true)
        {
            try
            {
                return new(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            }
            catch (IOException) when (spin.Count < 5_000)
            {
                spin.SpinOnce();
            }
        }
    }
}
