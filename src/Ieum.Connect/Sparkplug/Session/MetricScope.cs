using Ieum.Connect.Sparkplug.Payload;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug.Session;

/// <summary>One metric as its birth announced it.</summary>
internal sealed class MetricSlot(string name, byte[] nameUtf8)
{
    public string Name { get; } = name;
    public byte[] NameUtf8 { get; } = nameUtf8;
    public SparkplugDataType DataType { get; set; }
    /// <summary>Its number in the present birth; null when it has none of its own.</summary>
    public ulong? Alias { get; set; }
    /// <summary>Stands in the present birth; data for others are refused.</summary>
    public bool IsAnnounced { get; set; }
    /// <summary>Number of the signal it feeds; 0 when nobody listens to it.</summary>
    public SignalNumber Signal { get; set; }
    public bool HasLast { get; set; }
    public SampleValue LastValue { get; set; }
    public Quality LastQuality { get; set; }
    public long LastSourceTicks { get; set; }
    /// <summary>Its last sample in the store is a stale mark.</summary>
    public bool IsMarkedStale { get; set; }
}

/// <summary>The metrics of a node itself, or of one of its devices. Aliases are looked up within it.</summary>
/// <param name="device">Null for the node itself.</param>
internal sealed class MetricScope(string? device)
{
    /// <summary>Aliases below this are looked up by index; most edge nodes count from 0 or 1.</summary>
    private const ulong DirectAliases = 4096;

    private readonly Dictionary<string, MetricSlot> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<ulong, MetricSlot> _byAlias = [];
    private MetricSlot?[] _direct = [];

    public string? Device { get; } = device;
    public bool IsBorn { get; set; }
    /// <summary>When data went missing, by the factory clock; null while all is well.</summary>
    public long? OutageFrom { get; set; }
    public GapCause OutageCause { get; set; }
    public string OutageDetail { get; set; } = "";
    /// <summary>Who receives the samples; set by the effects.</summary>
    public object? Lane { get; set; }

    public IReadOnlyCollection<MetricSlot> Slots => _byName.Values;
    public int Count => _byName.Count;

    /// <summary>A new birth begins: what the last one announced holds no more.</summary>
    public void BeginBirth()
    {
        _byAlias.Clear();
        _direct = [];
        foreach (var slot in _byName.Values) (slot.IsAnnounced, slot.Alias) = (false, null);
    }

    public MetricSlot? Find(ReadOnlySpan<char> name) =>
        _byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(name, out var slot) ? slot : null;

    public MetricSlot Add(string name, byte[] nameUtf8) => _byName[name] = new(name, nameUtf8);

    public MetricSlot? Find(ulong alias) => alias < (ulong)_direct.Length
        ? _direct[alias]
        : _byAlias.TryGetValue(alias, out var slot) ? slot : null;

    /// <returns>False when the alias already belongs to another metric.</returns>
    public bool TryAlias(ulong alias, MetricSlot slot)
    {
        if (!_byAlias.TryAdd(alias, slot)) return _byAlias[alias] == slot;
        slot.Alias = alias;
        if (alias >= DirectAliases) return true;
        if (alias >= (ulong)_direct.Length)
        {
            // All aliases between the old and the new end must be found by index from now on.
            var old = _direct.Length;
            Array.Resize(ref _direct, (int)Math.Min(DirectAliases, Math.Max(alias + 1, (ulong)old * 2)));
            foreach (var (known, at) in _byAlias) if (known < (ulong)_direct.Length) _direct[known] = at;
        }
        _direct[alias] = slot;
        return true;
    }
}
