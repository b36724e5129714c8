namespace Ieum.Plan.Across;

/// <summary>
/// One plan under improvement: asks menus for some neighbourhoods, makes branches of the answers, lets them settle, takes the best.
/// Several chains share the rounds of one negotiation.
/// </summary>
internal sealed class Chain
{
    private readonly Knowledge _knowledge;
    private readonly SharedBook _book;
    private readonly AcrossOptions _options;
    private readonly LabelSearch _labels;
    private readonly Picker _picker;
    private readonly Func<int> _number;
    private readonly Dictionary<(int Op, int Company), (long, long, long, long)> _told = [];
    private readonly List<Neighbourhood> _hoods = [];
    private readonly List<Branch> _branches = [];
    private readonly List<Move> _leftover = [];
    private readonly Queue<int> _toPlace;
    private readonly bool[] _bestStale;
    private Branch? _adopt;
    private Rng _rng;

    public Chain(int id, Knowledge knowledge, AcrossOptions options, Func<int> number)
    {
        (Id, _knowledge, _book, _options, _number) = (id, knowledge, knowledge.Book, options, number);
        _rng = Rng.Of(options.Seed, 100 + id);
        _labels = new(knowledge, options.Labels);
        (Standing, Best) = (View(), View());
        _picker = new(knowledge, Standing);
        _bestStale = new bool[_book.Companies];
        _toPlace = new(FirstOrder());
        _warm = options.Standing is null ? null : WarmStart(options.Standing);
    }

    private Move? _warm;

    private PlanView View() => new(_book, _options.Standing, _options.MovePrice);

