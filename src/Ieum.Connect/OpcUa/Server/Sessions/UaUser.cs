namespace Ieum.Connect.OpcUa.Server;

/// <summary>Who stands behind a session.</summary>
/// <param name="Name">Account or certificate subject; empty for an anonymous user.</param>
/// <param name="CanWrite">May write and call; what a single node allows is judged besides.</param>
internal sealed record UaUser(string Name, bool CanWrite)
{
    public static UaUser Anonymous { get; } = new("", false);
    public bool IsAnonymous => Name.Length == 0;
}

/// <summary>What a client shows to prove who it is; secrets are already decrypted.</summary>
internal abstract record UaCredential
{
    private UaCredential() { }
    internal sealed record Nobody : UaCredential;
    internal sealed record Account(string Name, string Password) : UaCredential;
    /// <summary>The certificate's private key was proven to be the client's.</summary>
    internal sealed record Certificate(ReadOnlyMemory<byte> Der) : UaCredential;
}
