using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;
using MQTTnet;
using MQTTnet.Protocol;

namespace Ieum.Connect.Sparkplug.Edge;

internal sealed partial class SparkplugEdge
{
    /// <summary>Also without news: links change, and the recorder catches up with what is to be told late.</summary>
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>History is told in pieces of so many values, so that fresh ones need not wait for a night's worth.</summary>
    private const int HistoryPiece = 2_000;

    /// <summary>One turn of a session that is born: commands, machines that came and went, fresh values, and a piece of history.</summary>
    private async Task TurnAsync(IMqttClient client, Run run, PrimaryHost host, CancellationToken cancel)
    {
        while (_heard.TryDequeue(out var heard)) await ObeyAsync(client, run, host, heard.Topic, heard.Payload, cancel).ConfigureAwait(false);
        if (!host.IsOnline) return;
        if (_names is var names && names != run.Node.Names) run.Node.Use(names);
        var births = 0;
        foreach (var message in run.Node.Follow(_machines, Now))
        {
            await PublishAsync(client, message, 0, cancel).ConfigureAwait(false);
            births++;
        }
        Become(s => s with { Devices = run.Node.BornDevices, LastBirth = births > 0 ? clocks.Factory.GetUtcNow() : s.LastBirth });
        for (var fresh = _backlog.TakeFresh(EdgeNode.MostMetrics * 4); fresh.Count > 0; fresh = _backlog.TakeFresh(EdgeNode.MostMetrics * 4))
            await TellAsync(client, run, fresh, historical: false, cancel).ConfigureAwait(false);
        var more = await HistoryAsync(client, run, cancel).ConfigureAwait(false);
        if (clocks.Wire.GetElapsedTime(run.PlacedAt) >= PlaceEvery) SavePlace(run);
        if (more || _gone) return;
        await _news.WaitAsync(Beat, cancel).ConfigureAwait(false);
        // Values come one by one; a moment later there are more of them for the same message.
        if (_heard.IsEmpty && _backlog.HasFresh) await Task.Delay(_settings.Gather, clocks.Wire, cancel).ConfigureAwait(false);
    }

    private async Task TellAsync(IMqttClient client, Run run, List<Sample> samples, bool historical, CancellationToken cancel)
    {
        var untold = new List<Sample>();
        try
        {
            foreach (var message in run.Node.Data(samples, historical, Now, untold, out var told))
            {
                await PublishAsync(client, message, 0, cancel).ConfigureAwait(false);
                if (told > 0) Interlocked.Add(ref historical ? ref _historical : ref _sent, told);
                told = 0;
            }
        }
        catch
        {
            // Some of them may have been told: at least once, not at most.
            _backlog.Later(samples);
            throw;
        }
        _backlog.Later(untold);
        if (!historical) _backlog.Told(untold.Count == 0 ? samples : [.. samples.Except(untold)]);
    }

    /// <returns>Whether there is more to tell at once.</returns>
    private async Task<bool> HistoryAsync(IMqttClient client, Run run, CancellationToken cancel)
    {
        var told = 0;
        foreach (var (signal, stretch) in _backlog.Stretches())
        {
            if (run.House.Signals.Find(signal) is not { } known) continue;
            if (!run.Node.IsPublished(signal) || _machines.All(m => m.Machine != known.Id.Machine))
            {
                // Not published: nothing of it is owed.
                _backlog.Advance(signal, stretch, stretch.To);
                continue;
            }
            var piece = new List<Sample>();
            var range = new TimeRange(new(stretch.From, TimeSpan.Zero), new(stretch.To + 1, TimeSpan.Zero));
            await foreach (var sample in run.House.History.RangeAsync(signal, range, cancel).ConfigureAwait(false))
            {
                // A piece never ends between values of one instant: the next one would begin behind them.
                if (piece.Count >= HistoryPiece && sample.SourceTicks > piece[^1].SourceTicks) break;
                piece.Add(sample);
            }
            if (piece.Count > 0) await TellAsync(client, run, piece, historical: true, cancel).ConfigureAwait(false);
            if (!_backlog.Advance(signal, stretch, piece.Count > 0 ? piece[^1].SourceTicks : null))
            {
                Interlocked.Increment(ref _untold);
                Log.GivenUp(log, known.Id.ToString(), new(stretch.From, TimeSpan.Zero), new(stretch.To, TimeSpan.Zero));
            }
            told += piece.Count;
            if (told >= HistoryPiece || _backlog.HasFresh || !_heard.IsEmpty) return true;
        }
        return told > 0;
    }

