using System.Collections.Immutable;
using System.Text;
using Ieum.Model;

namespace Ieum.Bench.Fuzz;

/// <summary>Every decoder that reads bytes of others, or bytes that a disk may have damaged.</summary>
internal static partial class FuzzTargets
{
    private static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public static IReadOnlyList<FuzzTarget> All() =>
        [.. Registers(), .. Messages(), .. OpcUaTargets(), .. Texts(), .. FileTargets(), .. Stored()];

    private static ConnectionSettings Connection(string protocol, string endpoint) => new(new($"m.{protocol}"), new("m"), protocol, endpoint, ImmutableDictionary<string, string>.Empty);

    private static byte[] Hex(string text) => Convert.FromHexString(text);
    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>A rule of the decoder itself that must hold for every input.</summary>
    private static void Must(bool holds, string what)
    {
        if (!holds) throw new InvalidOperationException(what);
    }
}
