using System.Net.Sockets;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Polling;

/// <summary>Reads one connection register by register, for ever. The only place of the polled protocols that does I/O.</summary>
/// <remarks>Source time is receive time: registers carry no stamps.</remarks>
internal sealed class PolledSource : IMachineSource, IPollEffects
{
    private readonly IRegisterProtocol _protocol;
    private readonly PollOptions _options;
    private readonly Clocks _clocks;
    private readonly ILogger _log;
    private readonly SourceHealthTracker _health;
    private readonly PollSession _session;
    private readonly PolledWriter _writer;
    private readonly long _began;
    private SampleBatcher? _batch;
    private int _received;
    private DateTimeOffset? _lastAnswer;

    /// <exception cref="ConnectionSettingsException">A point cannot be used.</exception>
    public PolledSource(ConnectionSettings settings, PollOptions options, IRegisterProtocol protocol, ISignalDirectory signals, Clocks clocks, ILogger log)
    {
        (Settings, _options, _protocol, _clocks, _log) = (settings, options, protocol, clocks, log);
        _health = new(clocks.Factory);
        _began = clocks.Wire.GetTimestamp();
        if (settings.Points.IsEmpty)
            throw new ConnectionSettingsException(PollRules.NoPoints, $"Connection '{settings.Source}' ({settings.Protocol}) lists no points; name at least one with its address.");
        var points = PollPoint.Read(settings, protocol, options).ConvertAll(p => new PolledPoint(p, signals.Register(p.SignalOf(settings.Machine))));
        _session = new(points, protocol, options, this);
        _writer = new(settings, points, protocol, clocks, log);
    }

    public ConnectionSettings Settings { get; }
    public SourceHealth Health => _health.Health;
    public IMachineWriter Writer => _writer;
    internal PollSession Session => _session;

