namespace Ieum.Plan.Across;

/// <param name="Round">Rounds of messages so far.</param>
/// <param name="Messages">Both directions.</param>
/// <param name="Best">Best promised objective so far.</param>
internal readonly record struct CurvePoint(int Round, int Messages, long Best);

/// <summary>The coordinator: brings the companies' plans together knowing orders, ways and answers, and nothing else.</summary>
internal sealed class Negotiation
{
    /// <summary>A company that does not answer is asked so often again, in the same words; its number keeps it from doing anything twice.</summary>
    private const int AskedAgain = 2;
    /// <summary>A silent company is asked every so many rounds whether it is back.</summary>
    private const int RoundsToReturn = 20;
    /// <summary>Later than this part of the negotiation nobody is taken in again: what is planned would be thrown away.</summary>
    private const double LatestReturn = 0.6;

    /// <summary>Rounds in a row without a question, after which there is none.</summary>
    private const int MostIdle = 100;

    private readonly SharedBook _all;
    private SharedBook _book;
    private readonly ICompanyLine[] _lines;
    private readonly AcrossOptions _options;
    private Knowledge _knowledge;
    private Chain[] _chains;
    private readonly Outbox[] _out;
    private readonly int[] _number;
    private readonly TimeProvider _clock;
    private int _branchNumber = 10_000;
    private readonly Rehearsals _rehearsals;
    private readonly Dictionary<Chain, HashSet<long>> _offered = [];
    private Rng _rng;

    /// <summary>Told after every better plan and every hundredth part; called on the thread of <see cref="Run"/>.</summary>
    public Action<AcrossProgress>? Progress { get; init; }
    private double _told = -1;

    private void Tell(AcrossPhase phase, double share)
    {
        _told = share;
        Progress?.Invoke(new(phase, Math.Clamp(share, 0, 1), Rounds, Messages, Bytes, Curve.Count > 0 ? Curve[^1].Best : null));
    }

    public Negotiation(SharedBook book, ICompanyLine[] lines, AcrossOptions options, TimeProvider clock)
    {
        (_all, _book, _lines, _options, _clock) = (book, book, lines, options, clock);
        _knowledge = new(book);
        _chains = Chains();
        _out = [.. Enumerable.Range(0, book.Companies).Select(_ => new Outbox())];
        (_number, _silent) = (new int[book.Companies], new bool[book.Companies]);
        // While a standing plan is repaired, what counts beside the objective is how much moves; rehearsals do not know that.
        _rehearsals = new(_knowledge, options.Standing is null ? options : options with { Rehearsals = 0 }, _chains.Length);
        _rng = Rng.Of(options.Seed, 55);
    }

    /// <summary>New chains under new numbers, with the companies that are left.</summary>
    private Chain[] Chains() => [.. Enumerable.Range(1, _options.Chains > 0 ? _options.Chains : Math.Clamp(600 / Math.Max(1, _book.Operations), 4, 12)).Select(i => new Chain(i + 100 * _begins, _knowledge, _options, () => ++_branchNumber))];

    /// <summary>Begins anew with those who are not set aside: what was planned with others is planned again.</summary>
    private void BeginAnew()
    {
        _begins++;
        foreach (var box in _out) box.Clear();
        _book = _all with { Able = [.. _all.Able.Select(a => a.Where(c => !Quarantined.ContainsKey(c)).ToArray())] };
        _knowledge = new(_book);
        _chains = Chains();
        _rehearsals.Stop();
    }

    public int Messages { get; private set; }
    public long Bytes { get; private set; }
    public int Rounds { get; private set; }
    public int Evaluated => _chains.Sum(c => c.Evaluated);
    public List<CurvePoint> Curve { get; } = [];
    /// <summary>Companies whose answers broke the rules or did not come, with the first reason; nothing is asked of them any more but, where they were silent, whether they are back.</summary>
    public SortedDictionary<int, string> Quarantined { get; } = [];
    /// <summary>Companies that were silent and came back.</summary>
    public SortedSet<int> Returned { get; } = [];
    private readonly SortedDictionary<int, int> _silentSince = [];
    private int _begins, _idle;
    public int Plan { get; private set; } = -1;
    /// <summary>Plans rehearsed by true times, and how often one was better than those before.</summary>
    public (int Begun, int Improved, int Roots) Rehearsed() => (_rehearsals.Begun, _rehearsals.Improved, _rehearsals.Roots);

