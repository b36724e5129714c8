using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>A measured time against the one the plan in force was made with.</summary>
/// <param name="InForce">Time per piece that was planned with.</param>
public sealed record TimeDrift(MeasuredCycle Measured, TimeSpan InForce)
{
    /// <summary>Difference as a part of the time planned with; positive is slower than planned.</summary>
    public double Part => InForce == TimeSpan.Zero ? 0 : (Measured.PerPiece - InForce) / InForce;
}

/// <summary>What the watch looks at, once.</summary>
/// <param name="Plan">Number of the plan in force.</param>
/// <param name="PlanMade">When it was put into force.</param>
public sealed record ReplanLook(DateTimeOffset Now, int Plan, DateTimeOffset PlanMade, IReadOnlyList<LateOperation> Late, IReadOnlyList<TimeDrift> Drifts);

/// <summary>What was told before, so that nothing is told twice. Give back what the last look returned.</summary>
/// <param name="LastReplan">When the replan loop was told last; null for never.</param>
/// <param name="LastLearn">When the learned-time loop was told last; null for never.</param>
/// <param name="Late">How late each operation was when it was told, in the plan of that time.</param>
/// <param name="Learned">The time per piece that was told for each machine and item.</param>
public sealed record ReplanMemory(
    DateTimeOffset? LastReplan, DateTimeOffset? LastLearn,
    ImmutableDictionary<(int Plan, OperationId Operation), TimeSpan> Late,
    ImmutableDictionary<(MachineId Machine, ItemId Item), TimeSpan> Learned)
{
    public static ReplanMemory Empty { get; } = new(null, null,
        ImmutableDictionary<(int, OperationId), TimeSpan>.Empty, ImmutableDictionary<(MachineId, ItemId), TimeSpan>.Empty);
}

/// <summary>An advice, ready for the ledger.</summary>
/// <param name="Loop"><c>replan</c> or <c>learned-time</c>.</param>
/// <param name="PlanReason">Reason of the plan it leads to, as in <see cref="PlanVersion.Reason"/>.</param>
/// <param name="Confidence">0 to 1; how sure it is that the finding is no accident.</param>
/// <param name="Learn">The measured times to plan with from now on; empty in the replan loop.</param>
public sealed record ReplanAdvice(
    string Loop, string PlanReason, LoopText Finding, LoopText Advice, string Model, double Confidence, ImmutableArray<MeasuredCycle> Learn)
{
    /// <summary>The data it rests on; null where that is the state of one instant.</summary>
    public TimeRange? Window { get; init; }
}

/// <summary>Decides when a new plan is worth asking for. Pure: looks, remembers, advises; the node acts.</summary>
public static class ReplanWatch
{
    public const string ReplanLoop = "replan", LearnedTimeLoop = "learned-time";

    /// <returns>At most one advice per loop, and what to remember for the next look.</returns>
    public static (ImmutableArray<ReplanAdvice> Advices, ReplanMemory Memory) Look(ReplanLook look, ReplanMemory memory, ActOptions options)
    {
        ArgumentNullException.ThrowIfNull(look);
        ArgumentNullException.ThrowIfNull(memory);
        ArgumentNullException.ThrowIfNull(options);
        var advices = ImmutableArray.CreateBuilder<ReplanAdvice>();
        if (Late(look, memory, options) is { } late)
        {
            advices.Add(late);
            memory = memory with
            {
                LastReplan = look.Now,
                Late = look.Late.Aggregate(memory.Late.RemoveRange(memory.Late.Keys.Where(k => k.Plan != look.Plan)),
                    (told, l) => told.SetItem((look.Plan, l.Planned.Operation), l.By)),
            };
        }
        if (Drift(look, memory, options) is { } drift)
        {
            advices.Add(drift);
            memory = memory with
            {
                LastLearn = look.Now,
                Learned = drift.Learn.Aggregate(memory.Learned, (told, m) => told.SetItem((m.Machine, m.Item), m.PerPiece)),
            };
        }
        return (advices.DrainToImmutable(), memory);
    }