    private TimeSpan Now => _clocks.Wire.GetElapsedTime(_began);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async Task RunAsync(ISampleSink sink, CancellationToken cancel)
    {
        var batch = _batch = new(Settings, sink, _health, _clocks.Wire);
        var policy = new ReconnectPolicy(_clocks.Wire);
        var outage = new Outage(Settings, _clocks.Factory);
        try
        {
            while (true)
            {
                if (_health.Link != LinkState.Connected || outage.HasBegun) _health.SetLink(outage.HasBegun ? LinkState.Disconnected : LinkState.Connecting);
                if (await ConnectAndPollAsync(batch, policy, outage, cancel).ConfigureAwait(false) is not { } reason) continue;
                _session.Disconnected();
                outage.Begin(reason);
                await batch.FlushAsync(cancel).ConfigureAwait(false);
                await policy.WaitAsync(cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            // A stop during an outage must not hide it: the gap up to now is handed over before the end.
            if (outage.End() is { } gap) Add(gap);
            _health.SetLink(LinkState.Disconnected);
            await batch.FlushAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <returns>Why it ended; null when only the link is to be made anew, because a late answer could be mistaken.</returns>
    private async Task<OutageReason?> ConnectAndPollAsync(SampleBatcher batch, ReconnectPolicy policy, Outage outage, CancellationToken cancel)
    {
        try
        {
            using var link = await RegisterLink.OpenAsync(_options, _protocol, _clocks.Wire, cancel).ConfigureAwait(false);
            if (_health.Link is not LinkState.Connected) _session.Connected(Now);
            _writer.Link = link;
            return await PollAsync(link, batch, policy, outage, cancel).ConfigureAwait(false);
        }
        catch (Exception fault) when (fault is SocketException or IOException or TimeoutException)
        {
            var wasUp = _health.Link is LinkState.Connected;
            if (wasUp) PollLog.Lost(_log, Settings.Source, Settings.Endpoint, fault.Message);
            else PollLog.Unreachable(_log, Settings.Source, Settings.Endpoint, fault.Message);
            if (!wasUp && policy.Failures <= 1)
            {
                if (fault is OpeningRefused refused) Problem(refused.Rule, $"'{Settings.Endpoint}': {fault.Message}");
                else
                {
                    var (rule, why) = Reach.Of(Settings.Endpoint, fault);
                    Problem(rule, why);
                }
            }
            return new(LinkState.Disconnected, wasUp ? _lastAnswer ?? _clocks.Factory.GetUtcNow() : _clocks.Factory.GetUtcNow(), fault.Message);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // A fault of our own must not silence a machine for ever; it is told and the source starts again.
            Problem(ConnectRules.Unexpected, $"'{Settings.Endpoint}': {fault.GetType().Name}: {fault.Message}");
            PollLog.Unexpected(_log, Settings.Source, fault);
            return new(LinkState.Disconnected, _clocks.Factory.GetUtcNow(), fault.Message);
        }
        finally
        {
            _writer.Link = null;
        }
    }

    private async Task<OutageReason?> PollAsync(RegisterLink link, SampleBatcher batch, ReconnectPolicy policy, Outage outage, CancellationToken cancel)
    {
        while (true)
        {
            if (batch.IsDue) await batch.FlushAsync(cancel).ConfigureAwait(false);
            if (link.IsTainted) return null;
            if (_session.Take(Now, out var wakeAt) is not { } block)
            {
                await WaitAsync(wakeAt, batch, cancel).ConfigureAwait(false);
                continue;
            }
            var others = _session.Gather(block, Now);
            var answer = await link.AskAsync(others.Count == 0 ? block.Request : PollSession.Together(block, others), cancel).ConfigureAwait(false);
            if (answer.Kind == AnswerKind.Garbage) return Garbage();
            if (answer.Kind != AnswerKind.Silent) Answered(policy, outage);
            // After the end of an outage, so that no sample lies inside its gap.
            var at = _clocks.Factory.GetUtcNow();
            if (answer.Kind != AnswerKind.Silent) _lastAnswer = at;
            if (others.Count == 0) _session.Answer(block, answer, Now, at.UtcTicks);
            else _session.AnswerTogether(block, others, answer, Now, at.UtcTicks);
            _health.Received(_received, at.UtcTicks);
            _received = 0;
            if (answer.Kind == AnswerKind.Silent && _session.IsLinkDead) return Silent();
        }
    }

    private void Answered(ReconnectPolicy policy, Outage outage)
    {
        if (policy.Failures > 0) policy.Succeeded();
        if (outage.HasBegun && outage.End() is { } gap) Add(gap);
        if (_health.Link != LinkState.Connected && _health.SetLink(LinkState.Connected))
            PollLog.Connected(_log, Settings.Source, Settings.Protocol, Settings.Endpoint);
    }

    private OutageReason Garbage()
    {
        var message = $"'{Settings.Endpoint}' answered with bytes that are not {Settings.Protocol}. The connection is made anew; check address, port and framing.";
        Problem(PollRules.NotTheProtocol, message);
        return new(LinkState.Disconnected, _lastAnswer ?? _clocks.Factory.GetUtcNow(), message);
    }

    private OutageReason Silent()
    {
        var wasUp = _health.Link is LinkState.Connected;
        _health.SetLink(LinkState.Silent);
        var message = FormattableString.Invariant($"'{Settings.Endpoint}' took the connection but does not answer within {_options.Timeout.TotalSeconds:0.##} s. The connection is made anew.");
        if (wasUp) PollLog.Lost(_log, Settings.Source, Settings.Endpoint, message);
        else if (_protocol.NeverAnswered is { } why) Problem(why.Rule, $"'{Settings.Endpoint}' {why.Message}");
        return new(LinkState.Silent, _lastAnswer ?? _clocks.Factory.GetUtcNow(), message);
    }

    /// <summary>Until the next read or the batch falls due.</summary>
    private Task WaitAsync(TimeSpan wakeAt, SampleBatcher batch, CancellationToken cancel)
    {
        var wait = wakeAt == TimeSpan.MaxValue ? TimeSpan.FromSeconds(1) : wakeAt - Now;
        if (batch.HasPending && batch.Remaining < wait) wait = batch.Remaining;
        if (wait < TimeSpan.FromMilliseconds(1)) wait = TimeSpan.FromMilliseconds(1);
        return Task.Delay(wait, _clocks.Wire, cancel);
    }

    public void Sample(SignalNumber signal, in SampleValue value, Quality quality, long receiveTicks, bool isMark)
    {
        if (isMark) _health.Marked(1);
        else _received++;
        _batch!.Add(new Sample(signal, receiveTicks, receiveTicks, value, quality));
    }

    public void Problem(string rule, string message)
    {
        var count = _health.Problem(rule, message);
        if (SourceHealthTracker.IsWorthALine(count)) PollLog.Problem(_log, Settings.Source, rule, count, message);
    }

    public void DeviceGap(long fromTicks, long toTicks, string detail)
    {
        var from = new DateTimeOffset(Math.Min(fromTicks, toTicks), TimeSpan.Zero);
        Add(new(Settings.Source, new(from, new(toTicks, TimeSpan.Zero)), GapCause.Disconnected, null, detail));
    }

    private void Add(Gap gap)
    {
        _batch!.Add(gap);
        PollLog.Gap(_log, Settings.Source, gap.Cause, gap.Range.From, gap.Range.To, gap.Detail);
    }
}