    /// <summary>Negotiates until messages, rounds or time are used up, then lets all companies accept the best plan in two phases.</summary>
    public PlanView Run(CancellationToken cancel)
    {
        var begun = _clock.GetTimestamp();
        var most = _options.MessagesPerOperation * _book.Operations - 8 * _book.Companies;
        var horizon = _book.Due.Max() * 20L + 1_000_000;
        var culled = 0;
        long best = long.MaxValue;
        while (true)
        {
            cancel.ThrowIfCancellationRequested();
            var progress = Math.Max(Messages / (double)most, _options.Rounds > 0 ? Rounds / (double)_options.Rounds : 0);
            progress = Math.Max(progress, _clock.GetElapsedTime(begun) / _options.Limit);
            // Where nobody is left who can do anything, nothing is asked and nothing moves on.
            if (_idle > MostIdle || (progress >= 1 && !_chains.All(c => c.Building))) break;
            if (_rehearsals is { On: true, Best: not 0 } && progress >= 1 - _options.Encore && _chains.All(c => c.Idle))
            {
                // Nothing more is searched; the companies go on rehearsing what is best.
                _rehearsals.Fill(_out, 1);
                if (!_out.Any(o => o.Urgent)) break;
                Exchange();
                RoundOver?.Invoke();
                continue;
            }
            if (progress >= _told + 0.01) Tell(_chains.All(c => c.Building) ? AcrossPhase.Placing : AcrossPhase.Improving, progress);
            foreach (var c in _chains) c.Progress = Math.Min(1, progress / (_rehearsals.On ? 1 - _options.Encore : 1));
            if (progress > (culled + 1.0) / (_options.Matches + 1) && culled < _options.Matches) Cull(ref culled);
            for (var i = 0; i < _chains.Length; i++)
            {
                var c = _chains[i];
                if (c.Idle && progress >= (_rehearsals is { On: true, Best: not 0 } ? 1 - _options.Encore : 1)) continue;
                c.Truth = _rehearsals.Of(i);
                Rehearse(i, progress);
                c.Ask(_out);
            }
            _rehearsals.Fill(_out, progress);
            var quarantined = Quarantined.Count;
            Exchange();
            RoundOver?.Invoke();
            if (Quarantined.Count > quarantined || (progress < LatestReturn && CameBack()))
            {
                BeginAnew();
                (best, culled) = (long.MaxValue, 0);
                continue;
            }
            var nonsense = new (int Company, string Why)?[_chains.Length];
            Parallel.For(0, _chains.Length, i => nonsense[i] = _chains[i].Advance(horizon));
            for (var i = 0; i < _chains.Length; i++)
                if (_chains[i].JustTaken) _rehearsals.Refresh(i, _chains[i].Taken, _chains[i].Standing);
            foreach (var found in nonsense)
                if (found is { } n) Quarantined.TryAdd(n.Company, n.Why);
            if (Quarantined.Count > quarantined)
            {
                BeginAnew();
                (best, culled) = (long.MaxValue, 0);
                continue;
            }
            var now = _chains.Min(c => c.BestObjective);
            if (now >= best) continue;
            best = now;
            Curve.Add(new(Rounds, Messages, best));
            Tell(AcrossPhase.Improving, progress);
        }
        Tell(AcrossPhase.Accepting, 1);
        var chosen = _chains.MinBy(c => c.BestObjective)!;
        Accept(chosen);
        return Plan >= Rehearsals.First ? _rehearsals.View! : chosen.Best;
    }

    /// <summary>Plans of a chain's last generation are rehearsed when their promises are among the good ones.</summary>
    private void Rehearse(int chain, double progress)
    {
        var c = _chains[chain];
        foreach (var b in c.Promising)
        {
            if (!_rehearsals.Wants(progress)) break;
            if (b.Value >= PlanView.Missing || b.Value > Math.Max(c.BestObjective, c.Mark) * (1 + _options.RehearsalMargin)) continue;
            if (!_offered.TryGetValue(c, out var before)) _offered[c] = before = [];
            if (before.Add(b.Value)) _rehearsals.Offer(b.View, b.Source, chain, _out);
        }
        c.Offered();
    }

