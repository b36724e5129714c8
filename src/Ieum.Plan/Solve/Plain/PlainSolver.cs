using System.Collections.Immutable;

namespace Ieum.Plan;

/// <param name="Step">Step of the tabu search at which it was known.</param>
/// <param name="Source">Who found it: <c>start</c>, <c>tabu</c>, <c>tabu beside</c> or <c>cp-sat</c>.</param>
internal sealed record PlainIncumbent(double Seconds, long Step, Score Score, string Source);

/// <summary>A schedule that the tabu search took over; with the start, the seed and the last step all that a replay needs.</summary>
internal sealed record PlainExchange(long Step, Layout Layout);

/// <param name="TardinessBound">No schedule has less weighted tardiness.</param>
/// <param name="MakespanBound">No schedule with as little tardiness ends earlier.</param>
/// <param name="Fault">Why CP-SAT could not help; null when it did, or was not asked.</param>
internal sealed record PlainAnswer(Layout Layout, long TardinessBound, long MakespanBound, long Steps,
    ImmutableArray<PlainIncumbent> Incumbents, ImmutableArray<PlainExchange> Exchanges, Exception? Fault);

/// <summary>Plans the plain part of a factory: one tabu search always improving, CP-SAT beside it; each takes over what the other finds.</summary>
/// <param name="engine">Null where CP-SAT is not asked.</param>
internal sealed class PlainSolver(PlanProblem problem, FactoryGoal goal, PlanOptions options, TimeProvider clock, Func<ICpEngine>? engine)
{
    /// <summary>Parts of steps and effort between the fixed points of exchange: soon a first one, most at the end, where a proof needs its time.</summary>
    private static readonly double[] Rounds = [0.125, 0.25, 0.625];

    /// <summary>Time in which CP-SAT finds and proves nothing, after which a second tabu search takes its thread; at least 3 s, else a sixth of the limit.</summary>
    private static readonly TimeSpan LeastSilence = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan LongestAlone = TimeSpan.FromSeconds(2);

    private int Workers => Math.Max(1, options.Threads - 1);

    /// <summary>By counts alone, so that the same seed gives the same schedule: the searches run beside each other and exchange at fixed points.</summary>
    /// <param name="limit">Guards a slow machine; when it cuts, the schedule depends on it.</param>
    public PlainAnswer SolveCounted(Layout start, long steps, TimeSpan limit, CancellationToken cancel)
    {
        var board = new PlainBoard(problem, goal, clock, start, options.Seed);
        using var cp = engine?.Invoke();
        bool Over() => cancel.IsCancellationRequested || board.Elapsed >= limit;
        foreach (var part in Rounds)
        {
            if (board.Closed || Over()) break;
            var (known, effort, rest) = (board.Best, options.Effort * part, limit - board.Elapsed);
            CpResult? result = null;
            var prover = cp is null ? null : new Thread(() => result = Ask(board, cp, known, rest, new(Workers, effort, goal.Makespan > 0, null, null, CancellationToken.None), cancel)) { IsBackground = true, Name = "plan-cp-sat" };
            prover?.Start();
            // With one thread each waits for the other; what comes out is the same.
            if (options.Threads == 1) prover?.Join();
            board.Search.Run((long)(steps * part), Over);
            prover?.Join();
            board.Heard("tabu");
            if (result is not null) board.Tell(result.Layout, "cp-sat");
            board.TakeOver();
        }
        cancel.ThrowIfCancellationRequested();
        return board.Answer();
    }

    /// <summary>As long as it is given, or until nothing is left to find, or until both have spent what they may.</summary>
    public PlainAnswer SolveTimed(Layout start, long steps, TimeSpan limit, CancellationToken cancel)
    {
        var board = new PlainBoard(problem, goal, clock, start, options.Seed);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var cp = engine?.Invoke();
        var proving = cp is not null;
        var prover = new Thread(() =>
        {
            if (cp is not null) Prove(board, cp, limit, cancel, ended.Token);
            Volatile.Write(ref proving, false);
            if (options.Threads == 1) return;
            try { board.WalkBeside(start, unchecked(options.Seed + 1_000_003), () => ended.IsCancellationRequested || board.Elapsed >= limit); }
            // Nobody stands above this thread: what it threw would end the node.
            catch (BeyondHorizonException e) { board.Fault = e; }
        })
        { IsBackground = true, Name = "plan-cp-sat" };
        // A first walk alone: a good schedule makes a small model. With one thread it has half of the time.
        var alone = options.Threads == 1 ? limit / 2 : limit / 20 < LongestAlone ? limit / 20 : LongestAlone;
        board.Walk(() => cancel.IsCancellationRequested || board.Elapsed >= alone);
        if (!board.Closed) prover.Start();
        if (options.Threads > 1 || cp is null)
            board.Walk(() => cancel.IsCancellationRequested || board.Elapsed >= limit || board.Search.Steps >= steps && !Volatile.Read(ref proving));
        else if (prover.IsAlive) prover.Join(limit - board.Elapsed is { Ticks: > 0 } rest ? rest : TimeSpan.Zero);
        ended.Cancel();
        // A solver that does not listen is ended; its thread then ends by the broken pipe.
        if (prover.IsAlive && !prover.Join(TimeSpan.FromSeconds(2))) cp?.Dispose();
        if (prover.IsAlive) prover.Join();
        board.TakeOver();
        cancel.ThrowIfCancellationRequested();
        return board.Answer();
    }

    /// <summary>Walks the same way again: the tabu search with the schedules that it was given at the steps it was given them.</summary>
    public static Layout Replay(PlanProblem problem, FactoryGoal goal, Layout start, int seed, long steps, ImmutableArray<PlainExchange> exchanges)
    {
        var search = new PlainTabu(problem, goal, start, seed);
        foreach (var e in exchanges)
        {
            search.Run(e.Step - search.Steps);
            search.Offer(e.Layout);
        }
        search.Run(steps - search.Steps);
        return search.Best;
    }

    /// <summary>Asks as long as something comes of it. A question is put again, with the better schedule, when the tabu search has left it behind.</summary>
    private void Prove(PlainBoard board, ICpEngine cp, TimeSpan limit, CancellationToken cancel, CancellationToken ended)
    {
        var turn = limit / 6 > LeastSilence ? limit / 6 : LeastSilence;
        while (!board.Closed && !ended.IsCancellationRequested && limit - board.Elapsed > TimeSpan.FromSeconds(0.1))
        {
            using var question = board.Questioning(turn, ended);
            var beside = new CpBeside(Workers, options.Effort, goal.Makespan > 0, l => board.Tell(l, "cp-sat"), board.RaiseTardiness, question.Either.Token);
            if (Ask(board, cp, board.Best, limit - board.Elapsed, beside, cancel) is not { } result) return;
            board.Tell(result.Layout, "cp-sat");
            if (!question.IsOutrun) return;
        }
    }

    private CpResult? Ask(PlainBoard board, ICpEngine cp, Layout known, TimeSpan rest, CpBeside beside, CancellationToken cancel)
    {
        try
        {
            // Placing needs room of its own on this thread.
            var result = new CpImprover(new Decoder(problem), options, rest, clock, cp, beside).Improve(known, cancel);
            board.Raise(result);
            return result;
        }
        catch (Exception e) when (e is CpEngineException or InvalidOperationException or BeyondHorizonException or OperationCanceledException)
        {
            if (e is not OperationCanceledException) board.Fault = e;
            return null;
        }
        finally
        {
            board.Answered();
        }
    }
}
