using System.Threading.Channels;
using Ieum.Act;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>
/// Watches every numeric signal beside the way to the store: batches are handed over without waiting, judged on a thread of
/// their own, and each alarm becomes a finding with an advice in the loop ledger.
/// </summary>
internal sealed class AnomalyWatch(
    ISignalDirectory signals, AnomalyStore store, ILoopLedger ledger, NodeSetup setup, IOptions<AnomalyOptions> options, Clocks clocks, ILogger<AnomalyWatch> log)
    : BackgroundService, IAnomalyDesk
{
    public const string Loop = "anomaly";

    // What a slow moment may pile up; beyond it the oldest is not judged. It is stored all the same.
    private const int Waiting = 256, WaitingSamples = 262_144;
    private static readonly TimeSpan OneEvent = TimeSpan.FromMinutes(30), Month = TimeSpan.FromDays(28), LeastWatched = TimeSpan.FromDays(1);
    private readonly Channel<SampleBatch> _batches = Channel.CreateUnbounded<SampleBatch>();   // bounded by its weight
    private readonly Dictionary<int, Watched> _watched = [];
    private readonly SemaphoreSlim _gate = new(1, 1);   // judging, answering and keeping take turns

    private int _weight;
    private bool _loaded;

    private sealed record Watched(DateTimeOffset Since, LiveSignal Learned, Signal Signal);

    public event Action? Changed;

    /// <summary>A finding was added; raised while judging, so whoever listens only takes note.</summary>
    public event Action<AnomalyFinding>? Found;

    private string MemoryFile => Path.Combine(setup.DataFolder, "anomaly.bin");

    /// <summary>Hands a batch over; never waits.</summary>
    public void Tell(SampleBatch batch)
    {
        if (!options.Value.Enabled || batch.Samples.IsEmpty) return;
        Interlocked.Add(ref _weight, Weight(batch));
        _batches.Writer.TryWrite(batch);
        while (Volatile.Read(ref _weight) > WaitingSamples && _batches.Reader.TryRead(out var oldest)) Gone(oldest);
    }

    /// <summary>Batches of a busy source are large, so what waits is bounded by samples; a small one counts as its part of all that may wait.</summary>
    private static int Weight(SampleBatch batch) => Math.Max(batch.Samples.Length, WaitingSamples / Waiting);

    /// <summary>Batches that wait to be judged.</summary>
    internal int Backlog => _batches.Reader.Count;

    private void Gone(SampleBatch batch) => Interlocked.Add(ref _weight, -Weight(batch));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.Enabled) return;
        await Task.Yield();
        foreach (var (number, since, learned) in AnomalyMemory.Load(MemoryFile))
            if (signals.Find(new SignalNumber(number)) is { } signal) _watched[number] = new(since, learned, signal);
        _loaded = true;
        var kept = clocks.Wire.GetTimestamp();
        try
        {
            while (await _batches.Reader.WaitToReadAsync(stoppingToken))
                while (_batches.Reader.TryRead(out var batch))
                {
                    Gone(batch);
                    try
                    {
                        await JudgeAsync(batch, CancellationToken.None);   // a stop must not lose a finding half told
                        if (clocks.Wire.GetElapsedTime(kept) < options.Value.KeepEvery) continue;
                        await KeepAsync();
                        kept = clocks.Wire.GetTimestamp();
                    }
                    catch (Exception e) when (e is not OperationCanceledException)
                    {
                        Log.TurnFailed(log, e, Loop);
                    }
                }
        }
        catch (OperationCanceledException)
        {
            // the node stops
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (!_loaded) return;   // nothing learned in this run, and what an earlier one learned must stay
        while (_batches.Reader.TryRead(out var batch)) await JudgeAsync(batch, CancellationToken.None);
        await KeepAsync();
    }

    internal async Task JudgeAsync(SampleBatch batch, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            foreach (var alarm in Judge(batch)) await RaiseAsync(alarm.Number, alarm.Watched.Signal, alarm.Alarm, SignalDetector.Model, SignalDetector.Version, "min", cancel);
        }
        finally
        {
            _gate.Release();
        }
    }

    private List<(int Number, Watched Watched, LiveAlarm Alarm)> Judge(SampleBatch batch)
    {
        List<(int, Watched, LiveAlarm)> alarms = [];
        foreach (ref readonly var sample in batch.Samples.Span)
        {
            if (sample.Quality is not (Quality.Good or Quality.Uncertain) || sample.Value.Kind is not (ValueKind.Real or ValueKind.Integer)) continue;
            var number = sample.Signal.Value;
            if (!_watched.TryGetValue(number, out var watched))
            {
                if (signals.Find(sample.Signal) is not { } signal || !Watches(signal)) continue;
                _watched[number] = watched = new(sample.SourceTime, new(), signal);
            }
            if (watched.Learned.Take(sample.SourceTicks, sample.Value.Number) is { } alarm) alarms.Add((number, watched, alarm));
        }
        return alarms;
    }

    /// <summary>Counters always reach new heights, and numbers of tools and states are names: neither can be unusual.</summary>
    internal static bool Watches(Signal signal) => signal.Role is SignalRole.None or SignalRole.SpindleSpeed or SignalRole.Load or SignalRole.Temperature
        or SignalRole.Position or SignalRole.Feedrate or SignalRole.Power or SignalRole.Current;

    /// <summary>Takes in what a nightly model found; it goes the way of every other finding.</summary>
    internal async Task ReportAsync(SignalNumber number, Signal signal, LiveAlarm alarm, string model, string version, string learned, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel);
        try
        {
            await RaiseAsync(number.Value, signal, alarm, model, version, learned, cancel);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task RaiseAsync(int number, Signal signal, LiveAlarm alarm, string model, string version, string learned, CancellationToken cancel)
    {
        var machine = signal.Id.Machine;
        var recent = await store.ListAsync(50, cancel);
        if (recent.FirstOrDefault(f => f.Machine == machine && f.Answer is null && (alarm.To - f.At).Duration() <= OneEvent) is { } same)
        {
            await store.ReplaceAsync(same with { More = same.More + 1 }, cancel);   // one event of a machine is one finding
            Changed?.Invoke();
            return;
        }
        var kind = alarm.Kind.ToString().ToLowerInvariant();
        var entry = await ledger.AdviseAsync(Loop, AutonomyLevel.Advise,
            LoopText.Of(LoopTexts.FindingAnomaly, signal.Id.Name, machine, kind, Math.Round(alarm.Value, 3), signal.Unit.Symbol).ToString(),
            LoopText.Of(LoopTexts.AdviceLook, machine).ToString(),
            FormattableString.Invariant($"{model} {version}, {alarm.Samples} {learned}"), Math.Round(alarm.Confidence, 3), cancel);
        var finding = await store.AddAsync(new(0, machine, number, signal.Id.Name, signal.Unit.Symbol, alarm.To, alarm.From, alarm.To, alarm.Kind,
            Math.Round(alarm.Score, 3), alarm.Value, alarm.Samples, Math.Round(alarm.Confidence, 3), model, version, entry.Number), cancel);
        Found?.Invoke(finding);
        Changed?.Invoke();
    }

    public async Task<IReadOnlyList<AnomalyFinding>> ListAsync(int most, CancellationToken cancel)
    {
        var all = await store.ListAsync(Math.Max(most, 1000), cancel);
        var now = clocks.Factory.GetUtcNow();
        Dictionary<int, DateTimeOffset> since;
        await _gate.WaitAsync(cancel);
        try
        {
            since = _watched.ToDictionary(w => w.Key, w => w.Value.Since);
        }
        finally
        {
            _gate.Release();
        }
        return [.. all.Take(most).Select(f => f with { FalsePerWeek = since.TryGetValue(f.Signal, out var s) ? FalsePerWeek(all.Where(o => o.Signal == f.Signal), s, now) : null })];
    }

    /// <summary>Null before a day was watched: nothing can be said a week.</summary>
    internal static double? FalsePerWeek(IEnumerable<AnomalyFinding> findings, DateTimeOffset since, DateTimeOffset now)
    {
        var watched = now - since < Month ? now - since : Month;
        return watched < LeastWatched ? null : findings.Count(f => f.At > now - watched && f.Answer is not AlarmAnswer.Right) / (watched / TimeSpan.FromDays(7));
    }

    public async Task<AnomalyFinding> AnswerAsync(long number, AlarmAnswer answer, string by, CancellationToken cancel)
    {
        var finding = await store.FindAsync(number, cancel) ?? throw new InvalidOperationException($"There is no finding {number}.");
        await ledger.DecideAsync(finding.Entry, answer == AlarmAnswer.Right, by, answer switch { AlarmAnswer.Known => "known", AlarmAnswer.Wrong => "wrong", _ => null }, cancel);
        return await LearnAsync(finding, answer, by);
    }

    /// <summary>The entry was decided on the page of decisions: accepted means right, refused means wrong.</summary>
    public async Task SettledAsync(long entry, bool accepted, string by)
    {
        if ((await store.ListAsync(1000, CancellationToken.None)).FirstOrDefault(f => f.Entry == entry && f.Answer is null) is { } finding)
            await LearnAsync(finding, accepted ? AlarmAnswer.Right : AlarmAnswer.Wrong, by);
    }

    private async Task<AnomalyFinding> LearnAsync(AnomalyFinding finding, AlarmAnswer answer, string by)
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            if (_watched.TryGetValue(finding.Signal, out var watched)) watched.Learned.Answer(answer, finding.Kind, finding.To);
            finding = finding with { Answer = answer, By = by, AnsweredAt = clocks.Factory.GetUtcNow() };
            await store.ReplaceAsync(finding, CancellationToken.None);
        }
        finally
        {
            _gate.Release();
        }
        await KeepAsync();
        if (answer == AlarmAnswer.Right) await ledger.ReceiptAsync(finding.Entry, true, LoopText.Of(LoopTexts.ReceiptAnswered).ToString(), CancellationToken.None);
        Changed?.Invoke();
        return finding;
    }

    private async Task KeepAsync()
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            AnomalyMemory.Save(MemoryFile, _watched.Select(w => (w.Key, w.Value.Since, w.Value.Learned)));
        }
        finally
        {
            _gate.Release();
        }
    }

    public override void Dispose()
    {
        _gate.Dispose();
        base.Dispose();
    }
}
