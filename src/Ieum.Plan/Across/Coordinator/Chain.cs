namespace Ieum.Plan.Across;

/// <summary>
/// One plan under improvement. A generation has three rounds: menus for some neighbourhoods; branches made of the answers; companies
/// re-sequencing themselves in the best of them. Several chains share the rounds of one negotiation.
/// </summary>
internal sealed class Chain
{
    private enum Stage : byte { Menus, Places, Polish }

    private readonly Knowledge _knowledge;
    private readonly SharedBook _book;
    private readonly AcrossOptions _options;
    private readonly LabelSearch _labels;
    private readonly Picker _picker;
    private readonly Flow _flow;
    private readonly Func<int> _number;
    private readonly List<Neighbourhood> _hoods = [];
    private readonly List<Branch> _branches = [];
    private readonly List<Move> _leftover = [];
    private readonly List<int> _failed = [];
    private readonly List<(int Company, int Number)> _done = [];
    private readonly List<Branch> _promising = [];
    private readonly Stack<PlanView> _views = [];
    private readonly PlanView _trial;
    private readonly Queue<int> _toPlace;
    private readonly bool[] _bestStale;
    private Branch? _adopt;
    private Move? _warm;
    private Stage _stage;
    private int _sinceBest, _tries, _taken, _walk = 1;
    private bool Home => _taken != 0 && Truth is not null && BestObjective != long.MaxValue;
    /// <summary>Whether the standing plan is the rehearsed one, so that its sequences are good in true times.</summary>
    private bool AtHome => Home && _sinceBest <= 1;
    private bool _wish, _taking, _asked;
    private Rng _rng;

    public Chain(int id, Knowledge knowledge, AcrossOptions options, Func<int> number)
    {
        (Id, _knowledge, _book, _options, _number) = (id, knowledge, knowledge.Book, options, number);
        _rng = Rng.Of(options.Seed, 100 + id);
        _labels = new(knowledge, options.Labels);
        _flow = new(knowledge);
        (Standing, Best, _trial) = (View(), View(), View());
        _picker = new(knowledge, Standing);
        _bestStale = new bool[_book.Companies];
        _toPlace = new(FirstOrder());
        _warm = options.Standing is null ? null : WarmStart(options.Standing);
    }

    private PlanView View() => _views.Count > 0 ? _views.Pop() : new(_book, _options.Standing, _options.MovePrice);

    /// <summary>Orders that can be kept whole go back where they were, in order of their finish; the others are placed as new.</summary>
    private Move? WarmStart(IReadOnlyList<(int Company, long Finish)> standing)
    {
        var kept = Enumerable.Range(0, _book.Orders).Where(j => Enumerable.Range(_book.First[j], _book.First[j + 1] - _book.First[j]).All(o => standing[o].Company >= 0 && _book.Able[o].Contains(standing[o].Company))).ToHashSet();
        var rest = _toPlace.Where(j => !kept.Contains(j)).ToList();
        _toPlace.Clear();
        foreach (var j in rest) _toPlace.Enqueue(j);
        List<(int Operation, int Company, long Arrival, long Finish, long Weight)> places = [];
        foreach (var j in kept)
            for (var o = _book.First[j]; o < _book.First[j + 1]; o++)
            {
                var from = o > _book.First[j] ? standing[o - 1].Company : _book.Origin[j];
                var arrival = (o > _book.First[j] ? standing[o - 1].Finish : _book.Release[j]) + (from >= 0 ? _book.Transport[from][standing[o].Company] : 0);
                // A part that is late now arrives after its old finish; its company is asked for what it can do.
                places.Add((o, standing[o].Company, arrival, Math.Max(standing[o].Finish, arrival + 1), _book.Weight[j]));
            }
        return places.Count == 0 ? null : new([.. places.OrderBy(p => p.Finish).ThenBy(p => p.Operation)]);
    }

    /// <summary>Number of the standing plan; the best one has the number + 50.</summary>
    public int Id { get; }
    public int BestNumber => Id + 50;
    public PlanView Standing { get; }
    public PlanView Best { get; }
    public long BestObjective { get; private set; } = long.MaxValue;
    public bool Building => _warm is not null || _toPlace.Count > 0 || BestObjective == long.MaxValue;
    /// <summary>Orders for which somewhere no company made an offer.</summary>
    public List<int> Unplaced { get; } = [];
    public int Evaluated { get; private set; }
    public int Generations { get; private set; }
    /// <summary>Share of the negotiation that is over, 0 to 1; set by the negotiation.</summary>
    public double Progress { get; set; }
    /// <summary>Whether no question of this chain is open.</summary>
    public bool Idle => _stage == Stage.Menus;

