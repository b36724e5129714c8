using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Ieum.Model;

namespace Ieum.Node.Security;

/// <summary>The one-time link with which the first owner comes in: 256 random bits, one use, 24 hours of real time.</summary>
internal sealed class OwnerLink(Clocks clocks)
{
    public static readonly TimeSpan Life = TimeSpan.FromHours(24);
    private readonly Lock _gate = new();
    private byte[]? _hash;
    private long _made;

    /// <summary>Makes a new token; an older one stops working.</summary>
    public string Make()
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        lock (_gate) (_hash, _made) = (SHA256.HashData(Encoding.UTF8.GetBytes(token)), clocks.Wire.GetTimestamp());
        return token;
    }

    /// <summary>Whether the token is the living one; says nothing about which part is wrong.</summary>
    public bool IsGood(string token)
    {
        lock (_gate)
            return _hash is not null && clocks.Wire.GetElapsedTime(_made) < Life
                && CryptographicOperations.FixedTimeEquals(_hash, SHA256.HashData(Encoding.UTF8.GetBytes(token)));
    }

    /// <summary>Takes the token out of use; true for exactly one caller.</summary>
    public bool Spend(string token)
    {
        lock (_gate)
        {
            if (!IsGood(token)) return false;
            _hash = null;
            return true;
        }
    }
}
