using System.Collections.Immutable;
using System.Threading.Channels;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Manual;

/// <summary>What people enter at one machine. An entry is answered only when the node's queue has it.</summary>
internal sealed class ManualSource(
    ConnectionSettings settings, ImmutableArray<ManualPoint> points, ISignalDirectory signals, ManualDesk desk, IPlaces? places, Clocks clocks, ILogger log) : IMachineSource
{
    /// <summary>Ids of the newest entries, kept over restarts: a phone that was away sends again what was taken already.</summary>
    private const int MostIds = 1000;

    private readonly record struct Waiting(ManualEntry Entry, TaskCompletionSource<ManualAnswer> Answer);

    private readonly Channel<Waiting> _entries = Channel.CreateBounded<Waiting>(256);
    private readonly SourceHealthTracker _health = new(clocks.Factory);
    private readonly Queue<Guid> _order = new();
    private readonly HashSet<Guid> _known = [];

    public ConnectionSettings Settings => settings;
    public SourceHealth Health => _health.Health;
    public ImmutableArray<ManualPoint> Points => points;

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public async Task<ManualAnswer> EnterAsync(ManualEntry entry, CancellationToken cancel)
    {
        var answer = new TaskCompletionSource<ManualAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        try { await _entries.Writer.WriteAsync(new(entry, answer), cancel).ConfigureAwait(false); }
        catch (ChannelClosedException) { return Stopped(); }
        return await answer.Task.WaitAsync(cancel).ConfigureAwait(false);
    }

    public async Task RunAsync(ISampleSink sink, CancellationToken cancel)
    {
        Resume(places?.Find(settings.Source)?.Place);
        var batch = new SampleBatcher(settings, sink, _health, clocks.Wire);
        var numbers = settings.Points.Zip(points).SelectMany(p => ManualPoints.SignalsOf(settings.Machine, p.First, p.Second))
            .ToDictionary(s => s.Id.Name, signals.Register, StringComparer.Ordinal);
        desk.Open(this);
        _health.SetLink(LinkState.Connected);
        try
        {
            await foreach (var (entry, answer) in _entries.Reader.ReadAllAsync(cancel).ConfigureAwait(false))
            {
                var said = Take(entry, numbers, batch);
                try { await batch.FlushAsync(cancel).ConfigureAwait(false); }
                catch (OperationCanceledException)
                {
                    answer.TrySetResult(Stopped());
                    throw;
                }
                answer.TrySetResult(said);
            }
        }
        finally
        {
            desk.Close(this);
            _entries.Writer.TryComplete();
            while (_entries.Reader.TryRead(out var left)) left.Answer.TrySetResult(Stopped());
            _health.SetLink(LinkState.Disconnected);
        }
    }

    private ManualAnswer Take(ManualEntry entry, Dictionary<string, SignalNumber> numbers, SampleBatcher batch)
    {
        if (_known.Contains(entry.Id)) return new(true, null, "It was taken before.");
        var now = clocks.Factory.GetUtcNow();
        var at = Array.FindIndex([.. points], p => p.Name == entry.Point);
        _health.Received(1, now.UtcTicks);
        if (at < 0) return Refuse(ManualRules.NoPoint, $"Machine '{settings.Machine}' has no manual point '{entry.Point}'.");
        if (!ManualPoints.TryRead(points[at], settings.Points[at], entry, now, out var value, out var rule, out var why))
            return Refuse(rule, $"Point '{entry.Point}' of machine '{settings.Machine}': {why}");
        batch.Add(new Sample(numbers[entry.Point], entry.At.UtcTicks, now.UtcTicks, value, Quality.Good));
        if (points[at].Kind == ManualKind.State && !points[at].Choices.IsEmpty)
        {
            // Running ends the reason, so that an old one does not stand beside a running machine.
            _health.Received(1, now.UtcTicks);
            batch.Add(new Sample(numbers[ManualPoints.ReasonOf(entry.Point)], entry.At.UtcTicks, now.UtcTicks, SampleValue.Of(entry.Reason ?? ""), Quality.Good));
        }
        Remember(entry.Id);
        batch.Place = string.Concat(_order.Select(id => id.ToString("n")));
        ManualLog.Entered(log, settings.Source, entry.By, entry.Point, value.ToString(), entry.Reason ?? "", entry.At);
        return new(true, null, "Taken.");
    }

    private ManualAnswer Refuse(string rule, string message)
    {
        _health.Rejected(1);
        _health.Problem(rule, message);
        return new(false, rule, message);
    }

    private void Remember(Guid id)
    {
        if (!_known.Add(id)) return;
        _order.Enqueue(id);
        if (_order.Count > MostIds) _known.Remove(_order.Dequeue());
    }

    private void Resume(string? place)
    {
        for (var at = 0; place is not null && at + 32 <= place.Length; at += 32)
            if (Guid.TryParseExact(place.AsSpan(at, 32), "n", out var id)) Remember(id);
    }

    private ManualAnswer Stopped() => new(false, ManualRules.NotRunning, $"The manual connection of machine '{settings.Machine}' is stopping.");
}

internal static partial class ManualLog
{
    [LoggerMessage(1710, LogLevel.Information, "{Source}: {By} entered {Point} = {Value} {Reason} at {At:O}.")]
    public static partial void Entered(ILogger log, SourceId source, string by, string point, string value, string reason, DateTimeOffset at);
}