    /// <summary>The best rehearsed plan and what it looked like when it was negotiated; null before there is one.</summary>
    public (int Rehearsal, PlanView View)? Truth { get; set; }
    /// <summary>Promise of the rehearsed plan this chain went on from last; 0 for none.</summary>
    public long Mark { get; private set; }

    /// <summary>The rehearsed plan this chain went on from last; 0 for none.</summary>
    public int Taken => _taken;
    /// <summary>Whether companies told in the last round how that plan reacts; then it is <see cref="Standing"/>.</summary>
    public bool JustTaken { get; private set; }

    /// <summary>Plans of the last generation that are worth a rehearsal, the best first; their numbers are given back with the next <see cref="Ask"/>.</summary>
    public IReadOnlyList<Branch> Promising => _promising;

    /// <summary>Goes on from the best rehearsed plan in the next round; false when there is none or it did so before.</summary>
    private bool Wish()
    {
        if (Truth is not { } t || t.Rehearsal == _taken) return false;
        return _wish = true;
    }

    /// <summary>What lies outside a company in the best plan.</summary>
    public Look LookAtBest(int company) => _flow.Outside(Best, company, BestNumber);

    private List<int> FirstOrder()
    {
        // Least slack per unit of weight first; each chain with its own noise.
        var noise = Id == 0 ? 0 : 0.6;
        return Enumerable.Range(0, _book.Orders)
            .Select(j => (Order: j, Key: (_book.Due[j] - _book.Release[j] * 0.5) / Math.Sqrt(_book.Weight[j]) * (1 + noise * (_rng.Unit() - 0.5)), j))
            .OrderBy(x => x.Key).ThenBy(x => x.j).Select(x => x.Order).ToList();
    }

    /// <summary>Goes on from another chain's best plan, or from its own.</summary>
    public void RestartFrom(Chain other, Outbox[] out_)
    {
        Offered();
        Standing.CopyFrom(other.Best);
        Best.CopyFrom(other.Best);
        BestObjective = other.BestObjective;
        // Said at once: the other chain may replace its best plan later in the same message.
        foreach (var o in out_) o.Keep.AddRange([other.BestNumber, Id, other.BestNumber, BestNumber]);
        (_adopt, _sinceBest) = (null, 0);
        Array.Fill(_bestStale, false);
        _leftover.Clear();
    }

    /// <summary>Puts into the outboxes what this chain wants to know next.</summary>
    public void Ask(Outbox[] out_)
    {
        _asked = true;
        switch (_stage)
        {
            case Stage.Places:
                foreach (var b in _branches) b.AskPlaces(out_);
                return;
            case Stage.Polish:
                foreach (var b in _branches) b.AskPolish(out_, _flow, _options.Effort);
                return;
        }
        if (_warm is { } warm)
        {
            _warm = null;
            _branches.Add(Begin(warm));
            _stage = Stage.Places;
            _branches[0].AskPlaces(out_);
            return;
        }
        Adopt(out_);
        if (++_sinceBest > (Truth is null ? _options.Patience : _walk) && _toPlace.Count == 0)
        {
            // Mostly one step from home, and the longer the rarer: near home promises err least, but not every valley ends within a step.
            for (_walk = 1; _walk < _options.Walk && _rng.Unit() < 0.5;) _walk *= 2;
            if (!Wish())
            {
                RestartFrom(this, out_);
                _sinceBest = 1;
            }
        }
        if (_wish && Truth is { } truth)
        {
            (_wish, _taking, _taken) = (false, true, truth.Rehearsal);
            _branches.Add(new(_book, _number, Id, truth.View, new([]), View(), _trial));
            _branches[0].AskTake(out_, truth.Rehearsal);
            _stage = Stage.Places;
            return;
        }
        _hoods.Clear();
        if (_toPlace.Count > 0)
        {
            List<Segment> segments = [];
            for (var i = 0; i < 2 && _toPlace.TryDequeue(out var j); i++) segments.Add(new(j, _book.First[j], _book.First[j + 1]));
            _hoods.Add(new([.. segments], Standing));
        }
        else
        {
            Generations++;
            for (var i = 0; i < _options.Branches; i++)
                if (_picker.Pick(ref _rng) is { Length: > 0 } segments) _hoods.Add(new(segments, Standing));
        }
        foreach (var hood in _hoods)
            foreach (var (o, c, arrivals) in hood.Asks(_knowledge, _options.Samples, _rng.Between(0.3, 1.5)))
                out_[c].Menus.Add((new(Id, hood.Freed.Length > 0 ? hood.Freed : null, o, arrivals), hood));
        for (var c = 0; c < _book.Companies; c++)
            if (out_[c].Menus.Count > 0 && Standing.At.Contains(c)) out_[c].Looks.Add(_flow.Outside(Standing, c, Id));
    }

