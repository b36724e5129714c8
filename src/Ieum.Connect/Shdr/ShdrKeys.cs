using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Ieum.Model;

namespace Ieum.Connect.Shdr;

internal enum ShdrForm : byte { Unknown, Plain, Condition, Message, TimeSeries }

/// <summary>What the session knows of one key.</summary>
internal sealed class ShdrKey(string name, ShdrForm form, ShdrMeaning meaning)
{
    public string Name { get; } = name;
    public ShdrForm Form { get; set; } = form;
    public ShdrMeaning Meaning { get; } = meaning;

    /// <summary>The kind its signal is registered with; grows from text to number when the first number comes.</summary>
    public ValueKind Kind { get; set; }
    public SignalNumber Number { get; set; }
    public ShdrForm RegisteredForm { get; set; }
    public bool IsForeign { get; init; }

    /// <summary>True after a reconnect until the first value that is not a repetition.</summary>
    public bool AwaitsDump { get; set; }
    public Sample Last { get; set; }
    public bool HadTime { get; set; }

    /// <summary>The bytes of the last text and its string: states repeat, so most texts are never decoded twice.</summary>
    public byte[] LastBytes { get; set; } = [];
    public string LastText { get; set; } = "";

    /// <summary>Conditions only: the newest report of each native code, since an adapter re-sends all active ones.</summary>
    public Dictionary<string, Sample>? Active { get; set; }
}

/// <summary>Keys by their bytes, found without allocating.</summary>
internal sealed class ShdrKeys(ShdrOptions options)
{
    public const int LongestKey = 256;

    private readonly Dictionary<byte[], ShdrKey> _keys = new(Bytes.Comparer);

    public int Count => _keys.Count;
    public IEnumerable<ShdrKey> All => _keys.Values;

    public bool TryFind(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ShdrKey? key) =>
        _keys.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(bytes, out key);

    /// <returns>The rule that forbids this key; null when it was added.</returns>
    public string? Add(ReadOnlySpan<byte> bytes, out ShdrKey? key)
    {
        key = null;
        if (bytes.Length is 0 or > LongestKey || bytes.ContainsAnyInRange((byte)0, (byte)31) || !Utf8.IsValid(bytes)) return ShdrRules.KeyWrong;
        if (_keys.Count >= options.MaxKeys) return ShdrRules.TooManyKeys;
        var full = Encoding.UTF8.GetString(bytes);
        var colon = full.IndexOf(':', StringComparison.Ordinal);
        var foreign = options.Device is not null && colon > 0 && !full.AsSpan(0, colon).SequenceEqual(options.Device);
        var name = options.Device is not null && colon > 0 && !foreign ? full[(colon + 1)..] : full;
        if (name.Length == 0) return ShdrRules.KeyWrong;
        var meaning = ShdrNames.Guess(name);
        if (options.Roles.TryGetValue(name, out var role)) meaning = meaning with { Role = role, Kind = KindOf(role, meaning.Kind) };
        if (options.Units.TryGetValue(name, out var unit)) meaning = meaning with { Unit = unit, Kind = meaning.Kind == ValueKind.Integer ? ValueKind.Integer : ValueKind.Real };
        var form = options.Conditions.Contains(name) || meaning.Role == SignalRole.Condition ? ShdrForm.Condition
            : options.Messages.Contains(name) ? ShdrForm.Message
            : options.TimeSeries.Contains(name) ? ShdrForm.TimeSeries
            : ShdrForm.Unknown;
        _keys[bytes.ToArray()] = key = new(name, form, meaning) { IsForeign = foreign };
        return null;
    }

    private static ValueKind KindOf(SignalRole role, ValueKind guessed) => role switch
    {
        SignalRole.None => guessed,
        SignalRole.PartCount or SignalRole.ToolNumber => ValueKind.Integer,
        SignalRole.Availability or SignalRole.Execution or SignalRole.ControllerMode or SignalRole.Program or SignalRole.Condition
            or SignalRole.EmergencyStop or SignalRole.PowerState or SignalRole.InCycle => ValueKind.Text,
        _ => ValueKind.Real,
    };
}

/// <summary>Byte strings as dictionary keys that can be looked up by span.</summary>
internal sealed class Bytes : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
{
    public static Bytes Comparer { get; } = new();

    public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);
    public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());
    public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

    public int GetHashCode(ReadOnlySpan<byte> alternate)
    {
        var hash = new HashCode();
        hash.AddBytes(alternate);
        return hash.ToHashCode();
    }
}
