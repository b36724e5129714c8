namespace Ieum.Connect.OpcUa.Server;

/// <summary>What sessions need of cryptography: signatures of both sides and secrets of users.</summary>
internal interface ISessionSecurity
{
    /// <summary>The server's own certificate, DER; empty when every endpoint is without security.</summary>
    byte[] Certificate { get; }

    /// <summary>Proves to the client that the server holds its private key: signs client certificate and client nonce.</summary>
    SignatureData Sign(string policyUri, byte[] clientCertificate, byte[] clientNonce);

    /// <summary>Whether the owner of a certificate signed our certificate followed by our nonce.</summary>
    bool Verify(string policyUri, byte[] certificate, SignatureData signature, byte[] serverNonce);

    /// <summary>Reads the password of a user name token (OPC 10000-4, 7.40.2.2).</summary>
    /// <param name="policyUri">Policy the token is encrypted with; empty or None: it is not.</param>
    bool TryDecrypt(string policyUri, byte[] secret, string? algorithm, byte[] serverNonce, out string password);
}