    private void Adopt(Outbox[] out_)
    {
        if (_adopt is { } a)
            for (var c = 0; c < _book.Companies; c++)
            {
                if (a.Source[c] == Id) continue;
                out_[c].Keep.AddRange([a.Source[c], Id]);
                _bestStale[c] = true;
            }
        foreach (var (c, number) in _done) out_[c].Drop.Add(number);
        _done.Clear();
        _adopt = null;
        // Once it went on from a rehearsed plan, what is best is said by rehearsals: it goes back there, wherever promises lead.
        if (Home || _toPlace.Count > 0 || Standing.Placed == 0 || Standing.Objective() is var value && value >= BestObjective) return;
        var first = BestObjective == long.MaxValue;
        (BestObjective, _sinceBest) = (value, 0);
        Best.CopyFrom(Standing);
        for (var c = 0; c < _book.Companies; c++)
            if (_bestStale[c] || first)
            {
                out_[c].Keep.AddRange([Id, BestNumber]);
                _bestStale[c] = false;
            }
    }

    /// <summary>After all companies answered a round; a company whose answer is nonsense is returned with the reason.</summary>
    public (int Company, string Why)? Advance(long horizon)
    {
        JustTaken = false;
        // A chain that is asked no more does not go on either: what it took last was not told to the companies yet.
        if (!_asked) return null;
        _asked = false;
        switch (_stage)
        {
            case Stage.Menus:
                MakeBranches();
                _stage = Stage.Places;
                if (_branches.Count == 0) Choose();
                return null;
            case Stage.Places:
                foreach (var b in _branches) b.Settle(horizon);
                if (_taking)
                {
                    GoOnFromTaken();
                    return null;
                }
                Evaluated += _branches.Count;
                Narrow();
                if (_stage != Stage.Polish) Choose();
                return null;
            default:
                foreach (var b in _branches)
                    if (b.Polish() is { } nonsense) return nonsense;
                Choose();
                return null;
        }
    }

    private void GoOnFromTaken()
    {
        var b = _branches[0];
        if (!b.Dead)
        {
            _adopt = b;
            Standing.CopyFrom(b.View);
            (Mark, JustTaken) = (b.Value, true);
            BestObjective = long.MaxValue;
            _leftover.Clear();
        }
        (_taking, _sinceBest) = (false, 0);
        Release(_branches);
        _branches.Clear();
        _stage = Stage.Menus;
    }

    private Branch Begin(Move move) => new(_book, _number, Id, Standing, move, View(), _trial);

    private void MakeBranches()
    {
        foreach (var hood in _hoods)
        {
            for (var variant = 0; variant < (Building ? 1 : 2); variant++)
            {
                List<(int, int, long, long, long)> places = [];
                foreach (var s in hood.Segments)
                {
                    var found = _labels.Best(s, hood, Standing, EndCost(s), variant * 0.5, ref _rng);
                    if (found is null)
                    {
                        places.Clear();
                        break;
                    }
                    places.AddRange(found.Select((f, i) => (s.From + i, f.Company, f.Arrival, f.Finish, (long)_book.Weight[s.Order])));
                }
                if (places.Count == 0)
                {
                    if (Building) Unplaced.AddRange(hood.Segments.Select(s => s.Order));
                    break;
                }
                // The second search is worth a branch only when it found another company or time.
                if (variant == 1 && _branches.Count > 0 && _branches[^1].Move.Places.AsSpan().SequenceEqual(places.ToArray())) continue;
                _branches.Add(Begin(new([.. places])));
            }
        }
        _hoods.Clear();
        foreach (var move in _leftover) _branches.Add(Begin(move));
        _leftover.Clear();
    }

