using Ieum.Connect.Sparkplug.Payload;

namespace Ieum.Connect.Sparkplug.Monitor;

internal sealed partial class SparkplugJudge
{
    private sealed class ClientView
    {
        public List<(string Filter, int Qos)> Filters { get; } = [];
        public bool IsConnectSeen { get; set; }
        public string? WillTopic { get; set; }
        /// <summary>Of an edge node: bdSeq of the will; of a host: its timestamp.</summary>
        public long? WillNumber { get; set; }
        public bool Published { get; set; }
        public bool SaidGoodBye { get; set; }
        public int Version { get; set; } = 4;
    }

    private sealed record KnownMetric(string Name, ulong? Alias, SparkplugDataType Type)
    {
        public SparkplugValue Last { get; set; }
        public long LastAt { get; set; } = long.MinValue;
    }

    private sealed class NodeView
    {
        public string? Owner { get; set; }
        public bool IsBorn { get; set; }
        public int NextSeq { get; set; } = -1;
        public long? BdSeq { get; set; }
        public long? LastWillBdSeq { get; set; }
        public HashSet<string> Devices { get; } = new(StringComparer.Ordinal);
        /// <summary>Metrics by device; the empty name is the node itself.</summary>
        public Dictionary<string, List<KnownMetric>> Metrics { get; } = new(StringComparer.Ordinal);
        public Dictionary<string, Template> Definitions { get; } = new(StringComparer.Ordinal);
        /// <summary>When a rebirth was asked for; the devices whose births are awaited.</summary>
        public long? AskedAt { get; set; }
        public HashSet<string>? Awaited { get; set; }
        /// <summary>When its primary host went offline, while it has not left yet.</summary>
        public long? MustLeaveSince { get; set; }
        /// <summary>When an older STATE said that its primary host is offline, which counts for nothing.</summary>
        public long? MustStaySince { get; set; }
    }

    private sealed class HostView
    {
        public bool? IsOnline { get; set; }
        public long Timestamp { get; set; } = long.MinValue;
        public string? Owner { get; set; }
        /// <summary>When somebody said that it is offline although it is not.</summary>
        public long? FalseSince { get; set; }
    }

    /// <summary>MQTT filters, as far as Sparkplug needs them: <c>+</c> and a final <c>#</c>.</summary>
    private static bool Covers(string filter, string topic)
    {
        string[] f = filter.Split('/'), t = topic.Split('/');
        for (var i = 0; i < f.Length; i++)
        {
            if (f[i] == "#") return true;
            if (i >= t.Length || (f[i] != "+" && f[i] != t[i] && t[i] != "+")) return false;
        }
        return f.Length == t.Length;
    }
}
