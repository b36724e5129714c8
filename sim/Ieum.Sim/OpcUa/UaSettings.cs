using System.Net;
using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Server;

namespace Ieum.Sim.OpcUa;

/// <summary>Settings of one machine's OPC UA server.</summary>
/// <param name="Port">TCP port; 0 takes a free one. Servers usually listen on 4840.</param>
/// <param name="Pki">Folder of the server's certificate and trust list.</param>
/// <param name="User">Account that may log in; null: no accounts.</param>
/// <param name="History">Values kept per item; 0 keeps none.</param>
internal sealed record UaSettings(
    string Machine, IPAddress Bind, int Port, string Pki, IReadOnlyList<ServerSecurity> Securities, bool Anonymous, string? User, string? Password,
    int History, bool TrustAll, ServerLimits Limits)
{
    private const string Base = "http://opcfoundation.org/UA/SecurityPolicy#";
    private static readonly string[] Policies = ["None", "Basic128Rsa15", "Basic256", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"];

    /// <summary>Reads <c>None</c>, <c>Basic256Sha256</c> (both modes) or <c>Basic256Sha256:Sign</c>.</summary>
    /// <exception cref="InvalidDataException">No such policy or mode.</exception>
    public static IReadOnlyList<ServerSecurity> Parse(string machine, IEnumerable<string> words)
    {
        var found = new List<ServerSecurity>();
        foreach (var word in words)
        {
            var colon = word.IndexOf(':', StringComparison.Ordinal);
            var policy = colon < 0 ? word : word[..colon];
            if (!Policies.Contains(policy)) throw new InvalidDataException($"Machine '{machine}': security policy '{policy}' is not known. Known: {string.Join(", ", Policies)}.");
            MessageSecurityMode[] modes = policy == "None" ? [MessageSecurityMode.None] : colon < 0 ? [MessageSecurityMode.Sign, MessageSecurityMode.SignAndEncrypt]
                : word[(colon + 1)..] switch
                {
                    "Sign" => [MessageSecurityMode.Sign],
                    "SignAndEncrypt" => [MessageSecurityMode.SignAndEncrypt],
                    var mode => throw new InvalidDataException($"Machine '{machine}': security mode '{mode}' must be Sign or SignAndEncrypt."),
                };
            found.AddRange(modes.Select(m => new ServerSecurity(Base + policy, m)));
        }
        return found.Count > 0 ? found : throw new InvalidDataException($"Machine '{machine}': 'security' is empty; give at least None.");
    }
}
