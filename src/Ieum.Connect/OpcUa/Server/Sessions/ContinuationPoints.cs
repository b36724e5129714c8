using System.Security.Cryptography;

namespace Ieum.Connect.OpcUa.Server;

/// <summary>Where a browse goes on.</summary>
internal sealed record BrowsePoint(Node Node, BrowseDescription Wanted, int Most, int From);

/// <summary>Where a history read goes on.</summary>
/// <param name="Left">Values still wanted; <see cref="long.MaxValue"/> for all.</param>
internal sealed record HistoryPoint(VariableNode Node, HistoryQuestion Question, long Left, NumericRange Range);

/// <summary>The continuation points of one session: each is good for one use, and there are only so many.</summary>
internal sealed class ContinuationPoints<T>(int most) where T : class
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, T> _points = [];

    /// <returns>Null when the client holds too many already.</returns>
    public byte[]? Keep(T point)
    {
        lock (_gate)
        {
            if (_points.Count >= most) return null;
            var token = new Guid(RandomNumberGenerator.GetBytes(16));
            _points[token] = point;
            return token.ToByteArray();
        }
    }

    public T? Take(byte[]? token)
    {
        if (token is not { Length: 16 }) return null;
        lock (_gate) return _points.Remove(new Guid(token), out var point) ? point : null;
    }
}
