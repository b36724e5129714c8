namespace Ieum.Plan;

/// <param name="Seconds">Wall-clock limit; ignored when <paramref name="Iterations"/> is set.</param>
/// <param name="Threads">1 and up.</param>
/// <param name="Iterations">Steps of the tabu search; then the same seed gives the same schedule on every machine.</param>
internal sealed record ShopSolveOptions(double Seconds, int Threads, int Seed, long? Iterations);

/// <param name="Bound">No schedule is shorter.</param>
internal sealed record ShopSolution(ShopSchedule Schedule, long Bound, double Seconds)
{
    public double Gap => Bound > 0 ? (Schedule.Makespan - Bound) / (double)Bound : Schedule.Makespan > 0 ? 1 : 0;
}

/// <summary>Solves a job shop instance for the shortest makespan, as long as it is given time, and says how far it may be from the best.</summary>
internal sealed class ShopSolver(TimeProvider clock)
{
    public ShopSolution Solve(JobShop shop, ShopSolveOptions options, CancellationToken cancel)
    {
        var begun = clock.GetTimestamp();
        var graph = new ShopGraph(shop);
        var bound = graph.SimpleBound();
        var search = new TabuSearch(graph, options.Seed);
        var limit = TimeSpan.FromSeconds(options.Seconds);
        search.Run(options.Iterations ?? long.MaxValue / 2, bound,
            () => cancel.IsCancellationRequested || options.Iterations is null && clock.GetElapsedTime(begun) >= limit);
        return new(search.Best, bound, clock.GetElapsedTime(begun).TotalSeconds);
    }
}
