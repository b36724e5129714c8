using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;

namespace Ieum.Connect.Sparkplug.Edge;

/// <summary>One message of an edge node, ready to be published with QoS 0, or 1 for NDEATH; never retained.</summary>
internal sealed record EdgeMessage(string Topic, byte[] Payload);

/// <summary>The messages that every edge node sends alike (Sparkplug B 3.0, 5.4 and 6.4.17 to 6.4.24).</summary>
internal static class EdgeMessages
{
    public const string BdSeq = "bdSeq", Rebirth = "Node Control/Rebirth";

    /// <summary>NDEATH, as will and as good-bye: the session number alone, no sequence number.</summary>
    public static byte[] Death(byte bdSeq, ulong now) => PayloadEncoder.Encode(new(now, [SessionNumber(bdSeq, now)], null));

    /// <summary>NBIRTH of a node that has no metrics of its own. The rebirth metric never has an alias.</summary>
    public static byte[] NodeBirth(byte bdSeq, byte seq, ulong now) => PayloadEncoder.Encode(new(now,
    [
        SessionNumber(bdSeq, now),
        new() { Name = Rebirth, DataType = SparkplugDataType.Boolean, Timestamp = now, Value = SparkplugValue.Of(false) },
    ], seq));

    /// <summary>Asks a node for all its births (NCMD).</summary>
    public static byte[] AskRebirth(ulong now) => PayloadEncoder.Encode(new(now,
        [new() { Name = Rebirth, DataType = SparkplugDataType.Boolean, Timestamp = now, Value = SparkplugValue.Of(true) }], null));

    public static bool IsRebirth(Metric m) => m is { Name: Rebirth, Value: { Kind: WireValue.Boolean, Bits: 1 } };

    public static EdgeMessage Of(MessageKind kind, string group, string node, string? device, byte[] payload) => new(SparkplugTopic.Of(kind, group, node, device), payload);

    private static Metric SessionNumber(byte number, ulong now) =>
        new() { Name = BdSeq, DataType = SparkplugDataType.Int64, Timestamp = now, Value = SparkplugValue.Of((long)number) };
}
