namespace Ieum.Plan.Across;

/// <summary>
/// The coordinator's side of rehearsals: which plans are rehearsed, and which is the best by true times. It hears of numbers only; letters
/// and variants pass it closed. They ride along with the rounds of the search, so they cost bytes and hardly a message.
/// </summary>
internal sealed class Rehearsals(SharedBook book, AcrossOptions options)
{
    /// <summary>Numbers of rehearsals begin here, above those of plans.</summary>
    public const int First = 1_000_000_000;
    /// <summary>A group that takes longer waits for nothing: its sequences wait for each other in a circle, or a company lost a letter.</summary>
    private const int MostRounds = 60;
    /// <summary>Groups of variants of the best plan under way at once.</summary>
    private const int AtOnce = 3;

    /// <summary>A negotiated plan that is rehearsed, and what it looked like.</summary>
    private sealed record Root(PlanView View, int Plan, Look?[] Looks);

    private sealed record Group(int Number, int[] Members, int Base, Root Root, int Since);

    private readonly List<Group> _open = [];
    private readonly List<Mail>[] _mail = [.. Enumerable.Range(0, book.Companies).Select(_ => new List<Mail>())];
    private readonly byte[]?[] _keys = new byte[]?[book.Companies];
    private readonly HashSet<int> _met = [];
    private readonly List<int> _forget = [];
    private int[] _parties = [.. Enumerable.Range(0, book.Companies)];
    private Root? _root;
    private int _next = First, _groups, _rounds, _plans;

    /// <summary>The best by true times so far; 0 before the first.</summary>
    public int Best { get; private set; }
    /// <summary>The negotiated plan behind <see cref="Best"/>: its companies and, before they re-sequenced themselves, its times in blurred books.</summary>
    public PlanView? View => _root?.View;
    /// <summary>Number of that plan at the companies.</summary>
    public int Plan => _root?.Plan ?? -1;
    /// <summary>Plans rehearsed, and how often the referee said that one was better.</summary>
    public int Begun => _next - First;
    public int Improved { get; private set; }
    /// <summary>How often the better one came of another negotiated plan.</summary>
    public int Roots { get; private set; }
    public bool On { get; private set; } = options.Rehearsals > 0;
    public bool Busy => _open.Count > 0;
    private bool Met => _met.Count == _parties.Length;

    /// <summary>A company was set aside: what the others heard of it is void, and the promises decide from now on.</summary>
    public void Stop() => (On, Best, _root) = (false, 0, null);

    /// <summary>Whether another negotiated plan may be rehearsed; a part of all is kept for variants.</summary>
    public bool Wants(double progress) => On && Met && _plans < options.Rehearsals * 0.35 * progress;

    /// <summary>Has a plan rehearsed as it was negotiated.</summary>
    /// <param name="number">The plan's number now; a copy is kept under <paramref name="copy"/>.</param>
    public void Offer(PlanView plan, int number, int copy, Func<int, Look> look, Outbox[] out_)
    {
        var view = new PlanView(book);
        view.CopyFrom(plan);
        var root = new Root(view, copy, [.. Enumerable.Range(0, book.Companies).Select(c => view.At.Contains(c) ? look(c) : null)]);
        var id = _next++;
        _plans++;
        foreach (var c in _parties)
        {
            out_[c].Keep.AddRange([number, copy]);
            List<long> to = [];
            for (var o = 0; o < book.Operations; o++)
                if (view.At[o] == c && !book.IsFirst[o + 1] && view.At[o + 1] != c) to.AddRange([o, view.At[o + 1]]);
            out_[c].Trials.Add(new(id, copy, 0, _parties, _parties[0], [.. to], null, 0, false));
        }
        Open([id], 0, root, out_);
    }

    private void Open(int[] members, int of, Root root, Outbox[] out_)
    {
        var group = new Group(++_groups, members, of, root, _rounds);
        _open.Add(group);
        out_[_parties[0]].Judgements.Add(new(group.Number, members, _parties.Length, false));
    }

    /// <summary>All companies at once, and each by itself, try to do better by true times.</summary>
    private void Vary(int of, Root root, bool each, Outbox[] out_)
    {
        List<int> members = [];
        foreach (var changed in _parties.Where(c => each && root.Looks[c] is not null).Select(c => (int[])[c]).Append(_parties))
        {
            var id = _next++;
            members.Add(id);
            foreach (var c in _parties)
                out_[c].Trials.Add(new(id, -1, of, _parties, _parties[0], [], changed.Contains(c) ? root.Looks[c] : null, options.RehearsalTries, changed.Length > 1));
        }
        Open([.. members], of, root, out_);
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
        if (Best != 0)
            while (_open.Count(g => g.Base == Best) < AtOnce && Begun < options.Rehearsals * Math.Min(1, progress + 0.02)) Vary(Best, _root!, true, out_);
        foreach (var g in _open.Where(g => _rounds - g.Since == MostRounds))
            out_[_parties[0]].Judgements.Add(new(g.Number, g.Members, _parties.Length, true));
    }

    /// <summary>What a company's reply brings: its key, letters for others, the referee's word.</summary>
    public void Take(int c, Reply reply, Outbox[] later)
    {
        if (!On) return;
        if (reply.Key is { } key) _keys[c] ??= key;
        foreach (var m in reply.Mail ?? [])
            if (m.Company >= 0 && m.Company < book.Companies && m.Company != c) _mail[m.Company].Add(new(c, m.Letter));
        if (c != _parties[0]) return;
        for (var i = 0; i + 2 < (reply.Word?.Length ?? 0); i += 3)
        {
            var (number, best, over) = (reply.Word![i], (int)reply.Word[i + 1], reply.Word[i + 2]);
            if (_open.FindIndex(g => g.Number == number) is not (>= 0 and var at)) continue;
            var g = _open[at];
            _open.RemoveAt(at);
            if (best != 0 && g.Members.Contains(best))
            {
                Improved++;
                if (g.Base == 0 || g.Root != _root) Roots++;
                if (Best != 0) _forget.Add(Best);
                (Best, _root) = (best, g.Root);
            }
            // A plan as negotiated is compared with one that the companies have polished; it deserves the same.
            else if (g.Base == 0 && over > 0 && Begun < options.Rehearsals) _again.Add((g.Members[0], g.Root));
            foreach (var m in g.Members)
                if (m != Best && !(g.Base == 0 && over > 0)) _forget.Add(m);
            if (g.Base != 0 && g.Base != Best && _open.All(o => o.Base != g.Base)) _forget.Add(g.Base);
        }
        foreach (var (of, root) in _again) Vary(of, root, false, later);
        _again.Clear();
    }

    private readonly List<(int Of, Root Root)> _again = [];
}