    /// <summary>Chains meet in pairs and the worse goes on from the better one's plan; by promises alone, the worse half from the best.</summary>
    private void Cull(ref int culled)
    {
        if (_chains.Length < 2 || _chains.Any(c => c.Building)) return;
        culled++;
        if (_rehearsals is { On: true, Best: not 0 })
        {
            int[] drawn = [.. Enumerable.Range(0, _chains.Length)];
            _rng.Shuffle<int>(drawn);
            _rehearsals.Match(Enumerable.Range(0, drawn.Length / 2).Select(i => (drawn[2 * i], drawn[2 * i + 1])), _out);
            return;
        }
        var order = _chains.OrderBy(c => c.BestObjective).ToArray();
        for (var i = order.Length - 1; i >= Math.Max(1, order.Length - Math.Max(1, order.Length / 2)); i--)
            if (order[i].Idle) order[i].RestartFrom(order[0], _out);
    }

    /// <summary>Asks silent companies whether they are back; those that answer are planned with again.</summary>
    private bool CameBack()
    {
        var requests = new Request?[_lines.Length];
        foreach (var (c, since) in _silentSince)
            if ((Rounds - since) % RoundsToReturn == 0) requests[c] = new() { Number = ++_number[c] };
        if (requests.All(r => r is null)) return false;
        var replies = SendAll(requests);
        var back = false;
        foreach (var c in _silentSince.Keys.ToArray())
        {
            if (replies[c] is not { Error: null }) continue;
            _silentSince.Remove(c);
            Quarantined.Remove(c);
            Returned.Add(c);
            back = true;
        }
        return back;
    }

    private void Exchange()
    {
        Rounds++;
        var requests = new Request?[_lines.Length];
        for (var c = 0; c < _lines.Length; c++)
        {
            if (Quarantined.ContainsKey(c)) _out[c].Clear();
            else if (_out[c].Urgent) requests[c] = _out[c].ToRequest(++_number[c]);
        }
        var replies = SendPatiently(requests);
        for (var c = 0; c < _lines.Length; c++)
        {
            if (requests[c] is null) continue;
            if (_silent[c])
            {
                _silentSince[c] = Rounds;
                Quarantine(c, "no answer in time", _out[c]);
            }
            else Take(c, _out[c], replies[c]);
            _out[c].Clear();
        }
        for (var c = 0; c < _lines.Length; c++)
            if (replies[c] is { } reply) _rehearsals.Take(c, reply, _out);
    }

    /// <summary>Per company whether nothing came back from it when it was asked last.</summary>
    private readonly bool[] _silent;

    private Reply?[] SendPatiently(Request?[] requests)
    {
        var replies = SendAll(requests);
        for (var again = 0; again < AskedAgain; again++)
        {
            Request?[] open = [.. requests.Select((r, c) => _silent[c] ? r : null)];
            if (open.All(r => r is null)) break;
            RoundOver?.Invoke();
            var late = SendAll(open);
            for (var c = 0; c < late.Length; c++) replies[c] ??= late[c];
        }
        return replies;
    }

    /// <summary>Called after every round; a simulated clock moves here by one round trip.</summary>
    public Action? RoundOver { get; set; }

    /// <summary>Every exchange of the negotiation, in order; for attackers and for the record.</summary>
    public Action<int, byte[], byte[]>? Overhear { get; set; }

    /// <summary>All companies work on their answers at the same time, as they would in life; what they say is taken in by turns.</summary>
    private Reply?[] SendAll(Request?[] requests)
    {
        _idle = requests.All(r => r is null) ? _idle + 1 : 0;
        var replies = new Reply?[requests.Length];
        var (sent, back) = (new byte[requests.Length][], new byte[]?[requests.Length]);
        Parallel.For(0, requests.Length, c =>
        {
            if (requests[c] is not { } request) return;
            sent[c] = MessageCodec.Encode(request);
            back[c] = _lines[c].Exchange(sent[c]);
            if (back[c] is { } bytes && MessageCodec.TryDecode(bytes, out Reply? reply) && reply.Number == request.Number) replies[c] = reply;
        });
        for (var c = 0; c < requests.Length; c++)
        {
            if (requests[c] is null) continue;
            Messages++;
            Bytes += sent[c].Length;
            _silent[c] = back[c] is null;
            if (back[c] is not { } bytes) continue;
            Messages++;
            Bytes += bytes.Length;
            Overhear?.Invoke(c, sent[c], bytes);
        }
        return replies;
    }

