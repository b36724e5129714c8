namespace Ieum.Plan.Across;

/// <summary>
/// The coordinator's side of rehearsals: which plans are rehearsed, and which is the best of each chain by true times. It hears of numbers only;
/// letters and variants pass it closed. They ride along with the rounds of the search, so they cost bytes and hardly a message.
/// </summary>
internal sealed class Rehearsals(Knowledge knowledge, AcrossOptions options, int chains)
{
    /// <summary>Numbers of rehearsals begin here, above those of plans.</summary>
    public const int First = 1_000_000_000;
    /// <summary>A group that takes longer waits for nothing: its sequences wait for each other in a circle, or a company lost a letter.</summary>
    private const int MostRounds = 60;
    /// <summary>Groups of variants of a best plan under way at once.</summary>
    private const int AtOnce = 4;
    /// <summary>Groups of variants in a row without a better one, after which a chain's best plan is left alone.</summary>
    private const int MostIdle = 8;

    /// <summary>A negotiated plan that is rehearsed; what it looks like from each company is worked out when a variant is asked for.</summary>
    private sealed class Root(PlanView view)
    {
        public PlanView View => view;
        public Look?[]? Looks { get; set; }
    }

    /// <summary>The best by true times of one chain; no rehearsal before the first.</summary>
    private sealed class Line
    {
        public int Best { get; set; }
        public Root? Root { get; set; }
        /// <summary>Groups of variants without a better one since <see cref="Best"/>.</summary>
        public int Idle { get; set; }
    }

    private sealed record Group(int Number, int[] Members, int Base, Root Root, int Chain, int Since);

    private readonly SharedBook _book = knowledge.Book;
    private readonly Flow _flow = new(knowledge);
    private readonly Line[] _lines = [.. Enumerable.Range(0, chains).Select(_ => new Line())];
    private readonly List<Group> _open = [];
    private readonly List<Mail>[] _mail = [.. Enumerable.Range(0, knowledge.Book.Companies).Select(_ => new List<Mail>())];
    private readonly byte[]?[] _keys = new byte[]?[knowledge.Book.Companies];
    private readonly HashSet<int> _met = [];
    private readonly List<int> _forget = [];
    private readonly List<(int Of, Root Root, int Chain)> _again = [];
    private readonly int[] _parties = [.. Enumerable.Range(0, knowledge.Book.Companies)];
    private int _next = First, _groups, _rounds, _plans, _best = -1;

    /// <summary>The best by true times so far; 0 before the first.</summary>
    public int Best => _best < 0 ? 0 : _lines[_best].Best;
    /// <summary>The negotiated plan behind <see cref="Best"/>: its companies and, before they re-sequenced themselves, its times in blurred books.</summary>
    public PlanView? View => _best < 0 ? null : _lines[_best].Root?.View;
    /// <summary>Plans rehearsed, and how often the referee said that one was better than all before.</summary>
    public int Begun => _next - First;
    public int Improved { get; private set; }
    /// <summary>How often a chain's better one came of another negotiated plan.</summary>
    public int Roots { get; private set; }
    public bool On { get; private set; } = options.Rehearsals > 0;
    private bool Met => _met.Count == _parties.Length;

    /// <summary>The best rehearsal of a chain and the negotiated plan behind it; null before the first.</summary>
    public (int Rehearsal, PlanView View)? Of(int chain) => On && _lines[chain] is { Best: not 0, Root: { } root } line ? (line.Best, root.View) : null;

    /// <summary>A company was set aside: what the others heard of it is void, and the promises decide from now on.</summary>
    public void Stop()
    {
        (On, _best) = (false, -1);
        foreach (var line in _lines) (line.Best, line.Root) = (0, null);
    }

    /// <summary>Whether another negotiated plan may be rehearsed; a part of all is kept for variants.</summary>
    public bool Wants(double progress) => On && Met && _plans < options.Rehearsals * options.RootShare * progress;

    /// <summary>What a chain's best rehearsed plan looks like from outside is known anew: later variants are guided by that, not by the plan it came from.</summary>
    public void Refresh(int chain, int rehearsal, PlanView view)
    {
        var line = _lines[chain];
        if (!On || line.Best != rehearsal || rehearsal == 0) return;
        var own = new PlanView(_book);
        own.CopyFrom(view);
        (line.Root, line.Idle) = (new(own), 0);
    }

    /// <summary>Has a chain's plan rehearsed as it was negotiated.</summary>
    /// <param name="number">Per company the plan's number there.</param>
    public void Offer(PlanView plan, IReadOnlyList<int> number, int chain, Outbox[] out_)
    {
        var view = new PlanView(_book);
        view.CopyFrom(plan);
        var id = _next++;
        _plans++;
        foreach (var c in _parties)
        {
            List<long> to = [];
            for (var o = 0; o < _book.Operations; o++)
                if (view.At[o] == c && !_book.IsFirst[o + 1] && view.At[o + 1] != c) to.AddRange([o, view.At[o + 1]]);
            out_[c].Trials.Add(new(id, out_[c].Held(number[c]), 0, _parties, _parties[0], [.. to], null, 0, false));
        }
        Open([id], 0, new(view), chain, out_);
    }

