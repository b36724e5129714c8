using System.Collections.Immutable;

namespace Ieum.Plan;

/// <param name="Seconds">Wall-clock limit; ignored when <paramref name="Iterations"/> is set.</param>
/// <param name="Threads">1 and up; from 2 on CP-SAT runs beside the tabu search, else in turn with it.</param>
/// <param name="Iterations">Steps of the tabu search; then the same seed gives the same schedule on every machine.</param>
internal sealed record ShopSolveOptions(double Seconds, int Threads, int Seed, long? Iterations);

/// <param name="Iteration">Step of the tabu search at which it was known.</param>
/// <param name="Source">Who found it: <c>rule</c>, <c>tabu</c> or <c>cp-sat</c>.</param>
internal sealed record ShopIncumbent(double Seconds, long Iteration, long Makespan, string Source);

/// <summary>A schedule of CP-SAT that the tabu search took over; with seed and last step all that a replay needs.</summary>
internal sealed record ShopExchange(long Iteration, ShopSchedule Schedule);

/// <param name="Bound">No schedule is shorter.</param>
/// <param name="Faults">Why CP-SAT could not help, in words; empty when it did.</param>
internal sealed record ShopSolution(ShopSchedule Schedule, long Bound, double Seconds, long Iterations,
    ImmutableArray<ShopIncumbent> Incumbents, ImmutableArray<ShopExchange> Exchanges, ImmutableArray<string> Faults)
{
    public double Gap => Bound > 0 ? (Schedule.Makespan - Bound) / (double)Bound : Schedule.Makespan > 0 ? 1 : 0;
}

/// <summary>Solves a job shop instance for the shortest makespan, as long as it is given time, and says how far it may be from the best.</summary>
/// <remarks>One tabu search always improving, CP-SAT beside it (and, where that has nothing more to tell, a second tabu search) or in turn with it; each takes over what the other finds.</remarks>
internal sealed class ShopSolver(TimeProvider clock, Func<ICpEngine>? engine)
{
    /// <summary>Turns between tabu search and CP-SAT where they do not run beside each other.</summary>
    private const int Turns = 4;

    /// <summary>Gap up to which CP-SAT keeps its thread though it says nothing.</summary>
    private const double NearlyProved = 0.01;

    public ShopSolution Solve(JobShop shop, ShopSolveOptions options, CancellationToken cancel)
    {
        var graph = new ShopGraph(shop);
        var useful = engine is not null && CpShopModel.IsWorthwhile(graph);
        var board = new ShopBoard(graph, clock, new TabuSearch(graph, options.Seed));
        if (board.Closed) return board.Answer();
        if (!useful) Walk(board, options.Iterations, options.Seconds, cancel);
        else if (options.Iterations is { } steps) InTurnBySteps(board, steps, options.Seed, cancel);
        else if (options.Threads == 1) InTurnByTime(board, options, cancel);
        else SideBySide(board, options, cancel);
        return board.Answer();
    }

    /// <summary>Walks the same way again: the tabu search with the schedules that it was given at the steps it was given them.</summary>
    public static ShopSchedule Replay(JobShop shop, int seed, long iterations, ImmutableArray<ShopExchange> exchanges)
    {
        var search = new TabuSearch(new ShopGraph(shop), seed);
        foreach (var e in exchanges)
        {
            search.Run(e.Iteration - search.Iterations, goal: -1);
            search.Offer(e.Schedule);
        }
        search.Run(iterations - search.Iterations, goal: -1);
        return search.Best;
    }

    private static void Walk(ShopBoard board, long? steps, double seconds, CancellationToken cancel)
    {
        var until = board.Seconds + seconds;
        board.Walk(steps ?? long.MaxValue / 2, () => cancel.IsCancellationRequested || steps is null && board.Seconds >= until);
    }

    private void InTurnBySteps(ShopBoard board, long steps, int seed, CancellationToken cancel)
    {
        using var cp = engine!();
        // Deterministic seconds of CP-SAT in the proportion of the steps: the exchange stays at the same points on any machine.
        var effort = Math.Clamp(steps / Turns * (double)board.Graph.Count / 1e7, 0.01, 20);
        for (var turn = 0; turn < Turns && !board.Closed && !cancel.IsCancellationRequested; turn++)
        {
            board.Walk(steps * (turn + 1) / Turns - steps * turn / Turns, () => cancel.IsCancellationRequested);
            if (!board.Closed) board.Ask(cp, CpParameters.Of(null, effort, 1, seed + turn, interleave: true), cancel);
            board.TakeOver();
        }
    }

    private void InTurnByTime(ShopBoard board, ShopSolveOptions options, CancellationToken cancel)
    {
        using var cp = engine!();
        for (var turn = 0; turn < Turns && !board.Closed && !cancel.IsCancellationRequested; turn++)
        {
            // Two thirds of the time for the search that finds, one third for the one that proves.
            Walk(board, null, options.Seconds * (turn + 0.65) / Turns - board.Seconds, cancel);
            var rest = options.Seconds * (turn + 1) / Turns - board.Seconds;
            if (!board.Closed && rest > 0.2) board.Ask(cp, CpParameters.Of(rest - 0.1, null, 1, options.Seed + turn, interleave: true), cancel);
            board.TakeOver();
        }
        Walk(board, null, options.Seconds - board.Seconds, cancel);
    }

    private void SideBySide(ShopBoard board, ShopSolveOptions options, CancellationToken cancel)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        using var cp = engine!();
        var prover = new Thread(() => Prove(board, cp, options, ended.Token)) { IsBackground = true, Name = "plan-cp-sat" };
        // A first walk alone: a good schedule makes a small model.
        Walk(board, null, Math.Min(2, options.Seconds / 10), cancel);
        prover.Start();
        Walk(board, null, options.Seconds - board.Seconds, cancel);
        ended.Cancel();
        // A solver that does not listen is ended; its thread then ends by the broken pipe.
        if (!prover.Join(TimeSpan.FromSeconds(2))) cp.Dispose();
        prover.Join();
        board.TakeOver();
    }

    /// <summary>Asks CP-SAT as long as something comes of it; the rest of the time a second tabu search helps the first.</summary>
    private static void Prove(ShopBoard board, ICpEngine cp, ShopSolveOptions options, CancellationToken ended)
    {
        // A new model with the shorter horizon pays only after the old one has had time to get going.
        var turn = Math.Max(3, options.Seconds / 6);
        for (var (round, useful) = (0, true); useful && !ended.IsCancellationRequested && !board.Closed; round++)
        {
            var rest = options.Seconds - board.Seconds;
            if (rest < 0.3) return;
            // Close to its bound an instance is worth a proof to the end.
            using var question = board.Questioning(turn, TimeSpan.FromSeconds(board.Gap <= NearlyProved ? rest : turn), ended);
            useful = board.Ask(cp, CpParameters.Of(rest, null, Math.Max(1, options.Threads - 1), options.Seed + round, interleave: options.Threads == 2), question.Either.Token)
                && (!question.IsFruitless || board.Gap <= NearlyProved);
        }
        if (ended.IsCancellationRequested || board.Closed) return;
        board.WalkBeside(new TabuSearch(board.Graph, unchecked(options.Seed + 1_000_003)), () => ended.IsCancellationRequested || board.Seconds >= options.Seconds);
    }
}
