namespace Ieum.Plan.Across;

/// <summary>What a branch changes: operations placed anew with company, arrival and agreed finish, or companies re-sequencing themselves.</summary>
internal sealed record Move((int Operation, int Company, long Arrival, long Finish)[] Places, int[] Efforts);

/// <summary>One hypothetical change of a standing plan, timed to and fro until nothing changes any more.</summary>
internal sealed class Branch
{
    private readonly SharedBook _book;
    private readonly int _effort;
    private readonly HashSet<int> _changed = [];
    private readonly SortedDictionary<int, List<long>> _pending = [];
    private bool _begun;

    public Branch(SharedBook book, int number, int parent, PlanView standing, Move move, int effort, PlanView? view = null)
    {
        (_book, Number, Parent, Move, _effort) = (book, number, parent, move, effort);
        View = view ?? new(book);
        View.CopyFrom(standing);
    }

    public int Number { get; }
    public int Parent { get; }
    public Move Move { get; }
    public PlanView View { get; }
    public bool Dead { get; private set; }
    public bool Settled { get; private set; }
    public int Rounds { get; private set; }
    /// <summary>Companies that hold a copy under this number; for the others it is the standing plan.</summary>
    public SortedSet<int> Touched { get; } = [];

    public void Kill() => Dead = true;

    public void Ask(Outbox[] out_)
    {
        if (Dead || Settled) return;
        Rounds++;
        if (!_begun)
        {
            _begun = true;
            Begin(out_);
            return;
        }
        foreach (var (c, arrive) in _pending) Send(out_, c, null, null, [.. arrive], 0);
        _pending.Clear();
    }

    private void Begin(Outbox[] out_)
    {
        var remove = new SortedDictionary<int, List<int>>();
        var insert = new SortedDictionary<int, List<long>>();
        foreach (var (o, c, arrival, finish) in Move.Places)
        {
            if (View.At[o] >= 0)
            {
                if (!remove.TryGetValue(View.At[o], out var r)) remove[View.At[o]] = r = [];
                r.Add(o);
            }
            if (!insert.TryGetValue(c, out var i)) insert[c] = i = [];
            i.AddRange([o, arrival, finish]);
            (View.At[o], View.Arrive[o]) = (c, arrival);
            _changed.Add(o);
        }
        foreach (var c in remove.Keys.Union(insert.Keys).Union(Move.Efforts).Order())
            Send(out_, c, remove.GetValueOrDefault(c)?.ToArray(), insert.GetValueOrDefault(c)?.ToArray(), null, Move.Efforts.Contains(c) ? _effort : 0);
    }

    private void Send(Outbox[] out_, int c, int[]? remove, long[]? insert, long[]? arrive, int effort)
    {
        out_[c].Steps.Add((new(Number, Touched.Add(c) ? Parent : 0, remove, insert, arrive, effort), this));
    }

    /// <summary>Takes in one company's timing; false when it is nonsense, with the reason.</summary>
    public bool Hear(int company, Timing? timing, out string why)
    {
        why = "";
        if (Dead) return true;
        if (timing?.Price is not { } price)
        {
            Dead = true;
            return true;
        }
        for (var i = 0; i < (timing.Finish?.Length ?? 0); i += 2)
        {
            if (i + 1 >= timing.Finish!.Length) return Bad("a finish without an operation", out why);
            var (o, finish) = (timing.Finish[i], timing.Finish[i + 1]);
            if (o < 0 || o >= _book.Operations) return Bad($"unknown operation {o}", out why);
            if (View.At[o] != company) return Bad($"operation {o} is not its", out why);
            var internal_ = !_book.IsFirst[o] && View.At[o - 1] == company;
            if (!internal_ && finish <= View.Arrive[o]) return Bad($"operation {o} finishes at {finish}, before it arrives at {View.Arrive[o]}", out why);
            View.Finish[o] = finish;
            _changed.Add((int)o);
        }
        View.Price[company] = price;
        return true;

        static bool Bad(string what, out string why)
        {
            why = what;
            return false;
        }
    }

    /// <summary>After all answers of a round: tells on what changed, or finds that nothing did.</summary>
    public void Propagate(int mostRounds, long horizon)
    {
        if (Dead || Settled) return;
        foreach (var o in _changed.Order())
        {
            Arrival(o);
            if (!_book.IsFirst[o + 1]) Arrival(o + 1);
            if (View.Finish[o] > horizon) Dead = true;
        }
        _changed.Clear();
        if (_pending.Count == 0) Settled = true;
        else if (Rounds >= mostRounds) Dead = true;
    }

    private void Arrival(int o)
    {
        var c = View.At[o];
        if (c < 0 || _book.IsFirst[o]) return;
        var p = View.At[o - 1];
        if (p == c) View.Arrive[o] = -1;
        if (p < 0 || p == c) return;
        var arrival = View.Finish[o - 1] + _book.Transport[p][c];
        if (arrival == View.Arrive[o]) return;
        View.Arrive[o] = arrival;
        if (!_pending.TryGetValue(c, out var list)) _pending[c] = list = [];
        list.Add(o);
        list.Add(arrival);
    }
}
