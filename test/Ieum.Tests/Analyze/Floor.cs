using System.Runtime.CompilerServices;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Analyze;

/// <summary>One machine with a recorded past, for tests: what was said when, in the order it was said.</summary>
internal sealed class Floor : IMeasurementHistory, IMachineSources
{
    public static readonly MachineId Mc1 = new("MC1");
    public static readonly SourceId Source = new("MC1.mtconnect");
    public static readonly DateTimeOffset Day = new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero);   // a Monday

    private readonly InMemorySignals _signals = new();
    private readonly List<Sample> _samples = [];
    private readonly List<Gap> _gaps = [];

    public FakeTimeProvider Clock { get; } = new(Day.AddDays(30));
    public IAnalyst Analyst => new Analyst(this, _signals, this, new(Clock, Clock), RetrofitRules.Default);

    public static DateTimeOffset At(int hour, int minute = 0, int second = 0) => Day + hour.Hours + minute.Minutes + second.Seconds;
    public static TimeRange Range(int fromHour, int toHour) => new(At(fromHour), At(toHour));

    public Floor Says(DateTimeOffset at, SignalRole role, string word, string name = "", DateTimeOffset? received = null, Quality quality = Quality.Good) =>
        Says(at, role, SampleValue.Of(word), name, received, quality);

    public Floor Says(DateTimeOffset at, SignalRole role, SampleValue value, string name = "", DateTimeOffset? received = null, Quality quality = Quality.Good, Unit? unit = null)
    {
        var signal = _signals.Register(new(new(Mc1, name.Length > 0 ? name : role.ToString()), unit ?? Unit.One, value.Kind, role));
        _samples.Add(new(signal, at.UtcTicks, (received ?? at).UtcTicks, value, quality));
        return this;
    }

    public Floor Executes(DateTimeOffset at, string word) => Says(at, SignalRole.Execution, word);
    public Floor Counts(DateTimeOffset at, long parts) => Says(at, SignalRole.PartCount, SampleValue.Of(parts));
    public Floor Alarms(DateTimeOffset at, string report, string name = "system") => Says(at, SignalRole.Condition, report, name);

    public Floor Misses(DateTimeOffset from, DateTimeOffset to, GapCause cause = GapCause.Disconnected, long? lost = null)
    {
        _gaps.Add(new(Source, new(from, to), cause, lost, "test"));
        return this;
    }

    public IReadOnlyList<SourceId> Of(MachineId machine) => machine == Mc1 ? [Source] : [];

    public async IAsyncEnumerable<Sample> RangeAsync(SignalNumber signal, TimeRange range, [EnumeratorCancellation] CancellationToken cancel)
    {
        await Task.CompletedTask;
        foreach (var s in _samples.Where(s => s.Signal == signal && range.Contains(s.SourceTime)).OrderBy(s => s.SourceTicks)) yield return s;
    }

    public Task<Sample?> BeforeAsync(SignalNumber signal, DateTimeOffset instant, CancellationToken cancel) =>
        Task.FromResult(_samples.Where(s => s.Signal == signal && s.SourceTime < instant).OrderBy(s => s.SourceTicks).Select(s => (Sample?)s).LastOrDefault());

    public Task<IReadOnlyList<Gap>> GapsAsync(SourceId source, TimeRange range, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<Gap>>([.. _gaps.Where(g => g.Source == source && g.Range.Overlaps(range))]);

    public Sample? Last(SignalNumber signal) => throw new NotSupportedException("The analyst never asks for last values.");
    public IReadOnlyList<LastValue> LastOf(MachineId machine) => throw new NotSupportedException("The analyst never asks for last values.");
    public Task<IReadOnlyList<Bucket>> DownsampleAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel) =>
        throw new NotSupportedException("The analyst never asks for buckets.");
    public Task<IReadOnlyList<StateDuration>> StateDurationsAsync(SignalNumber signal, TimeRange range, CancellationToken cancel) =>
        throw new NotSupportedException("The analyst never asks for durations.");
}
