using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Ieum.Plan;

/// <summary>Request → factory problem → rules → search; where the factory is plain, tabu search and CP-SAT beside each other → two checkers → answer.</summary>
internal sealed class Planner(IOptionsMonitor<PlanOptions> settings, Clocks clocks, ILogger<Planner> log, SolverProgram? program = null) : IPlanner
{
    /// <summary>Part of the time that the search over everything may take before the two searches of a plain factory, or before it goes on where that is not plain.</summary>
    private const double SearchShare = 0.5;

    /// <summary>The same where the time was given with the request and all of the factory is plain: there the two do better.</summary>
    private const double PlainShare = 0.05;

    /// <summary>Steps of the tabu search in place of one trial: about as long as CP-SAT works for its default effort.</summary>
    private const long StepsPerTrial = 4;

    /// <summary>A replan is answered within 5 s; what it finds later than that nobody waits for.</summary>
    private static readonly TimeSpan SteadyLimit = TimeSpan.FromSeconds(4);

    /// <summary>The same where nothing comes after it but the checks.</summary>
    private const double SteadyShare = 0.85;

    public Task<PlanOutcome> PlanAsync(PlanRequest request, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(request);
        // A search takes all it is given; the caller's thread belongs to the caller.
        return Task.Run(() => Plan(request, settings.CurrentValue, cancel), cancel);
    }

    /// <summary>Milliseconds a task below which CP-SAT's model is not worth building: in so little time it neither finds nor proves.</summary>
    private const int CpPerTask = 10;

    /// <summary>What one solve carries along.</summary>
    private sealed record Run(PlanRequest Request, PlanOptions Options, BuiltFactory Built, FactoryLayout Layout, FactoryDecoder Decoder, long Begun, TimeSpan Limit, int Trials, CancellationToken Cancel);

    /// <param name="Bound">What no plan beats: minutes late times weight, minute of the last end.</param>
    private sealed record Found(FactoryVector Vector, FactoryPlan Plan, string Solver, (double Tardiness, long Makespan) Bound);

    private PlanOutcome Plan(PlanRequest request, PlanOptions options, CancellationToken cancel)
    {
        var begun = clocks.Wire.GetTimestamp();
        // One number, two orders: the first is planned and the other told, so that a slip of the pen costs nobody else the plan.
        var doubles = request.Orders.GroupBy(o => o.Id).Where(g => g.Count() > 1).Select(g => PlanConflict.Of(PlanRules.OrderTwice, "id",
            $"order '{g.Key}' stands twice; the first is planned, remove or rename this one", null) with { Row = $"order {g.Key}", Field = "id" }).ToArray();
        if (doubles.Length > 0) request = request with { Orders = [.. request.Orders.DistinctBy(o => o.Id)] };
        var built = FactoryBuilder.Build(request, options);
        if (doubles.Length > 0) built = built with { Findings = [.. doubles, .. built.Findings] };
        foreach (var u in built.Times.All)
            Log.TimeUsed(log, u.Item.Value, u.Machine.Value, u.Measured!.PerPiece.TotalSeconds, u.Measured.Samples, u.Nominal.TotalSeconds, u.Used.TotalSeconds);
        var left = built.Findings.Where(f => f.Order is not null).Select(f => f.Order).Distinct().Count();
        if (left > 0 && left == request.Orders.Select(o => o.Id).Distinct().Count()) return Impossible([.. doubles, .. built.Findings.Where(f => f.Order is not null)]);
        var layout = new FactoryLayout(built.Problem);
        var run = new Run(request, options, built, layout, new FactoryDecoder(layout), begun, request.Limit ?? (request.Steady && options.SolveLimit > SteadyLimit ? SteadyLimit : options.SolveLimit), request.Trials ?? options.Trials, cancel);
        var found = layout.Operations.All(o => o.Done) ? Nothing(run) : request.KeepSequence && request.Parent is not null ? Repair(run) : Search(run);
        if (!layout.Operations.All(o => o.Done) && found.Plan.Slots.IsEmpty)
            return Impossible([.. doubles, .. PlanWriter.Findings(run.Request, run.Built, run.Layout, found.Plan).Where(f => f.Order is not null)]);
        return Checked(run, found);
    }

    private static Found Nothing(Run run) =>
        new(FactoryVector.Plain(run.Layout), run.Decoder.Decode(FactoryVector.Plain(run.Layout)), "nothing left to plan", (0, 0));

