using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Record;

namespace Ieum.Node.Loop;

/// <summary>Answers of the history explorer, from the rooms.</summary>
internal sealed class Explorer(
    IRecorder recorder, IAnalyst analyst, IMachineSources sources, ILossDesk losses, IAnomalyDesk anomalies, FactoryState factory, Clocks clocks) : IExplorer
{
    private static readonly TimeSpan Detail = TimeSpan.FromDays(2), Week = TimeSpan.FromDays(7);
    private const int MostSpans = 4000, MostMarks = 400;
    private readonly StateDigest _digest = new(analyst, clocks);

    public DateTimeOffset Now => clocks.Factory.GetUtcNow();

    public bool Knows(SignalNumber signal) => recorder.Find(signal) is not null;
    public bool Knows(MachineId machine) => factory.Company.Machines.Any(m => m.Id == machine);

    public Task<IReadOnlyList<Bucket>> BucketsAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel) =>
        recorder.DownsampleAsync(signal, range, step, cancel);

    public async Task<ExploredStates> StatesAsync(MachineId machine, TimeRange range, CancellationToken cancel)
    {
        if (range.Duration <= Detail && await analyst.TimelineAsync(machine, range, cancel) is { Length: <= MostSpans } spans) return new(spans, [], 0);
        return await _digest.SharesAsync(machine, range, cancel);
    }

    public async Task<ExploredMarks> MarksAsync(MachineId machine, TimeRange range, CancellationToken cancel)
    {
        List<Gap> gaps = [];
        foreach (var source in sources.Of(machine)) gaps.AddRange(await recorder.GapsAsync(source, range, cancel));
        ImmutableArray<ExplainedStop> stops = [];
        ImmutableArray<AlarmSpan> alarms = [];
        if (range.Duration <= Week)
        {
            stops = [.. (await losses.StopsAsync(machine, range, cancel)).Where(s => s.Stop.Range.Duration >= losses.AskAfter)];
            alarms = await analyst.AlarmSpansAsync(machine, range, cancel);
        }
        ImmutableArray<AnomalyFinding> findings = [.. (await anomalies.ListAsync(1000, cancel)).Where(f => f.Machine == machine && range.Contains(f.At))];
        var left = Math.Max(0, gaps.Count - MostMarks) + Math.Max(0, stops.Length - MostMarks) + Math.Max(0, alarms.Length - MostMarks);
        return new([.. gaps.OrderByDescending(g => g.Range.Duration).Take(MostMarks).OrderBy(g => g.Range.From)],
            [.. stops.OrderByDescending(s => s.Stop.Range.Duration).Take(MostMarks).OrderBy(s => s.Stop.Range.From)],
            [.. alarms.OrderByDescending(a => a.Level).ThenByDescending(a => a.Range.Duration).Take(MostMarks).OrderBy(a => a.Range.From)], findings, left);
    }
}
