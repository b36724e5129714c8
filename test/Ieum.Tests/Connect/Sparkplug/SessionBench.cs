using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;

namespace Ieum.Tests.Connect.Sparkplug;

/// <summary>An edge node session on a bench: the test speaks as the node, moves both clocks, and sees every effect.</summary>
internal sealed class SessionBench : ISessionEffects
{
    public static readonly DateTimeOffset Start = new(2026, 11, 23, 8, 0, 0, TimeSpan.Zero);
    private readonly Dictionary<(string?, string), int> _numbers = [];
    private TimeSpan _wire = TimeSpan.FromHours(1);

    public SessionBench(SessionLimits? limits = null) => Session = new("plant", "edge", limits ?? new(), this);

    public EdgeNodeSession Session { get; }
    public DateTimeOffset Now { get; private set; } = Start;
    public List<(string Name, Sample Sample, SampleOrigin Origin)> Samples { get; } = [];
    public List<(string Rule, long Count)> Rejected { get; } = [];
    public List<string> Told { get; } = [];
    public List<(string? Device, TimeRange Range, GapCause Cause, string Detail)> Gaps { get; } = [];
    public List<(string? Device, LinkState State)> Links { get; } = [];
    public List<string> Rebirths { get; } = [];
    public IEnumerable<(string Name, Sample Sample, SampleOrigin Origin)> Live => Samples.Where(s => s.Origin == SampleOrigin.Live);
    public IEnumerable<(string Name, Sample Sample, SampleOrigin Origin)> Marks => Samples.Where(s => s.Origin == SampleOrigin.Mark);

    public static ulong Ms(DateTimeOffset at) => (ulong)at.ToUnixTimeMilliseconds();

    public void Wait(TimeSpan time)
    {
        for (var left = time; left > TimeSpan.Zero; left -= TimeSpan.FromMilliseconds(50))
        {
            var step = left < TimeSpan.FromMilliseconds(50) ? left : TimeSpan.FromMilliseconds(50);
            (Now, _wire) = (Now + step, _wire + step);
            Session.Tick(Now.UtcTicks, _wire);
        }
    }

    public void Take(MessageKind kind, SparkplugPayload payload, string? device = null) =>
        Session.Take(kind, device, PayloadEncoder.Encode(payload), Now.UtcTicks, _wire);

    public void TakeBytes(MessageKind kind, byte[] bytes, string? device = null) => Session.Take(kind, device, bytes, Now.UtcTicks, _wire);

    public void NBirth(ulong bdSeq = 0, ulong seq = 0, params Metric[] metrics) => Take(MessageKind.NBirth, new(Ms(Now),
        [new() { Name = "bdSeq", DataType = SparkplugDataType.Int64, Value = SparkplugValue.Of(bdSeq) },
         new() { Name = "Node Control/Rebirth", DataType = SparkplugDataType.Boolean, Value = SparkplugValue.Of(false) }, .. metrics], seq));

    public void NDeath(ulong? bdSeq) => Take(MessageKind.NDeath, new(Ms(Start),
        bdSeq is { } b ? [new() { Name = "bdSeq", DataType = SparkplugDataType.Int64, Value = SparkplugValue.Of(b) }] : [], null));

    public void DBirth(ulong seq, params Metric[] metrics) => Take(MessageKind.DBirth, new(Ms(Now), metrics, seq), "press");
    public void DData(ulong seq, params Metric[] metrics) => Take(MessageKind.DData, new(Ms(Now), metrics, seq), "press");
    public void NData(ulong seq, params Metric[] metrics) => Take(MessageKind.NData, new(Ms(Now), metrics, seq));

    /// <summary>A birth metric with name and alias.</summary>
    public Metric Born(string name, ulong alias, double value, DateTimeOffset? at = null) => new()
    { Name = name, Alias = alias, Timestamp = Ms(at ?? Now), DataType = SparkplugDataType.Double, Value = SparkplugValue.Of(value) };

    /// <summary>A data metric with its alias only.</summary>
    public Metric Data(ulong alias, double value, DateTimeOffset? at = null) => new()
    { Alias = alias, Timestamp = Ms(at ?? Now), Value = SparkplugValue.Of(value) };

    void ISessionEffects.Announce(MetricScope scope, MetricSlot slot, in MetricView birth)
    {
        if (!_numbers.TryGetValue((scope.Device, slot.Name), out var n)) _numbers[(scope.Device, slot.Name)] = n = _numbers.Count + 1;
        slot.Signal = new(n);
    }

    void ISessionEffects.Deliver(MetricScope scope, in Sample sample, SampleOrigin origin)
    {
        var number = sample.Signal.Value;
        Samples.Add((_numbers.First(p => p.Value == number).Key.Item2, sample, origin));
    }

    void ISessionEffects.Reject(MetricScope scope, string rule, long count, string message, long receiveTicks) => Rejected.Add((rule, count));
    void ISessionEffects.Tell(MetricScope scope, string rule, string message) => Told.Add(rule);
    void ISessionEffects.Gap(MetricScope scope, TimeRange range, GapCause cause, long? lost, string detail) => Gaps.Add((scope.Device, range, cause, detail));
    void ISessionEffects.Link(MetricScope scope, LinkState state) => Links.Add((scope.Device, state));
    void ISessionEffects.Clock(MetricScope scope, long sentTicks, long receiveTicks) { }
    void ISessionEffects.AskRebirth(string reason) => Rebirths.Add(reason);
}