    private static Found Repair(Run run)
    {
        var vector = FactoryRepair.Carry(run.Layout, run.Request.Steady);
        var plan = run.Decoder.Decode(vector);
        return new(vector, plan, "repair of the plan before, its sequence kept", FactoryBounds.Of(run.Layout, plan));
    }

    private Found Search(Run run)
    {
        if (run.Request.Steady && Stands(run.Layout)) return Steady(run);
        var (vector, plan, rule) = FactorySearch.Start(run.Layout, run.Decoder, () => Spent(run, SearchShare));
        var share = IsTimed(run) && PlainFactory.Of(run.Layout, plan) is { Proves: true } ? PlainShare : SearchShare;
        (vector, plan) = FactorySearch.Improve(run.Layout, run.Decoder, vector, plan, run.Trials, new Luck(run.Options.Seed), () => Spent(run, share));
        var name = rule < 0 ? "plan before" : FactoryDispatch.Names[rule];
        var first = new Found(vector, plan, $"heuristic ({name})", FactoryBounds.Of(run.Layout, plan));
        var left = run.Limit * 0.95 - clocks.Wire.GetElapsedTime(run.Begun);
        return run.Limit <= TimeSpan.Zero ? first : PlainFactory.Of(run.Layout, plan) is { } plain && left.TotalMilliseconds > plain.Tasks.Length * CpPerTask
            ? Plainly(run, first, plain, left) : SearchOn(run, first);
    }

    /// <summary>Whether the request is to be answered in a time of its own; else counts end it, and the limit only guards a slow machine.</summary>
    private static bool IsTimed(Run run) => run.Request.Limit > TimeSpan.Zero;

    /// <summary>Where most of the work is new, least disturbance of the rest is no help to plan it by.</summary>
    private static bool Stands(FactoryLayout layout)
    {
        var waiting = layout.Operations.Count(o => o is { Done: false, Begun: null });
        return layout.Standing.Count(s => s is not null) * 2 >= waiting;
    }

    /// <summary>First what moves only what is hit, then what pays. CP-SAT's goal does not know what stands; it would move everything.</summary>
    private Found Steady(Run run)
    {
        var (vector, plan, _) = FactorySearch.Start(run.Layout, run.Decoder, steady: true);
        (vector, plan) = SteadySearch.Improve(run.Layout, run.Decoder, vector, plan, run.Trials / 10, new Luck(run.Options.Seed), () => Spent(run, SteadyShare / 2));
        (vector, plan) = FactorySearch.Improve(run.Layout, run.Decoder, vector, plan, run.Trials * 2L, new Luck(run.Options.Seed), () => Spent(run, SteadyShare), steady: true);
        return new(vector, plan, "least disturbance", FactoryBounds.Of(run.Layout, plan));
    }

    /// <summary>Asked between trials; without a limit the number of trials ends the search alone, so that the same seed gives the same plan.</summary>
    private bool Spent(Run run, double share)
    {
        run.Cancel.ThrowIfCancellationRequested();
        return run.Limit > TimeSpan.Zero && clocks.Wire.GetElapsedTime(run.Begun) >= run.Limit * share;
    }

    /// <summary>What CP-SAT does not know is searched on instead, as long again.</summary>
    private Found SearchOn(Run run, Found first)
    {
        var (vector, plan) = FactorySearch.Improve(run.Layout, run.Decoder, first.Vector, first.Plan, run.Trials, new Luck(run.Options.Seed + 1), () => Spent(run, 0.9));
        return first with { Vector = vector, Plan = plan };
    }

