namespace Ieum.Plan;

/// <summary>Where the searches of one plain factory meet: the best schedule, the bounds, and what each has to tell the other.</summary>
internal sealed class PlainBoard
{
    /// <summary>Steps between two looks at what others found.</summary>
    private const int Piece = 64;

    private readonly PlanProblem _problem;
    private readonly FactoryGoal _goal;
    private readonly TimeProvider _clock;
    private readonly long _begun;
    private readonly Lock _gate = new();
    private readonly List<PlainIncumbent> _incumbents = [];
    private readonly List<PlainExchange> _exchanges = [];
    private Layout _best;
    private Layout? _foreign;
    private long _lateBound, _endBound, _steps;
    private Question? _asked;

    /// <summary>A question to CP-SAT that is worth its time: it ends when a better schedule makes it stale, or when nothing more comes of it.</summary>
    internal sealed record Question(CancellationTokenSource Outrun, TimeSpan OutrunFrom, CancellationTokenSource Patience, TimeSpan Silence, CancellationTokenSource Either) : IDisposable
    {
        public bool IsOutrun => Outrun.IsCancellationRequested;

        public void Dispose()
        {
            Either.Dispose();
            Outrun.Dispose();
            Patience.Dispose();
        }
    }

    public PlainBoard(PlanProblem problem, FactoryGoal goal, TimeProvider clock, Layout start, int seed)
    {
        (_problem, _goal, _clock, _begun, _best) = (problem, goal, clock, clock.GetTimestamp(), start);
        Search = new(problem, goal, start, seed);
        _incumbents.Add(new(0, 0, start.Score, "start"));
    }

    public PlainTabu Search { get; }
    public TimeSpan Elapsed => _clock.GetElapsedTime(_begun);
    public Exception? Fault { get; set; }

    public Layout Best
    {
        get { lock (_gate) return _best; }
    }

    /// <summary>Proved: neither less late, nor, as little late, sooner at the end.</summary>
    public bool Closed
    {
        get { lock (_gate) return _best.Score.Tardiness <= _lateBound && (_goal.Makespan <= 0 || _best.Score.Makespan <= _endBound); }
    }

    /// <summary>Lets the tabu search walk; it tells what it finds and takes over what others found.</summary>
    public void Walk(Func<bool> until)
    {
        while (!Closed)
        {
            var stopped = false;
            Search.Run(Piece, () => stopped = until());
            Heard("tabu");
            TakeOver();
            if (stopped) return;
        }
    }

    /// <summary>A second tabu search on another thread, with other luck.</summary>
    public void WalkBeside(Layout start, int seed, Func<bool> until)
    {
        var other = new PlainTabu(_problem, _goal, start, seed);
        while (!Closed && !until())
        {
            other.Run(Piece * 4, until);
            Tell(other.Best, "tabu beside");
            other.Offer(Best);
        }
    }

    /// <summary>Tells what the tabu search has. Only on its thread.</summary>
    public void Heard(string source)
    {
        _steps = Search.Steps;
        Tell(Search.Best, source);
    }

    public void Tell(Layout layout, string source)
    {
        lock (_gate)
        {
            if (PlainTabu.ValueOf(layout.Score, _goal) >= PlainTabu.ValueOf(_best.Score, _goal) - 1e-9) return;
            _best = layout;
            _incumbents.Add(new(Elapsed.TotalSeconds, _steps, layout.Score, source));
            if (source != "tabu") _foreign = layout;
            if (_asked is not { } asked) return;
            if (source != "cp-sat" && Elapsed >= asked.OutrunFrom) asked.Outrun.Cancel();
            if (source == "cp-sat") asked.Patience.CancelAfter(asked.Silence);
        }
    }

    /// <summary>Hands the tabu search what others found meanwhile. Only on its thread.</summary>
    public void TakeOver()
    {
        Layout? foreign;
        lock (_gate) (foreign, _foreign) = (_foreign, null);
        if (foreign is not null && Search.Offer(foreign)) _exchanges.Add(new(Search.Steps, foreign));
    }

    /// <summary>What ends the next question: a new model must have had its turn before a better schedule ends it.</summary>
    public Question Questioning(TimeSpan turn, CancellationToken ended)
    {
        var (outrun, patience) = (new CancellationTokenSource(), new CancellationTokenSource(turn, _clock));
        Question question = new(outrun, Elapsed + turn, patience, turn, CancellationTokenSource.CreateLinkedTokenSource(outrun.Token, patience.Token, ended));
        lock (_gate) _asked = question;
        return question;
    }

    public void RaiseTardiness(long bound)
    {
        lock (_gate)
        {
            // A bound above a schedule that exists is a fault of the solver, not a proof.
            if (bound <= _lateBound || bound > _best.Score.Tardiness) return;
            _lateBound = bound;
            _asked?.Patience.CancelAfter(_asked.Silence);
        }
    }

    public void Raise(CpResult result)
    {
        RaiseTardiness(result.TardinessBound);
        lock (_gate) _endBound = Math.Max(_endBound, result.MakespanBound);
    }

    /// <summary>CP-SAT works on nothing any more.</summary>
    public void Answered()
    {
        lock (_gate) _asked = null;
    }

    public PlainAnswer Answer()
    {
        lock (_gate) return new(_best, _lateBound, _endBound, _steps, [.. _incumbents], [.. _exchanges], Fault);
    }
}
