namespace Ieum.Connect;

/// <summary>A certificate that a counterpart showed.</summary>
/// <param name="Thumbprint">SHA-1 in hexadecimal; what a person compares with the display of the other side.</param>
/// <param name="Name">Common name of the subject.</param>
public sealed record PeerCertificate(string Thumbprint, string Name, string? ApplicationUri, DateTimeOffset NotBefore, DateTimeOffset NotAfter);

/// <summary>Whom this node's OPC UA connections trust. Nobody is trusted before a person said so.</summary>
public interface ICertificateTrust
{
    IReadOnlyList<PeerCertificate> Trusted { get; }

    /// <summary>Shown by counterparts and not accepted.</summary>
    IReadOnlyList<PeerCertificate> Rejected { get; }

    /// <returns>False when no such certificate was rejected.</returns>
    bool Trust(string thumbprint);

    /// <returns>False when no such certificate is trusted.</returns>
    bool Distrust(string thumbprint);
}