    /// <summary>The tabu search and CP-SAT beside each other, then what neither of them knows: the flow.</summary>
    private Found Plainly(Run run, Found first, PlainFactory plain, TimeSpan left)
    {
        try
        {
            // CP-SAT apart, so that native code that aborts ends a child and not the node.
            var solver = new PlainSolver(plain.Problem, run.Built.Problem.Goal, run.Options, clocks.Wire, () => program is null ? new CpInProcess() : new CpProcess(program));
            var start = plain.Known(new Decoder(plain.Problem), run.Layout, first.Plan);
            var answer = IsTimed(run) ? solver.SolveTimed(start, run.Trials * StepsPerTrial, left, run.Cancel) : solver.SolveCounted(start, run.Trials * StepsPerTrial, left, run.Cancel);
            Tell(answer);
            var vector = plain.VectorOf(answer.Layout, first.Vector);
            var plan = run.Decoder.Decode(vector);
            var improved = plan.Score.Total < first.Plan.Score.Total;
            if (!improved) (vector, plan) = (first.Vector, first.Plan);
            // What is on time and ends early may still hold work back without need; the search settles the flow.
            else (vector, plan) = FactorySearch.Improve(run.Layout, run.Decoder, vector, plan, run.Trials / 4, new Luck(run.Options.Seed), () => Spent(run, 1));
            var bound = plain.Proves
                ? (Math.Max(first.Bound.Tardiness, answer.TardinessBound), plan.Score.Tardiness <= answer.TardinessBound ? Math.Max(first.Bound.Makespan, answer.MakespanBound) : first.Bound.Makespan)
                : first.Bound;
            var name = (improved, answer.Fault) switch
            {
                (true, null) => "tabu search and CP-SAT",
                (true, _) => "tabu search, CP-SAT failed",
                (false, null) => $"{first.Solver}, CP-SAT found no better",
                _ => $"{first.Solver}, CP-SAT failed",
            };
            return new(vector, plan, name, bound);
        }
        catch (BeyondHorizonException e)
        {
            Log.SolverFailed(log, e);
            return first with { Solver = $"{first.Solver}, CP-SAT failed" };
        }
    }

    /// <summary>The way to the plan, so that a run whose clock nobody can turn back can be walked again.</summary>
    private void Tell(PlainAnswer answer)
    {
        if (answer.Fault is { } fault) Log.SolverFailed(log, fault);
        if (!log.IsEnabled(LogLevel.Debug)) return;
        foreach (var i in answer.Incumbents) Log.Incumbent(log, i.Seconds, i.Step, i.Score.Tardiness, i.Score.Makespan, i.Source);
        foreach (var e in answer.Exchanges) Log.Exchange(log, e.Step, e.Layout);
    }

    /// <summary>Distance of lateness to its bound while that is open, then of the end.</summary>
    private static double GapOf(FactoryScore score, (double Tardiness, long Makespan) bound)
    {
        if (score.Tardiness > bound.Tardiness + 1e-9) return (score.Tardiness - bound.Tardiness) / score.Tardiness;
        return score.Makespan <= bound.Makespan ? 0 : (score.Makespan - bound.Makespan) / (double)score.Makespan;
    }

    /// <summary>The answer, when neither checker finds anything wrong with it.</summary>
    private PlanOutcome Checked(Run run, Found found)
    {
        var solver = string.Create(CultureInfo.InvariantCulture,
            $"{found.Solver}; late {found.Plan.Score.Tardiness:0} weighted min (bound {found.Bound.Tardiness:0}), end {found.Plan.Score.Makespan} min (bound {found.Bound.Makespan})");
        var faults = FactoryVerifier.Faults(run.Built.Problem, found.Plan);
        var plan = PlanWriter.Write(run.Request, run.Built, run.Layout, found.Plan, solver, found.Bound);
        PlanViolation[] violations = [.. faults.Select(f => new PlanViolation(PlanRules.CheckerRefused, f, null)), .. PlanVerifier.Check(run.Request, plan, run.Built.Times.All, run.Options)];
        foreach (var v in violations) Log.Refused(log, solver, v.Rule, v.Message);
        if (violations.Length > 0) return Impossible([.. violations.Select(v => new PlanConflict(v.Rule, v.Message, v.Order))]);
        plan = plan with { Verified = true };
        var (gap, late, spentMs) = (GapOf(found.Plan.Score, found.Bound), plan.Late.Count(), (long)clocks.Wire.GetElapsedTime(run.Begun).TotalMilliseconds);
        Log.Planned(log, plan.Number, plan.Operations.Length, late, gap, spentMs, solver);
        return new PlanOutcome.Planned(plan, gap, run.Built.Times.All) { Findings = PlanWriter.Findings(run.Request, run.Built, run.Layout, found.Plan) };
    }

    private PlanOutcome.Impossible Impossible(ImmutableArray<PlanConflict> conflicts)
    {
        foreach (var c in conflicts) Log.Impossible(log, c.Rule, c.Message);
        return new PlanOutcome.Impossible(conflicts);
    }
}
