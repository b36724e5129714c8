namespace Ieum.Plan.Across;

/// <summary>What a branch changes: operations placed anew with company, arrival, agreed finish, and the price per unit of time after it.</summary>
internal sealed record Move((int Operation, int Company, long Arrival, long Finish, long Weight)[] Places);

/// <summary>One hypothetical change of a standing plan: first operations change places, then companies re-sequence themselves around that.</summary>
internal sealed class Branch
{
    private readonly SharedBook _book;
    private readonly Func<int> _numbers;
    private readonly PlanView _trial;
    private readonly List<(int Company, int Number, int Source, Reaction Reaction)> _polished = [];
    private readonly int[] _source;

    /// <param name="parent">Number of the standing plan.</param>
    public Branch(SharedBook book, Func<int> numbers, int parent, PlanView standing, Move move, PlanView view, PlanView trial)
    {
        (_book, _numbers, Parent, Move, View, _trial) = (book, numbers, parent, move, view, trial);
        _source = new int[book.Companies];
        Array.Fill(_source, parent);
        View.CopyFrom(standing);
    }

    public int Parent { get; }
    public Move Move { get; }
    /// <summary>The plan as it stands after what was heard so far.</summary>
    public PlanView View { get; }
    public bool Dead { get; private set; }
    public long Value { get; private set; } = long.MaxValue;
    /// <summary>Plan numbers made on the way, to be forgotten: company and number.</summary>
    public List<(int Company, int Number)> Made { get; } = [];

    /// <summary>Plan number that holds each company's side; the parent's where nothing changed.</summary>
    public IReadOnlyList<int> Source => _source;

    public void Kill() => Dead = true;

    /// <summary>Asks the companies touched to change places.</summary>
    public void AskPlaces(Outbox[] out_)
    {
        var remove = new SortedDictionary<int, List<int>>();
        var insert = new SortedDictionary<int, List<long>>();
        foreach (var (o, c, arrival, finish, weight) in Move.Places)
        {
            if (View.At[o] >= 0)
            {
                if (!remove.TryGetValue(View.At[o], out var r)) remove[View.At[o]] = r = [];
                r.Add(o);
            }
            if (!insert.TryGetValue(c, out var i)) insert[c] = i = [];
            i.AddRange([o, arrival, finish, weight]);
            (View.At[o], View.Arrive[o], View.Finish[o], View.Rows[o]) = (c, arrival, finish, null);
        }
        foreach (var c in remove.Keys.Union(insert.Keys).Order())
        {
            var number = _numbers();
            _source[c] = number;
            Made.Add((c, number));
            out_[c].Steps.Add((new(number, Parent, remove.GetValueOrDefault(c)?.ToArray(), insert.GetValueOrDefault(c)?.ToArray(), null, 0), reaction =>
            {
                if (Dead) return null;
                if (reaction.Own is null)
                {
                    Dead = true;
                    return null;
                }
                return View.Hear(c, reaction);
            }, this));
        }
    }

    /// <summary>Asks every company how the sequences of a rehearsal react, in blurred times like everything it says.</summary>
    public void AskTake(Outbox[] out_, int rehearsal)
    {
        for (var c = 0; c < _book.Companies; c++)
        {
            var (company, number) = (c, _numbers());
            _source[c] = number;
            Made.Add((c, number));
            out_[c].Steps.Add((new(number, rehearsal, null, null, null, 0), reaction =>
            {
                if (Dead) return null;
                if (reaction.Own is not null) return View.Hear(company, reaction);
                Dead = true;
                return null;
            }, this));
        }
    }

    /// <summary>After all answers: times, and what the plan costs.</summary>
    public void Settle(long horizon)
    {
        if (Dead) return;
        if (!View.Settle() || View.Makespan() > horizon) Dead = true;
        else Value = View.Objective();
    }

    /// <summary>Asks every company to re-sequence its machines in this plan.</summary>
    public void AskPolish(Outbox[] out_, Flow flow, int effort)
    {
        for (var c = 0; c < _book.Companies; c++)
        {
            if (!View.At.Contains(c)) continue;
            var (company, number) = (c, _numbers());
            Made.Add((c, number));
            out_[c].Steps.Add((new(number, _source[c], null, null, flow.Outside(View, c, 0), effort), reaction =>
            {
                if (reaction.Own is not null) _polished.Add((company, number, _source[company], reaction));
                return null;
            }, this));
        }
    }

    /// <summary>Takes of the companies' re-sequencing what makes the whole better; the reason when an answer is nonsense.</summary>
    public (int Company, string Why)? Polish()
    {
        if (Dead) return null;
        var left = _polished.ToList();
        _polished.Clear();
        while (left.Count > 0)
        {
            var (best, value) = (-1, Value);
            for (var i = 0; i < left.Count; i++)
            {
                _trial.CopyFrom(View);
                if (_trial.Hear(left[i].Company, left[i].Reaction) is { } why) return (left[i].Company, why);
                if (!_trial.Settle() || _trial.Objective() is var v && v >= value) continue;
                (best, value) = (i, v);
            }
            if (best < 0) return null;
            View.Hear(left[best].Company, left[best].Reaction);
            View.Settle();
            (Value, _source[left[best].Company]) = (View.Objective(), left[best].Number);
            left.RemoveAt(best);
        }
        return null;
    }
}