    /// <summary>Orders that can be kept whole go back where they were, in order of their finish; the others are placed as new.</summary>
    private Move? WarmStart(IReadOnlyList<(int Company, long Finish)> standing)
    {
        var kept = Enumerable.Range(0, _book.Orders).Where(j => Enumerable.Range(_book.First[j], _book.First[j + 1] - _book.First[j]).All(o => standing[o].Company >= 0 && _book.Able[o].Contains(standing[o].Company))).ToHashSet();
        var rest = _toPlace.Where(j => !kept.Contains(j)).ToList();
        _toPlace.Clear();
        foreach (var j in rest) _toPlace.Enqueue(j);
        List<(int Operation, int Company, long Arrival, long Finish)> places = [];
        foreach (var j in kept)
            for (var o = _book.First[j]; o < _book.First[j + 1]; o++)
            {
                var from = o > _book.First[j] ? standing[o - 1].Company : _book.Origin[j];
                var arrival = (o > _book.First[j] ? standing[o - 1].Finish : _book.Release[j]) + (from >= 0 ? _book.Transport[from][standing[o].Company] : 0);
                // A part that is late now arrives after its old finish; its company is asked for what it can do.
                places.Add((o, standing[o].Company, arrival, Math.Max(standing[o].Finish, arrival + 1)));
            }
        return places.Count == 0 ? null : new([.. places.OrderBy(p => p.Finish).ThenBy(p => p.Operation)], []);
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

    private List<int> FirstOrder()
    {
        // Least slack per unit of weight first; each chain with its own noise.
        var noise = Id == 0 ? 0 : 0.6;
        return Enumerable.Range(0, _book.Orders)
            .Select(j => (Order: j, Key: (_book.Due[j] - _book.Release[j] * 0.5) / Math.Sqrt(_book.Weight[j]) * (1 + noise * (_rng.Unit() - 0.5)), j))
            .OrderBy(x => x.Key).ThenBy(x => x.j).Select(x => x.Order).ToList();
    }

    /// <summary>Goes on from another chain's best plan.</summary>
    public void RestartFrom(Chain other, Outbox[] out_)
    {
        Standing.CopyFrom(other.Best);
        Best.CopyFrom(other.Best);
        BestObjective = other.BestObjective;
        // Said at once: the other chain may replace its best plan later in the same message.
        foreach (var o in out_) o.Keep.AddRange([other.BestNumber, Id, other.BestNumber, BestNumber]);
        (_adopt, _sinceBest, _idle) = (null, 0, 100);
        Array.Fill(_bestStale, false);
        _told.Clear();
        _slack.Clear();
        _leftover.Clear();
    }

    public bool Idle => _branches.Count == 0 && _hoods.Count == 0;

    /// <summary>Puts into the outboxes what this chain wants to know next.</summary>
    public void Ask(Outbox[] out_)
    {
        if (_branches.Count > 0)
        {
            foreach (var b in _branches) b.Ask(out_);
            return;
        }
        if (_warm is { } warm)
        {
            _warm = null;
            _branches.Add(new(_book, _number(), Id, Standing, warm, 0, View()));
            _branches[0].Ask(out_);
            return;
        }
        Adopt(out_);
        if (++_sinceBest > 40 && _toPlace.Count == 0) RestartFrom(this, out_);
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
        Grant(out_);
    }

    private void Adopt(Outbox[] out_)
    {
        if (_adopt is not { } a) return;
        foreach (var c in a.Touched)
        {
            out_[c].Keep.AddRange([a.Number, Id]);
            _bestStale[c] = true;
        }
        if (_toPlace.Count == 0 && Standing.Objective() < BestObjective)
        {
            BestObjective = Standing.Objective();
            _sinceBest = 0;
            Best.CopyFrom(Standing);
            for (var c = 0; c < _book.Companies; c++)
                if (_bestStale[c] || Generations == 0)
                {
                    out_[c].Keep.AddRange([Id, BestNumber]);
                    _bestStale[c] = false;
                }
        }
        _adopt = null;
    }

    /// <summary>
    /// Latest finishes and prices of lateness. At the end of an order its due time, or for a late one something between that and
    /// its standing end; before, what the next company said it can wait; where nobody said anything yet, the shortest way to the end.
    /// </summary>
    private void Grant(Outbox[] out_)
    {
        // A little less than the standing end: at the standing one nobody would have a reason to end sooner.
        var last = Math.Max(1, (long)(Standing.Makespan() * (1 - _rng.Between(0, 0.06))));
        var lists = new List<long>[_book.Companies];
        for (var c = 0; c < lists.Length; c++) lists[c] = [];
        var freed = _hoods.SelectMany(h => h.Segments).SelectMany(s => Enumerable.Range(s.From, s.To - s.From)).ToHashSet();
        for (var j = 0; j < _book.Orders; j++)
        {
            var end = _book.First[j + 1];
            var ends = Standing.At[end - 1] >= 0 ? Standing.Finish[end - 1] : 0;
            var due = _book.Due[j] + (long)(Math.Max(0, ends - _book.Due[j]) * _rng.Unit());
            for (var o = _book.First[j]; o < end; o++)
            {
                if (Standing.At[o] < 0 && !freed.Contains(o)) continue;
                var grant = GrantOf(j, o, end, due, last);
                if (Standing.At[o] >= 0)
                {
                    // Whoever does the next operation too knows better than anybody how long it can wait.
                    var inside = o + 1 < end && Standing.At[o + 1] == Standing.At[o];
                    Tell(o, Standing.At[o], inside ? (Never, 0, Never, 0) : grant);
                }
                if (!freed.Contains(o)) continue;
                foreach (var c in _book.Able[o])
                    if (c != Standing.At[o]) Tell(o, c, grant);
            }
        }
        // An empty list asks for the slack all the same.
        for (var c = 0; c < lists.Length; c++) out_[c].Targets.Add((new(Id, [.. lists[c]]), this));

        void Tell(int o, int c, (long A, long, long B, long) grant)
        {
            if (_told.TryGetValue((o, c), out var old) && old == grant) return;
            _told[(o, c)] = grant;
            lists[c].AddRange([o, grant.A, grant.Item2, grant.B, grant.Item4]);
        }
    }

    private const long Never = long.MaxValue / 8;

    private (long, long, long, long) GrantOf(int j, int o, int end, long due, long last)
    {
        if (o + 1 < end && Standing.At[o] >= 0 && Standing.At[o + 1] >= 0 && _slack.TryGetValue(o + 1, out var s))
        {
            var way = _book.Transport[Standing.At[o]][Standing.At[o + 1]];
            return (s.Item1 - way, s.Item2, s.Item3 - way, s.Item4);
        }
        var tail = _knowledge.ShortestTail(Standing, o, end);
        return (due - tail, _book.Weight[j], last - tail, 1);
    }

    private readonly Dictionary<int, (long, long, long, long)> _slack = [];

    /// <summary>Takes in what a company can wait for; false when it is nonsense.</summary>
    public bool HearSlack(int company, long[] list)
    {
        if (list.Length % 5 != 0) return false;
        for (var i = 0; i < list.Length; i += 5)
        {
            if (list[i] < 0 || list[i] >= _book.Operations || list[i + 2] < 0 || list[i + 4] < 0) return false;
            if (Standing.At[list[i]] == company) _slack[(int)list[i]] = (list[i + 1], list[i + 2], list[i + 3], list[i + 4]);
        }
        return true;
    }

    /// <summary>After all companies answered a round.</summary>
    public void Advance(long horizon)
    {
        if (_branches.Count == 0)
        {
            MakeBranches();
            return;
        }
        foreach (var b in _branches) b.Propagate(24, horizon);
        var open = _branches.Count(b => !b.Dead && !b.Settled);
        // The last stragglers would keep all companies busy for little: their companies are asked for them alone.
        if (open > 0 && (Building || !(open <= _branches.Count / 6 && _branches.Exists(b => b.Settled)))) return;
        Choose();
    }

    private void MakeBranches()
    {
        foreach (var hood in _hoods)
        {
            for (var variant = 0; variant < (Building ? 1 : 2); variant++)
            {
                List<(int, int, long, long)> places = [];
                foreach (var s in hood.Segments)
                {
                    var found = _labels.Best(s, hood, Standing, (finish, o) => EndCost(s.Order, o, finish), variant * 0.5, ref _rng);
                    if (found is null)
                    {
                        places.Clear();
                        break;
                    }
                    places.AddRange(found.Select((f, i) => (s.From + i, f.Company, f.Arrival, f.Finish)));
                }
                if (places.Count == 0)
                {
                    if (Building) Unplaced.AddRange(hood.Segments.Select(s => s.Order));
                    break;
                }
                // The second search is worth a branch only when it found another company or time.
                if (variant == 1 && _branches.Count > 0 && _branches[^1].Move.Places.AsSpan().SequenceEqual(places.ToArray())) continue;
                // Half of the branches let the companies touched re-sequence themselves around the new places.
                Add(new([.. places], !Building && _options.Effort > 0 && _rng.Unit() < 0.3 ? [.. places.Select(p => p.Item2).Distinct()] : []), _options.Effort / 2);
            }
        }
        _hoods.Clear();
        if (Building) return;
        foreach (var move in _leftover) Add(move);
        _leftover.Clear();
        // Companies re-sequencing themselves: many short walks and some long ones, alone and all at once.
        for (var i = 0; _options.Effort > 0 && i < 2 * _book.Companies; i++)
            Add(new([], [i % _book.Companies]), (int)(_options.Effort * Math.Pow(30, _rng.Unit() - 0.7)));
        for (var i = 0; _options.Effort > 0 && i < 2; i++)
            Add(new([], [.. Enumerable.Range(0, _book.Companies)]), (int)(_options.Effort * Math.Pow(30, _rng.Unit() - 0.7)));

        void Add(Move move, int effort = 0) => _branches.Add(new(_book, _number(), Id, Standing, move, effort, View()));
    }

    private double EndCost(int order, int op, long finish)
    {
        var end = _book.First[order + 1];
        var tail = _knowledge.ShortestTail(Standing, op, end);
        if (op + 1 < end && Standing.At[op + 1] >= 0 && Standing.At[end - 1] >= 0)
        {
            // What follows stands already: its company said how long it can wait. The way there is nearly the same from anywhere.
            var way = Standing.At[op] >= 0 ? _book.Transport[Standing.At[op]][Standing.At[op + 1]] : 0;
            if (_slack.TryGetValue(op + 1, out var s))
                return Math.Max(0, finish + way - s.Item1) * (double)s.Item2 + Math.Max(0, finish + way - s.Item3) * (double)s.Item4 + finish * 1e-3;
        }
        var last = finish + tail;
        return _book.Weight[order] * (double)Math.Max(0, last - _book.Due[order]) + Math.Max(0, last - Standing.Makespan()) + last * 1e-3;
    }

    private void Choose()
    {
        Evaluated += _branches.Count(b => b.Settled);
        var now = Standing.Objective();
        var good = _branches.Where(b => b.Settled && !b.View.Same(Standing)).Select(b => (Branch: b, Value: b.View.Objective())).OrderBy(b => b.Value).ToList();
        if (good.Count > 0)
        {
            var bar = Building ? long.MaxValue : now + (long)(_options.Threshold * (now % PlanView.Missing) * Math.Pow(1 - Progress, 2) * _rng.Unit());
            // Any of those under the bar when none improves: always the best of them would walk in a circle.
            var under = good[0].Value < now ? 1 : good.Count(g => g.Value <= bar);
            if (under == 0 || good[0].Value >= now) _idle++;
            else _idle = 0;
            if (!Building && under == 0 && _idle > 6 + _rng.Below(6))
            {
                // A kick: something worse, to come down on another side.
                under = Math.Max(1, good.Count(g => g.Value <= now + now % PlanView.Missing / 10));
                _idle = 0;
            }
            if (under > 0)
            {
                _adopt = good[_rng.Below(under)].Branch;
                Standing.CopyFrom(_adopt.View);
                foreach (var p in _adopt.Move.Places)
                {
                    _slack.Remove(p.Operation);
                    _slack.Remove(p.Operation + 1);
                }
                var used = _adopt.Move.Places.Select(p => p.Operation).ToHashSet();
                foreach (var (b, value) in good.Where(g => g.Branch != _adopt).Where(g => g.Value < now).Take(4))
                    if (b.Move.Places.Length > 0 && b.Move.Places.All(p => used.Add(p.Operation))) _leftover.Add(b.Move);
            }
        }
        // Broken off while an order was being placed: it is tried again later, but not for ever.
        if (good.Count == 0 && _tries++ < 3 * _book.Orders)
            foreach (var j in _branches.SelectMany(b => b.Move.Places).Select(p => Array.FindLastIndex(_book.First, f => f <= p.Operation)).Distinct())
                if (Standing.At[_book.First[j]] < 0) _toPlace.Enqueue(j);
        foreach (var b in _branches) _done.Add(b);
        _branches.Clear();
    }

    private int _idle, _sinceBest, _tries;
    private readonly List<Branch> _done = [];

    /// <summary>Branches are forgotten after the one that was taken has been copied, so in the message behind the copy.</summary>
    public void Forget(Outbox[] out_)
    {
        if (_branches.Count > 0) return;
        foreach (var b in _done)
            foreach (var c in b.Touched) out_[c].Drop.Add(b.Number);
        _done.Clear();
    }
}