    private void Open(int[] members, int of, Root root, int chain, Outbox[] out_)
    {
        var group = new Group(++_groups, members, of, root, chain, _rounds);
        _open.Add(group);
        out_[_parties[0]].Judgements.Add(new(group.Number, members, _parties.Length, false, chain));
    }

    /// <summary>All companies at once, and each by itself, try to do better by true times.</summary>
    private void Vary(int of, Root root, int chain, bool each, Outbox[] out_)
    {
        root.Looks ??= [.. _parties.Select(c => root.View.At.Contains(c) ? _flow.Outside(root.View, c, 0) : null)];
        List<int> members = [];
        foreach (var changed in _parties.Where(c => each && root.Looks[c] is not null).Select(c => (int[])[c]).Append(_parties))
        {
            var id = _next++;
            members.Add(id);
            foreach (var c in _parties)
                out_[c].Trials.Add(new(id, -1, of, _parties, _parties[0], [], changed.Contains(c) ? root.Looks[c] : null, options.RehearsalTries, changed.Length > 1));
        }
        Open([.. members], of, root, chain, out_);
    }

    /// <summary>Chains are compared in pairs; the worse of each goes on from the better one's plan.</summary>
    /// <param name="pairs">Indices of chains.</param>
    public void Match(IEnumerable<(int One, int Other)> pairs, Outbox[] out_)
    {
        foreach (var (one, other) in pairs)
        {
            if (_lines[one] is not { Best: not 0 } a || _lines[other] is not { Best: not 0 } b || a.Best == b.Best) continue;
            Open([b.Best], 0, b.Root!, one, out_);
            Open([a.Best], 0, a.Root!, other, out_);
        }
    }

    /// <summary>Letters, keys and what is to be rehearsed next.</summary>
    public void Fill(Outbox[] out_, double progress)
    {
        _rounds++;
        if (!On) return;
        if (!Met && _parties.All(c => _keys[c] is not null))
            foreach (var c in _parties)
                if (out_[c].Urgent && _met.Add(c)) out_[c].Keys = _keys;
        foreach (var c in _parties)
        {
            out_[c].Mail.AddRange(_mail[c]);
            _mail[c].Clear();
            out_[c].Drop.AddRange(_forget);
        }
        _forget.Clear();
        for (var i = 0; i < _lines.Length; i++)
        {
            if (_lines[i] is not { Best: not 0, Root: { } root } line || (i != _best && (line.Idle >= MostIdle || progress >= 1))) continue;
            while (_open.Count(g => g.Chain == i && g.Base == line.Best) < AtOnce && Begun < options.Rehearsals * Math.Min(1, progress + 0.02))
                Vary(line.Best, root, i, true, out_);
        }
        foreach (var g in _open.Where(g => _rounds - g.Since == MostRounds))
            out_[_parties[0]].Judgements.Add(new(g.Number, g.Members, _parties.Length, true, g.Chain));
    }

    /// <summary>What a company's reply brings: its key, letters for others, the referee's word.</summary>
    public void Take(int c, Reply reply, Outbox[] later)
    {
        if (!On) return;
        if (reply.Key is { } key) _keys[c] ??= key;
        foreach (var m in reply.Mail ?? [])
            if (m.Company >= 0 && m.Company < _book.Companies && m.Company != c) _mail[m.Company].Add(new(c, m.Letter));
        if (c != _parties[0]) return;
        for (var i = 0; i + 3 < (reply.Word?.Length ?? 0); i += 4) Hear(reply.Word![i], (int)reply.Word[i + 1], (int)reply.Word[i + 2], reply.Word[i + 3] != 0);
        foreach (var (of, root, chain) in _again) Vary(of, root, chain, false, later);
        _again.Clear();
    }

    /// <param name="better">The member of the group that is its chain's best from now on; 0 for none.</param>
    /// <param name="over">Members that came to an end.</param>
    /// <param name="ofAll">Whether it is better than every other chain's too.</param>
    private void Hear(long number, int better, int over, bool ofAll)
    {
        if (_open.FindIndex(g => g.Number == number) is not (>= 0 and var at)) return;
        var g = _open[at];
        _open.RemoveAt(at);
        var line = _lines[g.Chain];
        // Between chains known plans are compared: nothing is to be done for them, or to be forgotten but what lost.
        var known = _lines.Any(l => l != line && g.Members.Contains(l.Best));
        var old = line.Best;
        if (better != 0 && g.Members.Contains(better))
        {
            if (g.Base == 0 || g.Root != line.Root) Roots++;
            (line.Best, line.Root, line.Idle) = (better, g.Root, 0);
            if (ofAll)
            {
                Improved++;
                _best = g.Chain;
            }
            Forget(old);
        }
        else if (g.Base != 0 && g.Base == line.Best) line.Idle++;
        // A plan as negotiated is compared with one that the companies have polished; it deserves the same.
        else if (g.Base == 0 && over > 0 && !known && Begun < options.Rehearsals)
        {
            _again.Add((g.Members[0], g.Root, g.Chain));
            return;
        }
        foreach (var m in g.Members) Forget(m);
        Forget(g.Base);
    }

    private void Forget(int rehearsal)
    {
        if (rehearsal != 0 && _lines.All(l => l.Best != rehearsal) && _open.All(g => g.Base != rehearsal && !g.Members.Contains(rehearsal)) && _again.All(a => a.Of != rehearsal)) _forget.Add(rehearsal);
    }
}
