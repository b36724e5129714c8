using System.Net.Sockets;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>Reads one machine from an OPC UA server, for ever; after a loss it climbs the <see cref="ReconnectLadder"/>.</summary>
internal sealed class OpcUaSource(ConnectionSettings settings, OpcUaOptions options, IDialer dialer, ISignalDirectory signals, Clocks clocks, ILogger log, OpcUaPast? past = null) : IMachineSource
{
    private readonly SourceHealthTracker _health = new(clocks.Factory);
    private readonly OpcUaWriter _writer = new(settings, clocks.Factory);
    private readonly ServerFacts _facts = new();
    private readonly ReconnectLadder _ladder = new();
    private readonly ReconnectPolicy _policy = new(clocks.Wire);
    private readonly List<OpcPoint> _points = [];
    private OpcUaSession? _session;
    private bool _isFresh;
    private long _heardAt, _startTicks;
    private (DateTimeOffset Since, string Detail)? _lost;
    private OpcUaParts _parts = null!;
    private Resumption? _resume;

    public ConnectionSettings Settings => settings;
    public SourceHealth Health => _health.Health;
    public IMachineWriter Writer => _writer;
    public bool Resumes => past is not null;

    /// <summary>The rung on which the connection was last taken up.</summary>
    internal Rung LastRung => _ladder.Rung;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async Task RunAsync(ISampleSink sink, CancellationToken cancel)
    {
        var batch = new SampleBatcher(settings, sink, _health, clocks.Wire);
        var intake = new OpcIntake(settings, options, signals, _health, batch, clocks.Factory, log);
        var holes = new HoleBook(settings.Source, intake.Add, past?.Boot);
        _parts = new(settings, options, clocks, _points, new(settings, options, clocks.Wire, intake.Tell), intake, batch, holes);
        if (_points.Count == 0) _points.AddRange(OpcPoints.Of(settings.Points, options));
        try
        {
            await BeginAsync(cancel).ConfigureAwait(false);
            while (true)
            {
                if (_health.Link != LinkState.Refused) _health.SetLink(_lost is null ? LinkState.Connecting : LinkState.Disconnected);
                if (await TakeUpAsync(cancel).ConfigureAwait(false))
                {
                    _policy.Succeeded();
                    var end = await new OpcUaLink(_parts, _session!, isTakenUp: _ladder.Rung != Rung.Recreate).RunAsync(cancel).ConfigureAwait(false);
                    Lost(end);
                }
                await _parts.FlushAsync(cancel).ConfigureAwait(false);
                await _policy.WaitAsync(cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            // A stop during an outage must not hide it: the gap up to now is handed over before the end.
            Outage(_points);
            holes.GiveUp();
            _health.SetLink(LinkState.Disconnected);
            _writer.Use(null, []);
            await _parts.FlushAsync(CancellationToken.None).ConfigureAwait(false);
            await EndAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What an earlier run of the node knows of this source is taken up with the first connection.</summary>
    private async Task BeginAsync(CancellationToken cancel)
    {
        if (past is null || _session is not null || past.Places.Find(settings.Source) is not { } mark) return;
        _resume = new(_parts, mark, signals, past);
        try
        {
            await past.Places.SettledAsync(settings.Source).WaitAsync(Resumption.SettleLimit, clocks.Wire, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _resume.GiveUp($"What waits in the queue was not stored within {Resumption.SettleLimit.TotalSeconds:0} s, so the history of the server cannot be told from it.");
            _resume = null;
        }
    }

    private void Lost(in LinkEnd end)
    {
        _heardAt = clocks.Wire.GetTimestamp();
        _lost ??= (_parts.Intake.LastHeard - options.Lag, end.Detail);
        if (OpcUaSession.IsGone(end.Status)) _ladder.Take(RungResult.SessionGone);
        _health.SetLink(end.Link);
        _writer.Use(null, _points);
        OpcUaLog.Lost(log, settings.Source, settings.Endpoint, end.Detail);
    }

    /// <summary>Climbs the ladder until the connection stands.</summary>
    /// <returns>False when the line failed and a pause is due.</returns>
    private async Task<bool> TakeUpAsync(CancellationToken cancel)
    {
        while (true)
        {
            var silent = _heardAt == 0 ? TimeSpan.MaxValue / 4 : clocks.Wire.GetElapsedTime(_heardAt);
            var rung = _ladder.Next(silent);
            try
            {
                switch (rung)
                {
                    case Rung.Reactivate: await ReactivateAsync(cancel).ConfigureAwait(false); break;
                    case Rung.Transfer: await TransferAsync(cancel).ConfigureAwait(false); break;
                    default: await RecreateAsync(cancel).ConfigureAwait(false); break;
                }
                Standing(rung, silent);
                return true;
            }
            catch (RungFault fault)
            {
                OpcUaLog.RungFailed(log, settings.Source, settings.Endpoint, rung, fault.Message);
                if (fault.Result == RungResult.TransferRefused) _parts.Intake.Tell(OpcUaRules.TransferRefused, $"'{settings.Endpoint}': {fault.Message} New subscriptions are made and the time between is looked up in the history.");
                if (!_ladder.Take(fault.Result)) return false;
            }
            catch (OpcUaException fault)
            {
                var result = rung == Rung.Reactivate && (OpcUaSession.IsGone(fault.Status) || OpcUaFaults.NeedsPerson(OpcUaFaults.RuleOf(fault))) ? RungResult.SessionGone : RungResult.LineFailed;
                OpcUaLog.RungFailed(log, settings.Source, settings.Endpoint, rung, fault.Message);
                if (_ladder.Take(result)) continue;
                await FailedAsync(OpcUaFaults.RuleOf(fault), fault.Message).ConfigureAwait(false);
                return false;
            }
            catch (ConnectionSettingsException wrong)
            {
                await FailedAsync(wrong.Rule, wrong.Message).ConfigureAwait(false);
                return false;
            }
            catch (Exception fault) when (fault is SocketException or IOException or TimeoutException)
            {
                await FailedAsync(ConnectRules.Unreachable, fault.Message).ConfigureAwait(false);
                return false;
            }
            catch (Exception fault) when (fault is not OperationCanceledException)
            {
                // A fault of our own must not silence a machine for ever; it is told and the source starts again.
                OpcUaLog.Unexpected(log, settings.Source, fault);
                await FailedAsync(ConnectRules.Unexpected, $"{fault.GetType().Name}: {fault.Message}").ConfigureAwait(false);
                return false;
            }
        }
    }

    private async Task FailedAsync(string rule, string message)
    {
        if (_policy.Failures <= 1 || rule != ConnectRules.Unreachable) _parts.Intake.Tell(rule, $"'{settings.Endpoint}': {message} {OpcUaFaults.Advice(rule)}");
        _health.SetLink(OpcUaFaults.LinkOf(rule));
        // A half-made session must not stay in the server: it has few places.
        if (_isFresh) await EndAsync().ConfigureAwait(false);
    }

    private async Task ReactivateAsync(CancellationToken cancel)
    {
        var old = _session!.Line;
        var line = await dialer.OpenAsync(options.Endpoint, old.Endpoint, options, cancel).ConfigureAwait(false);
        try
        {
            await old.DisposeAsync().ConfigureAwait(false);
            await _session.ReactivateAsync(line, cancel).ConfigureAwait(false);
        }
        catch
        {
            await line.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task TransferAsync(CancellationToken cancel)
    {
        await OpenSessionAsync(cancel).ConfigureAwait(false);
        var subscriptions = _parts.Subscriber.Subscriptions.ToArray();
        TransferResult[] results;
        try
        {
            results = (await _session!.CallAsync<TransferSubscriptionsResponse>(h => new TransferSubscriptionsRequest
            {
                RequestHeader = h, SubscriptionIds = [.. subscriptions.Select(s => s.Id)], SendInitialValues = false,
            }, cancel).ConfigureAwait(false)).Results;
        }
        catch (OpcUaException refused) when (!OpcUaLink.IsLine(refused.Status) && refused.Status != StatusCodes.BadTimeout)
        {
            throw new RungFault(RungResult.TransferRefused, $"TransferSubscriptions: {refused.Status}.");
        }
        if (results.All(r => r.StatusCode.IsBad))
            throw new RungFault(Array.TrueForAll(results, r => r.StatusCode == StatusCodes.BadSubscriptionIdInvalid) ? RungResult.SubscriptionsGone : RungResult.TransferRefused,
                $"TransferSubscriptions: {(results.Length > 0 ? results[0].StatusCode.ToString() : "no result")}.");
        var now = clocks.Wire.GetTimestamp();
        for (var i = 0; i < subscriptions.Length; i++)
        {
            var subscription = subscriptions[i];
            if (i >= results.Length || results[i].StatusCode.IsBad)
            {
                Outage(_points.Where(p => p.Subscription == subscription), keep: true);
                _parts.Subscriber.Drop(subscription, _points);
                continue;
            }
            subscription.HeardAt = now;
            subscription.Book.Expect(results[i].AvailableSequenceNumbers);
            if (subscription.Book.HasMissing) subscription.MissingSince = now;
        }
        await _parts.Subscriber.WatchAsync(_session, _points, cancel).ConfigureAwait(false);
    }

    private async Task RecreateAsync(CancellationToken cancel)
    {
        await OpenSessionAsync(cancel).ConfigureAwait(false);
        if (_points.Count == 0) _points.AddRange(OpcPoints.Of(await ModelSurvey.FindAsync(_session!, settings, options, _parts.Intake.Tell, cancel).ConfigureAwait(false), options));
        _parts.Subscriber.Forget(_points);
        await OpcUaLink.FindAsync(_parts, _session!, _points, cancel).ConfigureAwait(false);
        await new TypeLoader(_session!, _parts.Intake.Types).LoadAsync(_points.Select(p => p.DataType), cancel).ConfigureAwait(false);
        if (_resume is not null) await _resume.SeeAsync(_session!, cancel).ConfigureAwait(false);
        await _parts.Subscriber.WatchAsync(_session!, _points, cancel).ConfigureAwait(false);
        _parts.Intake.ServerTime(_facts.ClockTicks);
        if (_resume is { } resume)
        {
            await resume.ApplyAsync(_facts.StartTicks, _facts.ClockTicks != 0, cancel).ConfigureAwait(false);
            _resume = null;
        }
        Outage(_points, wasServerDown: _startTicks != 0 && _facts.StartTicks != _startTicks);
    }

    /// <summary>A new line and session, unless a lower rung has just made one.</summary>
    private async Task OpenSessionAsync(CancellationToken cancel)
    {
        if (_isFresh && _session is not null) return;
        if (_session is { } former) await former.Line.DisposeAsync().ConfigureAwait(false);
        _session = null;
        (_session, var isSame) = await OpcUaDial.SessionAsync(dialer, settings, options, _facts, clocks.Factory, cancel).ConfigureAwait(false);
        _isFresh = true;
        if (!isSame) _parts.Intake.Tell(OpcUaRules.NamespacesChanged, $"'{settings.Endpoint}' numbers its namespaces differently since its restart: {string.Join(", ", _facts.Namespaces.Uris.Select((u, i) => $"{i}={u}"))}. Points with ns= are read under the name they had first; better write them with nsu=.");
    }

    private void Standing(Rung rung, TimeSpan silent)
    {
        var session = _session!;
        _isFresh = false;
        _ladder.Standing(session.Timeout, _parts.Subscriber.Lifetime);
        _writer.Use(session, _points);
        foreach (var s in _parts.Subscriber.Subscriptions) s.HeardAt = clocks.Wire.GetTimestamp();
        // Some servers tell their present values again to a session on a new line; those that were told before are no news.
        if (rung != Rung.Recreate)
            foreach (var p in _points) p.AwaitsFirst = true;
        // A queue of one overflows without a sign, so its point cannot be known to be whole (Part 4, 7.21).
        if (rung != Rung.Recreate) Outage(_points.Where(p => p.Queue <= 1 && p.State == PointState.Watched));
        (_lost, _startTicks) = (null, _facts.StartTicks);
        _parts.Holes.Stand(_startTicks);
        _health.SetLink(LinkState.Connected);
        _heardAt = clocks.Wire.GetTimestamp();
        if (silent < TimeSpan.MaxValue / 8) OpcUaLog.TakenUp(log, settings.Source, settings.Endpoint, rung, silent.TotalMilliseconds);
        OpcUaLog.Connected(log, settings.Source, settings.Endpoint, _facts.Name, EndpointChoice.Words(session.Line.Endpoint), _points.Count);
    }

    /// <summary>The present outage becomes a hole for these points: history is asked, what stays unknown is a gap.</summary>
    private void Outage(IEnumerable<OpcPoint> points, bool keep = false, bool wasServerDown = false)
    {
        if (_lost is not { } lost) return;
        var now = clocks.Factory.GetUtcNow();
        if (!keep) _lost = null;
        _parts.Holes.Add(Hole.Of(new(lost.Since < now ? lost.Since : now, now), GapCause.Disconnected, lost.Detail, points) with { WasServerDown = wasServerDown });
    }

    private async Task EndAsync()
    {
        _isFresh = false;
        if (_session is not { } session) return;
        _session = null;
        using var limit = new CancellationTokenSource(ReconnectPolicy.ConnectLimit, clocks.Wire);
        await session.CloseAsync(limit.Token).ConfigureAwait(false);
        await session.Line.DisposeAsync().ConfigureAwait(false);
    }

    private sealed class RungFault(RungResult result, string message) : Exception(message)
    {
        public RungResult Result { get; } = result;
    }
}