    private async Task ObeyAsync(IMqttClient client, Run run, PrimaryHost host, string topic, byte[] payload, CancellationToken cancel)
    {
        if (topic == host.Topic)
        {
            Hear(host, payload);
            return;
        }
        if (!SparkplugTopic.TryParse(topic, out var parsed) || parsed!.Kind is not (MessageKind.NCommand or MessageKind.DCommand)) return;
        foreach (var command in run.Node.Read(parsed, payload))
            switch (command)
            {
                case EdgeCommand.Rebirth:
                    Interlocked.Increment(ref _rebirths);
                    foreach (var message in run.Node.Births(_machines, Now)) await PublishAsync(client, message, 0, cancel).ConfigureAwait(false);
                    Become(s => s with { LastBirth = clocks.Factory.GetUtcNow() });
                    break;
                case EdgeCommand.Write(var signal, var value):
                    var writing = Task.Run(() => WriteAsync(run.House, signal, value, run.Stop), CancellationToken.None);
                    _writing[writing] = true;
                    _ = writing.ContinueWith(t => _writing.TryRemove(t, out var _), TaskScheduler.Default);
                    break;
                case EdgeCommand.Refused(var what, var why): Refuse(what, why); break;
            }
    }

    /// <summary>A device command is a request to the guard, like everybody's; the new value comes back as data when the machine holds it.</summary>
    private async Task WriteAsync(SparkplugEdgeHouse house, SignalId signal, SampleValue value, CancellationToken cancel)
    {
        var by = _settings.WriteAs;
        if (house.Writes is null || by.Length == 0)
        {
            Refuse($"DCMD {signal}", "no account is set that asks for writes (SparkplugEdge:WriteAs)");
            return;
        }
        try
        {
            var outcome = await house.Writes.RequestAsync(new(signal, value, by, "sparkplug"), cancel).ConfigureAwait(false);
            if (outcome.Done)
            {
                Interlocked.Increment(ref _written);
                Log.Written(log, signal.ToString(), value.ToString(), outcome.Message);
            }
            else Refuse($"DCMD {signal}", $"{outcome.Message} [{outcome.Rule}]");
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            Refuse($"DCMD {signal}", e.Message);
        }
    }

    private void Refuse(string what, string why)
    {
        if (SourceHealthTracker.IsWorthALine(Interlocked.Increment(ref _refused))) Log.Refused(log, what, why);
        Become(s => s with { Problem = $"{what}: {why}" });
    }

    private void Hear(PrimaryHost host, byte[] payload)
    {
        if (host.Hear(payload) is { } why) Log.StateUnreadable(log, host.Id!, why);
        Become(s => s with { HostOnline = host.IsOnline });
    }

    private void SavePlace(Run run)
    {
        run.PlacedAt = clocks.Wire.GetTimestamp();
        if (_backlog.Through is not { } through) return;
        var owed = new SortedDictionary<string, long>(StringComparer.Ordinal);
        foreach (var (signal, since) in _backlog.Owed())
            if (run.House.Signals.Find(signal) is { } known) owed[known.Id.ToString()] = since;
        if (through == run.Place.Through && owed.SequenceEqual(run.Place.Owed ?? [])) return;
        run.Place = run.Place with { Through = through, Owed = owed };
        try
        {
            run.Place.Save(PlaceOf(run.House));
        }
        catch (IOException e)
        {
            Refuse("place", e.Message);   // a full disk: after a restart more is told twice, nothing is lost
        }
    }

    private static Task<MqttClientPublishResult> PublishAsync(IMqttClient client, EdgeMessage message, MqttQualityOfServiceLevel qos, CancellationToken cancel) =>
        client.PublishAsync(new MqttApplicationMessageBuilder().WithTopic(message.Topic).WithPayload(message.Payload)
            .WithQualityOfServiceLevel(qos).WithRetainFlag(false).Build(), cancel);
}
