using Ieum.Model;

namespace Ieum.Connect.OpcUa.Server;

/// <summary>The secure channel a request came over, as far as sessions care.</summary>
/// <param name="Id">Secure channel id.</param>
/// <param name="ClientCertificate">DER; empty without security.</param>
internal sealed record ChannelFacts(uint Id, MessageSecurityMode Mode, string PolicyUri, byte[] ClientCertificate, string Peer);

/// <summary>One session (OPC 10000-4, 5.7).</summary>
internal sealed class ServerSession(NodeId id, NodeId token, string name, ApplicationDescription client, byte[] clientCertificate, TimeSpan timeout, ServerLimits limits, Clocks clocks)
{
    private long _lastContact = clocks.Wire.GetTimestamp();

    public NodeId Id { get; } = id;
    public NodeId Token { get; } = token;
    public string Name { get; } = name;
    public ApplicationDescription Client { get; } = client;
    public byte[] ClientCertificate { get; } = clientCertificate;
    public TimeSpan Timeout { get; } = timeout;
    public PublishDesk Publishing { get; } = new(limits.MaxPublishRequests, clocks);
    public ContinuationPoints<BrowsePoint> Browses { get; } = new(limits.MaxBrowseContinuationPoints);
    public ContinuationPoints<HistoryPoint> Histories { get; } = new(limits.MaxHistoryContinuationPoints);

    /// <summary>What the next activation must sign.</summary>
    public byte[] Nonce { get; set; } = [];
    public uint Channel { get; set; }
    public MessageSecurityMode Mode { get; set; }
    public bool Active { get; set; }
    public UaUser User { get; set; } = UaUser.Anonymous;

    public void Touch() => Interlocked.Exchange(ref _lastContact, clocks.Wire.GetTimestamp());

    public TimeSpan Idle => clocks.Wire.GetElapsedTime(Interlocked.Read(ref _lastContact));
}
