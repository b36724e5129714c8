namespace Ieum.Connect.Sparkplug.Session;

/// <summary>Limits of one edge node's session.</summary>
internal sealed record SessionLimits
{
    /// <summary>Wire time a message may come late before it counts as lost. 2 s: brokers in a cluster swap messages by milliseconds.</summary>
    public TimeSpan Reorder { get; init; } = TimeSpan.FromSeconds(2);
    /// <summary>Wire time between two rebirth requests. 10 s, so that a node that cannot satisfy us is not kept busy with births.</summary>
    public TimeSpan RebirthPause { get; init; } = TimeSpan.FromSeconds(10);
    /// <summary>
    /// Wire time without any message before the node is asked for a sign of life. 30 s: Sparkplug reports by exception,
    /// so quiet is normal, and a birth is the only answer a node owes us; MQTT keep-alive finds most dead peers before.
    /// </summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(30);
    /// <summary>Wire time a node has to answer a sign-of-life request before its data count as missing.</summary>
    public TimeSpan Answer { get; init; } = TimeSpan.FromSeconds(5);
    /// <summary>Longest pause between two sign-of-life requests to a node that answers but has nothing to say.</summary>
    public TimeSpan LongestSilence { get; init; } = TimeSpan.FromMinutes(10);
    public int MostMetrics { get; init; } = 20_000;
    public int MostDevices { get; init; } = 1_000;
    /// <summary>Bytes of early messages kept while waiting for a late one.</summary>
    public long MostHeldBytes { get; init; } = 8 << 20;
    /// <summary>Bytes a compressed message may unfold to.</summary>
    public int MostInflated { get; init; } = 8 << 20;
    /// <summary>Characters a text value may have.</summary>
    public int LongestText { get; init; } = 64 * 1024;
}
