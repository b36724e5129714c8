using Ieum.Model;
using Ieum.Node.Views;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>Two years of one value a second of each signal, made when asked for; ten minutes of every third hour are a gap.</summary>
internal sealed class FakeExplorer(FakeFloor floor, FakeLosses losses, IAnomalyDesk anomalies) : IExplorer
{
    private static readonly TimeSpan Past = TimeSpan.FromDays(730);

    /// <summary>Questions for sums so far.</summary>
    public int Asked { get; private set; }

    public DateTimeOffset Now => floor.Now;
    public bool Knows(SignalNumber signal) => signal.Value is > 0 and < 100;
    public bool Knows(MachineId machine) => floor.Card(machine) is not null;

    public Task<IReadOnlyList<Bucket>> BucketsAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel)
    {
        Asked++;
        var buckets = new List<Bucket>();
        for (var at = range.From; at < range.To; at += step)
        {
            if (at < Now - Past || at >= Now || (step < TimeSpan.FromHours(1) && InGap(at))) continue;
            var t = at.ToUnixTimeMilliseconds() / 3.6e6;
            var mean = signal.Value * 10 + 8 * Math.Sin(t / 3) + 3 * Math.Sin(t * 7);
            var count = Math.Max(1, (long)step.TotalSeconds);
            buckets.Add(new(new(at, at + step), count, mean, mean - 2, mean + 2 + signal.Value % 3, mean, at.Minute == 30 && at.Hour == 9 ? 1 : 0));
        }
        return Task.FromResult<IReadOnlyList<Bucket>>(buckets);
    }

    public async Task<ExploredStates> StatesAsync(MachineId machine, TimeRange range, CancellationToken cancel) => range.Duration <= TimeSpan.FromDays(2)
        ? new(await floor.TimelineAsync(machine, range, cancel), [], 0)
        : new([], [.. Enumerable.Range(0, (int)Math.Min(400, range.Duration.TotalDays)).Select(d => new StateShare(new(range.From.AddDays(d), range.From.AddDays(d + 1)), [.5f, .2f, .1f, .1f, .05f, .03f, .02f]))], 0);

    public async Task<ExploredMarks> MarksAsync(MachineId machine, TimeRange range, CancellationToken cancel)
    {
        var gaps = new List<Gap>();
        for (var hour = new DateTimeOffset(range.From.UtcDateTime.Date, TimeSpan.Zero); hour < range.To && gaps.Count < 400; hour = hour.AddHours(3))
            gaps.Add(new(new("s"), new(hour, hour.AddMinutes(10)), GapCause.Disconnected, null, ""));
        return new([.. gaps], await losses.StopsAsync(machine, range, cancel),
            [new(new(Now.AddHours(-2), Now.AddHours(-1.8)), "system", "1001", ConditionLevel.Fault, "SPINDLE OVERLOAD")], [.. (await anomalies.ListAsync(3, cancel)).Where(f => f.Machine == machine)], 0);
    }

    private static bool InGap(DateTimeOffset at) => at.UtcDateTime.Hour % 3 == 0 && at.Minute < 10;
}
