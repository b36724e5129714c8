using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ieum.Plan;

/// <summary>Request → problem → heuristic plan → CP-SAT → checker → answer.</summary>
internal sealed class Planner(IOptionsMonitor<PlanOptions> settings, Clocks clocks, ILogger<Planner> log, SolverProgram? program = null) : IPlanner
{
    public Task<PlanOutcome> PlanAsync(PlanRequest request, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        // A search takes all it is given; the caller's thread belongs to the caller.
        return Task.Run(() => Plan(request, settings.CurrentValue, cancel), cancel);
    }

    private PlanOutcome Plan(PlanRequest request, PlanOptions options, CancellationToken cancel)
    {
        var begun = clocks.Wire.GetTimestamp();
        var built = ProblemBuilder.Build(request, options);
        if (!built.Conflicts.IsEmpty) return Impossible(built.Conflicts);
        foreach (var u in built.Times.All)
            Log.TimeUsed(log, u.Item.Value, u.Machine.Value, u.Measured!.PerPiece.TotalSeconds, u.Measured.Samples, u.Nominal.TotalSeconds, u.Used.TotalSeconds);
        List<PlanViolation> refused = [];
        PlanOutcome? Checked(Layout layout, string solver, double gap) => Check(request, options, built, layout, solver, gap, begun, refused);
        if (built.Problem.Tasks.IsEmpty) return Checked(new Layout(0), "nothing left to plan", 0) ?? Refusal(refused);

        var decoder = new Decoder(built.Problem);
        Layout heuristic;
        string rule;
        try
        {
            (heuristic, rule) = Dispatching.Best(decoder);
            heuristic = LocalSearch.Improve(decoder, heuristic, options.Trials, options.Seed, cancel);
        }
        catch (BeyondHorizonException)
        {
            return Impossible([new(PlanRules.BeyondHorizon, "The orders need more working time than their machines have within two years; check calendars, down times and quantities.", null)]);
        }

        var (best, gap, solver) = Improve(decoder, heuristic, rule, options, cancel);
        return Checked(best, solver, gap)
            ?? (ReferenceEquals(best, heuristic) ? null : Checked(heuristic, $"heuristic ({rule})", 1))
            ?? Refusal(refused);
    }

    private (Layout Layout, double Gap, string Solver) Improve(Decoder decoder, Layout heuristic, string rule, PlanOptions options, CancellationToken cancel)
    {
        try
        {
            // Apart, so that native code that aborts ends a child and not the node.
            using ICpEngine engine = program is null ? new CpInProcess() : new CpProcess(program);
            var result = new CpImprover(decoder, options, clocks.Wire, engine).Improve(heuristic, cancel);
            var best = result.Layout.Score.IsBetterThan(heuristic.Score) ? result.Layout : heuristic;
            var improved = !ReferenceEquals(best, heuristic);
            // What is on time and ends early may still hold work back without need; the search settles the flow.
            if (improved) best = LocalSearch.Improve(decoder, best, options.Trials / 4, options.Seed, cancel);
            var gap = GapOf(best.Score, result);
            return (best, gap, string.Create(CultureInfo.InvariantCulture,
                $"{(improved ? "CP-SAT" : $"heuristic ({rule}), CP-SAT found no better")}; late {best.Score.Tardiness} weighted min (bound {result.TardinessBound}), end {best.Score.Makespan} min (bound {result.MakespanBound})"));
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.SolverFailed(log, e);
            return (heuristic, 1, $"heuristic ({rule}), CP-SAT failed");
        }
    }

    /// <summary>Distance of lateness to its bound while that is open, then of the end.</summary>
    private static double GapOf(Score score, CpResult bounds)
    {
        if (score.Tardiness > bounds.TardinessBound) return (score.Tardiness - bounds.TardinessBound) / (double)score.Tardiness;
        return score.Makespan <= bounds.MakespanBound ? 0 : (score.Makespan - bounds.MakespanBound) / (double)score.Makespan;
    }

    /// <summary>The answer with this layout; null when the checker refuses it.</summary>
    private PlanOutcome.Planned? Check(PlanRequest request, PlanOptions options, BuiltProblem built, Layout layout, string solver, double gap,
        long begun, List<PlanViolation> refused)
    {
        var plan = PlanWriter.Write(request, built, layout, solver);
        var violations = PlanVerifier.Check(request, plan, built.Times.All, options);
        refused.AddRange(violations);
        foreach (var v in violations) Log.Refused(log, solver, v.Rule, v.Message);
        if (violations.Count > 0) return null;
        plan = plan with { Verified = true };
        var (late, spentMs) = (plan.Late.Count(), (long)clocks.Wire.GetElapsedTime(begun).TotalMilliseconds);
        Log.Planned(log, plan.Number, plan.Operations.Length, late, gap, spentMs, solver);
        return new PlanOutcome.Planned(plan, gap, built.Times.All);
    }

    private PlanOutcome.Impossible Refusal(IEnumerable<PlanViolation> refused) =>
        Impossible([.. refused.Select(v => new PlanConflict(v.Rule, v.Message, v.Order))]);

    private PlanOutcome.Impossible Impossible(ImmutableArray<PlanConflict> conflicts)
    {
        foreach (var c in conflicts) Log.Impossible(log, c.Rule, c.Message);
        return new PlanOutcome.Impossible(conflicts);
    }
}