    private void Take(int c, Outbox box, Reply? reply)
    {
        if (reply is null || reply.Error is not null || (reply.Steps?.Length ?? 0) != box.Steps.Count || (reply.Menus?.Length ?? 0) != box.Menus.Count)
        {
            Quarantine(c, reply?.Error ?? "no readable answer", box);
            return;
        }
        for (var i = 0; i < box.Steps.Count; i++)
            if (reply.Steps![i] is null || box.Steps[i].Hear(reply.Steps[i]) is not null)
            {
                Quarantine(c, reply.Steps[i] is { } step ? box.Steps[i].Hear(step)! : "no answer to a step", box);
                return;
            }
        for (var i = 0; i < box.Menus.Count; i++)
            if (!TakeMenu(c, box.Menus[i].Ask, box.Menus[i].Hood, reply.Menus![i], out var why))
            {
                Quarantine(c, why, box);
                return;
            }
    }

    private bool TakeMenu(int c, MenuAsk ask, Neighbourhood hood, long[] flat, out string why)
    {
        why = "";
        var at = 0;
        foreach (var arrival in ask.Arrivals)
        {
            if (at >= flat.Length || flat[at] < 0 || flat[at] > _options.MostOffers || at + 1 + 2 * flat[at] > flat.Length)
            {
                why = $"menu for operation {ask.Operation} is cut off or oversized";
                return false;
            }
            var count = flat[at++];
            for (var i = 0; i < count; i++, at += 2)
            {
                var (finish, price) = (flat[at], flat[at + 1]);
                if (finish <= arrival || price < 0 || finish > PlanView.Latest || price > PlanView.Latest)
                {
                    why = finish > PlanView.Latest || price > PlanView.Latest ? $"operation {ask.Operation} offered at {finish} for {price}, beyond all measure" : finish <= arrival ? $"operation {ask.Operation} offered to finish at {finish}, before it arrives at {arrival}" : $"negative price {price} for operation {ask.Operation}";
                    return false;
                }
                _knowledge.Saw(ask.Operation, c, arrival, finish);
                hood.Offers.Add(new(ask.Operation, c, arrival, finish, price));
            }
        }
        return true;
    }

    private void Quarantine(int c, string why, Outbox box)
    {
        Quarantined.TryAdd(c, why);
        foreach (var (_, _, branch) in box.Steps) branch.Kill();
    }

    /// <summary>Two phases: all say ready, then all commit; one refusal and all abort.</summary>
    private void Accept(Chain chosen)
    {
        Plan = _rehearsals is { On: true, Best: > 0 and var rehearsed } ? rehearsed : chosen.BestNumber;
        // With the last look each company knows when its parts will come and what its own ends mean.
        for (var c = 0; c < _lines.Length; c++)
            if (Plan < Rehearsals.First && chosen.Best.At.Contains(c)) _out[c].Looks.Add(chosen.LookAtBest(c));
        var replies = Phase("prepare");
        var ready = Enumerable.Range(0, _lines.Length).All(c => Quarantined.ContainsKey(c) || replies[c]?.Phase == "ready");
        Phase(ready ? "commit" : "abort");
        if (!ready) Plan = -1;
    }

    /// <summary>What a company was not told yet, because nothing was asked of it, goes along.</summary>
    private Reply?[] Phase(string phase)
    {
        var requests = new Request?[_lines.Length];
        for (var c = 0; c < _lines.Length; c++)
        {
            if (!Quarantined.ContainsKey(c)) requests[c] = _out[c].ToRequest(++_number[c]) with { Phase = phase, Plan = Plan };
            _out[c].Clear();
        }
        return SendPatiently(requests);
    }
}
