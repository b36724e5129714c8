using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>What a fault means to a person: which rule was broken, and whether trying again can help by itself.</summary>
internal static class OpcUaFaults
{
    public static string RuleOf(OpcUaException fault) => fault.Rule ?? RuleOf(fault.Status);

    /// <remarks>What this node thinks of the server's certificate carries its rule along; a certificate status without one is the server's word about ours.</remarks>
    private static string RuleOf(StatusCode status)
    {
        if (status == StatusCodes.BadUserAccessDenied || status == StatusCodes.BadIdentityTokenInvalid || status == StatusCodes.BadIdentityTokenRejected || status == StatusCodes.BadUserSignatureInvalid)
            return OpcUaRules.UserRefused;
        if (status == StatusCodes.BadSecurityPolicyRejected || status == StatusCodes.BadSecurityModeRejected || status == StatusCodes.BadSecurityModeInsufficient) return OpcUaRules.NoEndpoint;
        if (status == StatusCodes.BadSecurityChecksFailed || status == StatusCodes.BadApplicationSignatureInvalid || status.Name.StartsWith("BadCertificate", StringComparison.Ordinal)) return OpcUaRules.ClientRefused;
        if (status == StatusCodes.BadTcpMessageTypeInvalid || status == StatusCodes.BadDecodingError || status == StatusCodes.BadProtocolVersionUnsupported) return OpcUaRules.NotOpcUa;
        if (status == StatusCodes.BadTimeout || status == StatusCodes.BadRequestTimeout || OpcUaLink.IsLine(status)) return ConnectRules.Unreachable;
        return OpcUaRules.ServiceRefused;
    }

    /// <summary>A person must do something: trust a certificate, correct a password.</summary>
    public static bool NeedsPerson(string rule) => rule is OpcUaRules.UserRefused or OpcUaRules.CertificateUntrusted or OpcUaRules.CertificateChanged
        or OpcUaRules.CertificateInvalid or OpcUaRules.ClientRefused or OpcUaRules.NoEndpoint or OpcUaRules.NotOpcUa or OpcUaRules.NothingToRead;

    public static LinkState LinkOf(string rule) => NeedsPerson(rule) ? LinkState.Refused : LinkState.Disconnected;

    public static string Advice(string rule) => rule switch
    {
        OpcUaRules.UserRefused => "Check user name and password, or the user certificate.",
        OpcUaRules.CertificateUntrusted => "Compare the thumbprint with the one the server shows, then trust it.",
        OpcUaRules.ClientRefused => "Trust the certificate of this node in the server.",
        OpcUaRules.NoEndpoint => "Choose a security that the server offers, or switch it on in the server.",
        OpcUaRules.CertificateChanged => "Ask who runs the server whether its certificate was renewed, then trust the new one.",
        OpcUaRules.CertificateInvalid => "Renew the certificate of the server, and check the clocks of both sides.",
        OpcUaRules.NotOpcUa => "Check address and port.",
        ConnectRules.Unreachable => "Check power, cable, address and port.",
        _ => "See the status code in the manual of the server.",
    };
}
