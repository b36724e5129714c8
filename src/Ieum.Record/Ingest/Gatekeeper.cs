using System.Globalization;
using Ieum.Model;
using Ieum.Record.Tend;
using Microsoft.Extensions.Logging;

namespace Ieum.Record.Ingest;

/// <summary>Looks at every sample before it is stored, and sets aside what no history could hold.</summary>
internal sealed class Gatekeeper(SignalDirectory signals, RollupBook book, Clocks clocks, ILogger log)
{
    public const int LongestText = 65_536;
    private static readonly long Earliest = new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    private static readonly long Latest = DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay;
    private static readonly TimeSpan LogEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _logged = [];
    private long _rejected;

    public long Rejected => Interlocked.Read(ref _rejected);

    public PendingBatch Check(SampleBatch batch)
    {
        var samples = batch.Samples.Span;
        for (var i = 0; i < samples.Length; i++)
            if (Broken(samples[i]) is not null) return Sieve(batch);
        return new(batch, batch.Samples, []);
    }

    private PendingBatch Sieve(SampleBatch batch)
    {
        var accepted = new List<Sample>(batch.Samples.Length);
        Dictionary<(SignalNumber, string), Rejection> refused = [];
        foreach (var sample in batch.Samples.Span)
        {
            if (Broken(sample) is not { } rule)
            {
                accepted.Add(sample);
                continue;
            }
            var key = (sample.Signal, rule);
            refused[key] = refused.TryGetValue(key, out var before)
                ? before with { Count = before.Count + 1 }
                : new(clocks.Factory.GetUtcNow(), batch.Source, batch.Machine, sample.Signal, rule, 1, Describe(sample));
        }
        return new(batch, accepted.ToArray(), [.. refused.Values]);
    }

    /// <summary>Counts and tells what a finished batch had refused; the log at most once in ten seconds for a rule.</summary>
    public void Tell(PendingBatch batch)
    {
        if (batch.Rejected == 0) return;
        var total = Interlocked.Add(ref _rejected, batch.Rejected);
        foreach (var r in batch.Rejections)
        {
            lock (_gate)
            {
                var now = clocks.Wire.GetTimestamp();
                if (_logged.TryGetValue(r.Rule, out var last) && clocks.Wire.GetElapsedTime(last, now) < LogEvery) continue;
                _logged[r.Rule] = now;
            }
            Log.Refused(log, r.Count, r.Source.Value, r.Signal.Value, r.Rule, r.Example, total);
        }
    }

    private string? Broken(in Sample sample)
    {
        if (sample.SourceTicks < Earliest || sample.ReceiveTicks < Earliest || sample.ReceiveTicks > Latest
            || sample.SourceTicks > sample.ReceiveTicks + TimeSpan.TicksPerDay) return RecordRules.TimeOutOfRange;
        if (!signals.Knows(sample.Signal)) return RecordRules.UnknownSignal;
        if (sample.SourceTicks < book.RawFrom(sample.Signal.Value)) return RecordRules.OlderThanKept;
        return sample.Value.Text is { Length: > LongestText } ? RecordRules.TextTooLong : null;
    }

    private static string Describe(in Sample sample)
    {
        var value = sample.Value.ToString();
        if (value.Length > 80) value = value[..80] + "…";
        return $"'{value}', source time {Time(sample.SourceTicks)}, received {Time(sample.ReceiveTicks)}";
    }

    private static string Time(long ticks) => ticks >= 0 && ticks <= DateTime.MaxValue.Ticks
        ? new DateTime(ticks, DateTimeKind.Utc).ToString("o", CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{ticks} ticks");
}
