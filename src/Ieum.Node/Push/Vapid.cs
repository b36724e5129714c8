using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Ieum.Node.Push;

/// <summary>The node's own key towards push services, kept for the life of the data folder: browsers bind their subscription to it.</summary>
/// <param name="Secret">Base64url of the private scalar.</param>
/// <param name="Public">Base64url of the uncompressed point; what a browser subscribes with.</param>
internal sealed record PushKey(string Secret, string Public)
{
    public static PushKey Make()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var p = key.ExportParameters(true);
        return new(Base64Url.EncodeToString(p.D), Base64Url.EncodeToString(PushSeal.PointOf(p.Q)));
    }
}

/// <summary>Says to a push service who sends, signed (VAPID, RFC 8292).</summary>
internal static class Vapid
{
    // RFC 8292 section 2: at most 24 hours.
    private static readonly TimeSpan Good = TimeSpan.FromHours(12);

    /// <summary>Value of the Authorization header for one push service.</summary>
    /// <param name="service">Any address of it; its origin is what is signed.</param>
    /// <param name="contact">A <c>mailto:</c> or <c>https:</c> address for the push service's operators.</param>
    /// <param name="now">Real time, whatever the factory's clock says.</param>
    public static string HeaderFor(Uri service, PushKey key, string contact, DateTimeOffset now)
    {
        var claims = new JsonObject { ["aud"] = service.GetLeftPart(UriPartial.Authority), ["exp"] = (now + Good).ToUnixTimeSeconds(), ["sub"] = contact };
        var token = $"{Base64Url.EncodeToString("""{"typ":"JWT","alg":"ES256"}"""u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims.ToJsonString()))}";
        using var signer = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256, D = Base64Url.DecodeFromChars(key.Secret), Q = PushSeal.PointOf(Base64Url.DecodeFromChars(key.Public)),
        });
        var signature = signer.SignData(Encoding.ASCII.GetBytes(token), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        return $"vapid t={token}.{Base64Url.EncodeToString(signature)}, k={key.Public}";
    }
}
