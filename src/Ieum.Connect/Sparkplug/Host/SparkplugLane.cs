using System.Threading.Channels;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Sparkplug.Host;

/// <summary>The way of one machine's samples from the host to its source: batches, counters, clock watch.</summary>
/// <remarks>Used by the host's loop only, except <see cref="Batches"/>, which the source drains.</remarks>
internal sealed class SparkplugLane : ISampleSink
{
    private readonly ConnectionSettings _connection;
    private readonly ISignalDirectory _signals;
    private readonly SourceHealthTracker _health;
    private readonly SignalNaming _naming;
    private readonly SkewEstimator _skew;
    private readonly SampleBatcher _batcher;
    private readonly ILogger _log;
    // 16 batches of 1,000: a slow sink is felt after a moment, then the host waits, then the broker, then the edge node.
    private readonly Channel<SampleBatch> _batches = Channel.CreateBounded<SampleBatch>(new BoundedChannelOptions(16) { SingleReader = true, SingleWriter = true });
    private readonly Dictionary<SignalNumber, TaskCompletionSource> _awaited = [];
    /// <summary>How many are in <see cref="_awaited"/>: asked for every sample, so without a lock (a concurrent dictionary takes all of its own to say that it is empty).</summary>
    private volatile int _awaits;
    private long _received;
    private long _receivedAt;
    private Gap? _lastGap;

    public SparkplugLane(
        ConnectionSettings connection, SparkplugSettings settings, ISignalDirectory signals, SourceHealthTracker health, Clocks clocks, ILogger log)
    {
        (_connection, Settings, _signals, _health, _log) = (connection, settings, signals, health, log);
        _naming = new(connection.Machine, settings);
        _skew = new(clocks.Factory);
        _batcher = new(connection, this, health, clocks.Wire);
    }

    public SparkplugSettings Settings { get; }
    public ChannelReader<SampleBatch> Batches => _batches.Reader;
    public bool IsDue => _batcher.IsDue;

    /// <summary>Whether this lane speaks for the scope itself, so that its link state is the machine's.</summary>
    public bool Owns(MetricScope scope) => scope.Device == Settings.Device;

    /// <summary>Completes when a fresh value or a birth tells what the signal holds; asked for before a write is sent.</summary>
    public Task NextOf(SignalNumber signal)
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_awaited)
        {
            _awaited[signal] = answered;
            _awaits = _awaited.Count;
        }
        return answered.Task;
    }

    private void Tell(SignalNumber signal)
    {
        if (_awaits == 0) return;
        TaskCompletionSource? answered;
        lock (_awaited)
        {
            _awaited.Remove(signal, out answered);
            _awaits = _awaited.Count;
        }
        answered?.TrySetResult();
    }

    public void Announce(MetricScope scope, MetricSlot slot, in MetricView birth)
    {
        var signal = _naming.SignalOf(scope, slot, birth);
        slot.Signal = _signals.Register(signal);
        Tell(slot.Signal);
    }

    public void Add(in Sample sample, SampleOrigin origin)
    {
        if (origin != SampleOrigin.Mark)
        {
            _received++;
            _receivedAt = sample.ReceiveTicks;
            if (origin == SampleOrigin.Live) Tell(sample.Signal);
        }
        else _health.Marked(1);
        _batcher.Add(_skew.IsUncertain && sample.Quality == Quality.Good ? sample with { Quality = Quality.Uncertain } : sample);
    }

    public void Reject(string rule, long count, string message, long nowTicks)
    {
        _received += count;
        _receivedAt = nowTicks;
        _health.Rejected(count);
        Tell(rule, message, count);
    }

    public void Tell(string rule, string message, long times = 1)
    {
        var count = _health.Problem(rule, message, times);
        if (SourceHealthTracker.IsWorthALine(count)) Log.Problem(_log, _connection.Source.Value, rule, count, message);
    }

    /// <summary>A skip of the node is told by each of its scopes; a machine that holds several of them has one gap, not many.</summary>
    public void Add(TimeRange range, GapCause cause, long? lost, string detail)
    {
        var gap = new Gap(_connection.Source, range, cause, lost, detail);
        if (gap == _lastGap) return;
        _lastGap = gap;
        _batcher.Add(gap);
        Log.Gap(_log, _connection.Source.Value, range.From, range.To, cause.ToString(), detail);
    }

    public void Link(LinkState state)
    {
        if (!_health.SetLink(state)) return;
        Log.Link(_log, _connection.Source.Value, state.ToString());
        if (state == LinkState.Disconnected) _skew.Reset();
    }

    public void Clock(long sentTicks, long receiveTicks)
    {
        _skew.Observe(sentTicks, receiveTicks);
        _health.Skew(_skew.Skew);
        if (!_skew.IsTolerable)
            Tell(ConnectRules.ClockSkew, $"The clock of {_connection.Endpoint} differs by {_skew.Skew!.Value.TotalSeconds:0.#} s from this node. Set both by NTP.");
    }

    /// <summary>Writes the counts of the last message into the health; one lock instead of one per sample.</summary>
    public void Settle()
    {
        if (_received == 0) return;
        _health.Received(_received, _receivedAt);
        _received = 0;
    }

    public ValueTask FlushAsync(CancellationToken cancel) => _batcher.FlushAsync(cancel);

    ValueTask ISampleSink.WriteAsync(SampleBatch batch, CancellationToken cancel) => _batches.Writer.WriteAsync(batch, cancel);

    /// <summary>Nothing more will come.</summary>
    public void Complete() => _batches.Writer.TryComplete();
}