    /// <summary>What the end of a segment costs: its order's customer, or all that waits for the operation behind it where that stands.</summary>
    private Func<long, int, double> EndCost(Segment s)
    {
        var end = _book.First[s.Order + 1];
        (long Latest, double Weight)[] limits = [];
        var behind = s.To < end && Standing.At[s.To] >= 0 && Standing.Arrive[s.To] >= 0;
        if (behind) limits = _flow.Behind(Standing, s.To, s.Order);
        var makespan = Standing.Makespan();
        return (finish, o) =>
        {
            if (behind && o == s.To - 1)
            {
                // The way there is nearly the same from anywhere.
                var arrival = finish + (Standing.At[o] >= 0 ? _book.Transport[Standing.At[o]][Standing.At[o + 1]] : 0);
                var cost = arrival * 1e-3;
                foreach (var (latest, weight) in limits)
                    if (arrival > latest) cost += (arrival - latest) * weight;
                return cost;
            }
            var last = finish + _knowledge.ShortestTail(Standing, o, end);
            return _book.Weight[s.Order] * (double)Math.Max(0, last - _book.Due[s.Order]) + Math.Max(0, last - makespan) + last * 1e-3;
        };
    }

    /// <summary>The best few branches, and the standing plan now and then, go on to be polished.</summary>
    private void Narrow()
    {
        if (Building)
            _failed.AddRange(_branches.Where(b => b.Dead).SelectMany(b => b.Move.Places).Select(p => Array.FindLastIndex(_book.First, f => f <= p.Operation)));
        Leave(b => b.Dead || b.View.Same(Standing));
        _branches.Sort((a, b) => a.Value.CompareTo(b.Value));
        for (var i = _branches.Count - 1; i > 0; i--)
            if (_branches[i].Value == _branches[i - 1].Value && _branches[i].View.Same(_branches[i - 1].View)) Leave(b => b == _branches[i]);
        // Companies would re-sequence by blurred times what was re-sequenced by true ones; the rehearsal does it better afterwards.
        if (Building || _options.Effort == 0 || AtHome) return;
        var kept = _branches.Take(_options.Polished).ToHashSet();
        Leave(b => !kept.Contains(b));
        var standing = Begin(new([]));
        standing.Settle(long.MaxValue);
        _branches.Add(standing);
        _stage = Stage.Polish;
    }

    private void Leave(Func<Branch, bool> which)
    {
        Release(_branches.Where(which));
        _branches.RemoveAll(b => which(b));
    }

    private void Release(IEnumerable<Branch> branches)
    {
        foreach (var b in branches)
        {
            _done.AddRange(b.Made);
            _views.Push(b.View);
        }
    }

    private void Choose()
    {
        var now = Standing.Placed == 0 ? 0 : Standing.Objective();
        var good = _branches.Where(b => !b.Dead && !b.View.Same(Standing)).OrderBy(b => b.Value).ToList();
        if (good.Count > 0)
        {
            var heat = _options.Heat * (now % PlanView.Missing) * Math.Pow(1 - Progress, 2);
            if (Building || good[0].Value <= now || _rng.Unit() < Math.Exp((now - good[0].Value) / Math.Max(0.1, heat)))
            {
                _adopt = good[0];
                Standing.CopyFrom(_adopt.View);
                var used = _adopt.Move.Places.Select(p => p.Operation).ToHashSet();
                foreach (var b in good.Skip(1).Where(g => g.Value < now))
                    if (b.Move.Places.Length > 0 && b.Move.Places.All(p => used.Add(p.Operation))) _leftover.Add(b.Move);
            }
        }
        // Broken off while an order was being placed: it is tried again later, but not for ever.
        if (Building && good.Count == 0 && _tries++ < 3 * _book.Orders)
            foreach (var j in _failed.Distinct())
                if (Standing.At[_book.First[j]] < 0) _toPlace.Enqueue(j);
        _failed.Clear();
        if (!Building) _promising.AddRange(good.Where((b, i) => i < _options.Rehearsed || b == _adopt || AtHome));
        Release(_branches.Except(_promising));
        _branches.Clear();
        _stage = Stage.Menus;
    }

    /// <summary>What was promising is being rehearsed now, or never will.</summary>
    public void Offered()
    {
        Release(_promising);
        _promising.Clear();
    }
}