    private static ReplanAdvice? Late(ReplanLook look, ReplanMemory memory, ActOptions options)
    {
        // A plan that has just come is given time; so is the shop after an advice that was declined.
        if (look.Now - look.PlanMade < options.AdviceInterval || look.Now - memory.LastReplan < options.AdviceInterval) return null;
        var tolerance = options.LateTolerance;
        // Told once per plan, and again when it has become worse by as much again.
        var news = look.Late.Where(l => l.By > tolerance
            && (!memory.Late.TryGetValue((look.Plan, l.Planned.Operation), out var told) || l.By > told * 2)).ToArray();
        if (news.Length == 0) return null;
        var worst = news.MaxBy(l => l.By)!;
        return new(ReplanLoop, "late-operation",
            LoopText.Of(LoopTexts.FindingLate, look.Late.Count(l => l.By > tolerance), worst.Planned.Operation, worst.Actual.Machine ?? worst.Planned.Machine, (long)worst.By.TotalMinutes),
            LoopText.Of(LoopTexts.AdviceReplan, look.Plan),
            string.Create(CultureInfo.InvariantCulture, $"late watch 1, tolerance {tolerance.TotalMinutes:0.#} min"),
            // At the tolerance it is even odds that the delay is made up; at four times of it hardly.
            Math.Round(1 - 0.5 * (tolerance / worst.By), 2), []);
    }

    private static ReplanAdvice? Drift(ReplanLook look, ReplanMemory memory, ActOptions options)
    {
        if (look.Now - memory.LastLearn < options.AdviceInterval) return null;
        var news = look.Drifts.Where(d => IsReal(d, options)
            && (!memory.Learned.TryGetValue((d.Measured.Machine, d.Measured.Item), out var told)
                || Math.Abs((d.Measured.PerPiece - told) / told) >= options.DriftLimit)).ToArray();
        if (news.Length == 0) return null;
        var worst = news.MaxBy(d => Math.Abs(d.Part))!;
        var m = worst.Measured;
        return new(LearnedTimeLoop, "learned-time",
            LoopText.Of(LoopTexts.FindingDrift, m.Item, m.Machine, Seconds(m.PerPiece), m.Samples, Seconds(worst.InForce), Math.Round(worst.Part * 100, 1)),
            LoopText.Of(LoopTexts.AdviceLearn, m.Item, m.Machine, Seconds(m.PerPiece), Seconds(worst.InForce)),
            string.Create(CultureInfo.InvariantCulture, $"cycle drift 1, limit {options.DriftLimit * 100:0.#} %, {m.Samples} cycles"),
            Confidence(worst), [.. news.Select(d => d.Measured).OrderBy(x => x.Machine).ThenBy(x => x.Item.Value, StringComparer.Ordinal)]);
    }

    /// <summary>Enough cycles, a difference that matters, and the time planned with lies outside of the 95 % interval.</summary>
    private static bool IsReal(TimeDrift d, ActOptions options) =>
        d.Measured.Samples >= options.DriftSamples && d.InForce > TimeSpan.Zero && d.Measured.PerPiece > TimeSpan.Zero
        && Math.Abs(d.Part) >= options.DriftLimit && (d.InForce < d.Measured.Low || d.InForce > d.Measured.High);

    /// <summary>0.95 at the end of the interval, nearer to 1 the further the planned time lies from it.</summary>
    private static double Confidence(TimeDrift d)
    {
        var half = (d.Measured.High - d.Measured.Low) / 2;
        var distance = (d.Measured.PerPiece - d.InForce).Duration();
        return Math.Round(Math.Clamp(1 - 0.05 * (half / distance), 0.95, 0.999), 3);
    }

    private static double Seconds(TimeSpan t) => Math.Round(t.TotalSeconds, 1);
}
