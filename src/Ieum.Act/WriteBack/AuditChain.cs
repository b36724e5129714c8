using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>Chains the entries of the audit: each carries the hash of the one before, so that none can be changed, put in or taken out unseen.</summary>
public static class AuditChain
{
    /// <summary>What the first entry carries as the hash before it.</summary>
    public static string Begin { get; } = new('0', 64);

    public static AuditEntry Next((long Number, string Hash) head, DateTimeOffset at, long request, string kind, string by, string body)
    {
        var entry = new AuditEntry(head.Number + 1, at.ToUniversalTime(), request == 0 ? 0 : request, kind, by, body, head.Hash, "");
        return entry with { Hash = HashOf(entry) };
    }

    /// <summary>SHA-256 over the fields in order; texts carry their length, so that no two entries read the same.</summary>
    public static string HashOf(AuditEntry e)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Text(e.Previous);
        Number(e.Number);
        Number(e.At.UtcTicks);
        Number(e.Request);
        Text(e.Kind);
        Text(e.By);
        Text(e.Body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Number(long n)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteInt64BigEndian(bytes, n);
            hash.AppendData(bytes);
        }

        void Text(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            Number(bytes.Length);
            hash.AppendData(bytes);
        }
    }

    /// <summary>Whether <paramref name="entry"/> is what was written after <paramref name="before"/>; null when it is, else what is wrong.</summary>
    public static string? Wrong((long Number, string Hash) before, AuditEntry entry)
    {
        if (entry.Number != before.Number + 1) return $"Entry {before.Number + 1} is missing; {entry.Number} follows {before.Number}.";
        if (entry.Previous != before.Hash) return $"Entry {entry.Number} does not follow the entry before it; one of them was changed.";
        return entry.Hash == HashOf(entry) ? null : $"Entry {entry.Number} was changed after it was written.";
    }
}
