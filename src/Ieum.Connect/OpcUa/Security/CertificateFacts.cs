#pragma warning disable CA5350 // thumbprints are SHA-1 by the standard; they identify, they protect nothing
using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ieum.Connect.OpcUa.Security;

/// <summary>What stands in a certificate, read without judging.</summary>
internal static class CertificateFacts
{
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6), DnsTag = new(TagClass.ContextSpecific, 2), IpTag = new(TagClass.ContextSpecific, 7);

    public static string ThumbprintOf(byte[] der) => Convert.ToHexString(SHA1.HashData(der));

    /// <summary>The application URI among the alternative names; null when there is none.</summary>
    public static string? UriOf(X509Certificate2 certificate) => NamesOf(certificate).Uris.FirstOrDefault();

    /// <summary>Application URIs, host names and addresses of the subject alternative name.</summary>
    public static (List<string> Uris, List<string> Hosts) NamesOf(X509Certificate2 certificate)
    {
        var (uris, hosts) = (new List<string>(), new List<string>());
        var extension = certificate.Extensions.FirstOrDefault(e => e.Oid?.Value == "2.5.29.17");
        if (extension is null) return (uris, hosts);
        try
        {
            var reader = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
            while (reader.HasData)
            {
                var tag = reader.PeekTag();
                if (tag.HasSameClassAndValue(UriTag)) uris.Add(reader.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
                else if (tag.HasSameClassAndValue(DnsTag)) hosts.Add(reader.ReadCharacterString(UniversalTagNumber.IA5String, DnsTag));
                else if (tag.HasSameClassAndValue(IpTag) && reader.ReadOctetString(IpTag) is { Length: 4 or 16 } ip) hosts.Add(new IPAddress(ip).ToString());
                else reader.ReadEncodedValue();
            }
        }
        catch (AsnContentException)
        {
            // Names that cannot be read are no names; the judge then says that the URI is missing.
        }
        return (uris, hosts);
    }
}
