using Google.OrTools.Sat;

namespace Ieum.Plan;

/// <summary>Where the two searches of one instance meet: the best schedule, the best bound, and what each has to tell the other.</summary>
internal sealed class ShopBoard
{
    private readonly TimeProvider _clock;
    private readonly TabuSearch _search;
    private readonly long _begun;
    private readonly Lock _gate = new();
    private readonly List<ShopIncumbent> _incumbents = [];
    private readonly List<ShopExchange> _exchanges = [];
    private readonly List<string> _faults = [];
    private ShopSchedule _best;
    private ShopSchedule? _foreign;
    private long _bound;
    private long _steps;
    private int _refusals;
    private Question? _asked;

    /// <summary>A question to CP-SAT that is worth its time: it ends when a better schedule makes it stale, or when nothing more comes of it.</summary>
    /// <param name="OutrunFrom">Second of the search before which it is not ended by a better schedule: a new model must have had time to get going.</param>
    /// <param name="Patience">Begins anew with everything that CP-SAT finds or proves.</param>
    internal sealed record Question(CancellationTokenSource Outrun, double OutrunFrom, CancellationTokenSource Patience, TimeSpan Silence, CancellationTokenSource Either) : IDisposable
    {
        public bool IsFruitless => Patience.IsCancellationRequested;

        public void Dispose()
        {
            Either.Dispose();
            Outrun.Dispose();
            Patience.Dispose();
        }
    }

    public ShopBoard(ShopGraph graph, TimeProvider clock, TabuSearch search)
    {
        (Graph, _clock, _search, _begun) = (graph, clock, search, clock.GetTimestamp());
        (_best, _bound) = (search.Best, graph.SimpleBound());
        _incumbents.Add(new(0, 0, _best.Makespan, "rule"));
    }

    public ShopGraph Graph { get; }
    public double Seconds => _clock.GetElapsedTime(_begun).TotalSeconds;

    /// <summary>Proved: nothing is left to find.</summary>
    public bool Closed
    {
        get { lock (_gate) return _best.Makespan <= _bound; }
    }

    /// <summary>(Best − bound) / bound.</summary>
    public double Gap
    {
        get { lock (_gate) return _bound > 0 ? (_best.Makespan - _bound) / (double)_bound : double.PositiveInfinity; }
    }

    /// <summary>Lets the tabu search walk; it tells what it finds and takes over what CP-SAT found.</summary>
    public void Walk(long steps, Func<bool> until)
    {
        var end = _search.Iterations + steps;
        while (_search.Iterations < end && !Closed)
        {
            // Short pieces, so that a better schedule is known to the other side at once.
            var before = _search.Iterations;
            var stopped = false;
            _search.Run(Math.Min(256, end - before), Goal(), () => stopped = until());
            _steps = _search.Iterations;
            if (_search.Makespan < BestMakespan()) Tell(_search.Best, "tabu");
            TakeOver();
            if (stopped) return;
        }
    }

    private long Goal()
    {
        lock (_gate) return _bound;
    }

    private long BestMakespan()
    {
        lock (_gate) return _best.Makespan;
    }

    /// <summary>Hands the tabu search what CP-SAT found meanwhile. Only on the thread of the tabu search.</summary>
    public void TakeOver()
    {
        ShopSchedule? foreign;
        lock (_gate) (foreign, _foreign) = (_foreign, null);
        if (foreign is null || foreign.Makespan >= _search.Makespan) return;
        _search.Offer(foreign);
        _exchanges.Add(new(_search.Iterations, foreign));
        if (_search.Makespan < BestMakespan()) Tell(_search.Best, "tabu");
    }

    private void Tell(ShopSchedule? schedule, string source)
    {
        lock (_gate)
        {
            if (schedule is null || schedule.Makespan >= _best.Makespan) return;
            _best = schedule;
            _incumbents.Add(new(Seconds, _steps, schedule.Makespan, source));
            if (source != "tabu") _foreign = schedule;
            if (_asked is not { } asked) return;
            if (source == "tabu" && Seconds >= asked.OutrunFrom) asked.Outrun.Cancel();
            if (source == "cp-sat") asked.Patience.CancelAfter(asked.Silence);
        }
    }

    /// <summary>What ends the next question.</summary>
    public Question Questioning(double outrunAfter, TimeSpan silence, CancellationToken ended)
    {
        var (outrun, patience) = (new CancellationTokenSource(), new CancellationTokenSource(silence, _clock));
        Question question = new(outrun, Seconds + outrunAfter, patience, silence, CancellationTokenSource.CreateLinkedTokenSource(outrun.Token, patience.Token, ended));
        lock (_gate) _asked = question;
        return question;
    }

    /// <summary>A second tabu search on another thread, with other luck; both learn what the other finds.</summary>
    public void WalkBeside(TabuSearch other, Func<bool> until)
    {
        while (!Closed && !until())
        {
            other.Run(512, Goal(), until);
            if (other.Makespan < BestMakespan()) Tell(other.Best, "tabu beside");
            ShopSchedule best;
            lock (_gate) best = _best;
            other.Offer(best);
        }
    }

    /// <summary>Puts the best schedule to CP-SAT as a question.</summary>
    /// <returns>False when CP-SAT is of no further use.</returns>
    public bool Ask(ICpEngine cp, string parameters, CancellationToken stop)
    {
        ShopSchedule known;
        long bound;
        lock (_gate) (known, bound) = (_best, _bound);
        try
        {
            var model = new CpShopModel(Graph, known, bound);
            var answer = cp.Solve(model.Model, parameters, v => Tell(Placed(model.Read(v)), "cp-sat"), Raise, stop);
            if (answer.HasSolution) Tell(Placed(model.Read(answer.Values)), "cp-sat");
            if (answer.Status is CpSolverStatus.Infeasible or CpSolverStatus.ModelInvalid)
                throw new CpEngineException($"CP-SAT calls a model {answer.Status} of which a solution is known.");
            if (answer.Status is not CpSolverStatus.Unknown) Raise(answer.Bound);
            if (answer.Status == CpSolverStatus.Optimal) Raise(answer.Values.Length > 0 ? model.Read(answer.Values).Makespan : answer.Bound);
            return true;
        }
        catch (CpEngineException e)
        {
            lock (_gate) _faults.Add(e.Message);
            // Once may be bad luck (memory was short); twice is not.
            return ++_refusals < 2;
        }
        finally
        {
            lock (_gate) _asked = null;
        }
    }

    /// <summary>The same schedule pushed to the left; what the solver says is not believed, it is placed again. Null when that cannot be done.</summary>
    private ShopSchedule? Placed(ShopSchedule read)
    {
        var state = new ShopState(Graph);
        return state.Load(read) ? state.ToSchedule() : null;
    }

    private void Raise(double bound)
    {
        if (!double.IsFinite(bound)) return;
        var whole = (long)Math.Ceiling(bound - 1e-6);
        lock (_gate)
        {
            // A bound above a schedule that exists is a fault of the solver, not a proof.
            if (whole <= _bound) return;
            _bound = Math.Min(whole, _best.Makespan);
            _asked?.Patience.CancelAfter(_asked.Silence);
        }
    }

    public ShopSolution Answer()
    {
        lock (_gate) return new(_best, _bound, Seconds, _search.Iterations, [.. _incumbents], [.. _exchanges], [.. _faults]);
    }
}
