using Google.OrTools.Sat;

namespace Ieum.Plan;

/// <summary>Something that solves CP-SAT models: this process, or one of its own that may die without taking the node along.</summary>
internal interface ICpEngine : IDisposable
{
    /// <param name="onSolution">Called on another thread with the value of every variable of each better solution.</param>
    /// <param name="onBound">Called on another thread with each better bound of the objective.</param>
    /// <param name="stop">Ends the search; what was found so far is the answer.</param>
    /// <exception cref="CpEngineException">The engine ended without an answer.</exception>
    CpAnswer Solve(CpModel model, string parameters, Action<long[]>? onSolution, Action<double>? onBound, CancellationToken stop);
}

/// <param name="Values">Of every variable, in the order of the model; empty when there is no solution.</param>
internal sealed record CpAnswer(CpSolverStatus Status, long[] Values, double Bound)
{
    public bool HasSolution => Status is CpSolverStatus.Optimal or CpSolverStatus.Feasible;
    public long Value(IntVar variable) => Values[variable.Index];
    public bool IsTrue(BoolVar literal) => Values[literal.Index] != 0;
}

/// <summary>The solver ended without an answer: it was killed, ran out of memory or aborted in native code.</summary>
internal sealed class CpEngineException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Parameter texts for CP-SAT. A malformed one ends the whole process from native code, so it is built from checked numbers only.</summary>
internal static class CpParameters
{
    /// <param name="seconds">Wall-clock limit, null for none.</param>
    /// <param name="effort">Deterministic seconds, null for no limit.</param>
    public static string Of(double? seconds, double? effort, int workers, int seed, bool interleave) => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{(seconds is { } s ? $"max_time_in_seconds:{Math.Clamp(s, 0.01, 86_400):F3} " : "")}{(effort is { } e ? $"max_deterministic_time:{Math.Clamp(e, 0.001, 100_000):F4} " : "")}"
        + $"num_workers:{Math.Clamp(workers, 1, 64)} random_seed:{Math.Max(0, seed)}{(interleave ? " interleave_search:true" : "")}");
}

/// <summary>Solves inside this process; for tests, and where the program of the solver cannot be started.</summary>
internal sealed class CpInProcess : ICpEngine
{
    public CpAnswer Solve(CpModel model, string parameters, Action<long[]>? onSolution, Action<double>? onBound, CancellationToken stop)
    {
        if (stop.IsCancellationRequested) return new(CpSolverStatus.Unknown, [], double.NegativeInfinity);
        var solver = new CpSolver { StringParameters = parameters };
        using var stopping = stop.Register(solver.StopSearch);
        // A stop that comes before the native search exists is lost, so every sign of life looks again.
        solver.SetBestBoundCallback(b =>
        {
            onBound?.Invoke(b);
            if (stop.IsCancellationRequested) solver.StopSearch();
        });
        using var relay = new Relay(model.Model.Variables.Count, v =>
        {
            onSolution?.Invoke(v);
            if (stop.IsCancellationRequested) solver.StopSearch();
        });
        var status = solver.Solve(model, relay);
        long[] values = status is CpSolverStatus.Optimal or CpSolverStatus.Feasible ? [.. solver.Response!.Solution] : [];
        return new(status, values, solver.BestObjectiveBound);
    }

    public void Dispose() { }

    private sealed class Relay(int variables, Action<long[]> onSolution) : SolutionCallback
    {
        public override void OnSolutionCallback()
        {
            var values = new long[variables];
            for (var i = 0; i < variables; i++) values[i] = SolutionIntegerValue(i);
            onSolution(values);
        }
    }
}
