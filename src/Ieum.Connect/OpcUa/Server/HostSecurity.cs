using Ieum.Connect.OpcUa.Security;

namespace Ieum.Connect.OpcUa.Server;

/// <summary>Signatures and secrets of sessions with the server's own key.</summary>
/// <param name="own">Null when every endpoint is without security and nobody logs in by name.</param>
internal sealed class HostSecurity(ApplicationCertificate? own) : ISessionSecurity
{
    public byte[] Certificate => own?.Der ?? [];

    public SignatureData Sign(string policyUri, byte[] clientCertificate, byte[] clientNonce) =>
        own is not null && SecurityPolicy.Find(policyUri, legacy: true) is { } policy ? SessionProofs.Sign(policy, own.Key, clientCertificate, clientNonce) : new();

    public bool Verify(string policyUri, byte[] certificate, SignatureData signature, byte[] serverNonce) =>
        SecurityPolicy.Find(policyUri, legacy: true) is { IsNone: false } policy && SessionProofs.Verify(policy, certificate, signature, Certificate, serverNonce);

    public bool TryDecrypt(string policyUri, byte[] secret, string? algorithm, byte[] serverNonce, out string password)
    {
        password = "";
        if (own is null || SecurityPolicy.Find(policyUri, legacy: true) is not { } policy) return false;
        return SessionProofs.TryReveal(policy, own.Key, secret, algorithm, serverNonce, out password);
    }
}
