namespace Ieum.Plan.Across;

/// <summary>Longest ways through a settled plan: what moves when one finish or arrival moves, and what a company must know of the outside.</summary>
internal sealed class Flow(Knowledge knowledge)
{
    private const long Never = long.MinValue / 4;
    private readonly SharedBook _book = knowledge.Book;
    private readonly long[] _time = new long[knowledge.Book.Operations];
    private readonly List<long> _arrivals = [], _orders = [], _others = [];
    private readonly List<int> _exits = [];
    private readonly List<(int Op, long Lag)> _pairs = [];

    /// <summary>Finishes of all others when a company's own are left out of account; or, from one finish on, lags alone.</summary>
    private void Run(PlanView view, int without, int from)
    {
        Array.Fill(_time, Never);
        if (from >= 0) _time[from] = 0;
        var begun = from < 0;
        for (var i = 0; i < view.Placed; i++)
        {
            var o = view.Order[i];
            if (!begun)
            {
                begun = o == from;
                continue;
            }
            if (view.At[o] == without) continue;
            var row = view.Rows[o]!;
            var time = from < 0 ? row.Least : Never;
            for (var k = 0; k < row.From.Length; k++)
                if (Arrival(view, row.From[k], from < 0) + row.Lag[k] is var t && t > time) time = t;
            _time[o] = time;
        }
    }

    /// <param name="constant">Whether arrivals that depend on nobody count.</param>
    private long Arrival(PlanView view, int o, bool constant) => _book.IsFirst[o] ? constant ? view.Arrive[o] : Never
        : _time[o - 1] <= Never ? Never : _time[o - 1] + _book.Transport[view.At[o - 1]][view.At[o]];

    /// <summary>What lies outside a company. Ways too short to matter soon are left out.</summary>
    public Look Outside(PlanView view, int c, int plan)
    {
        var margin = 4 * knowledge.Typical;
        var makespan = view.Makespan();
        _arrivals.Clear();
        _orders.Clear();
        _others.Clear();
        _exits.Clear();
        Run(view, c, -1);
        List<int> entries = [];
        for (var o = 0; o < _book.Operations; o++)
        {
            if (view.At[o] != c) continue;
            if (!_book.IsFirst[o] && view.At[o - 1] >= 0 && view.At[o - 1] != c) entries.Add(o);
            if (!_book.IsFirst[o + 1] && view.At[o + 1] >= 0 && view.At[o + 1] != c) _exits.Add(o);
        }
        var arrival = entries.Select(e => Math.Max(0, Arrival(view, e, true))).ToArray();
        var end = new long[_book.Orders];
        var last = 0L;
        for (var j = 0; j < end.Length; j++)
        {
            var o = _book.First[j + 1] - 1;
            end[j] = view.At[o] < 0 ? Never : view.At[o] == c ? Never : _time[o];
            last = Math.Max(last, end[j]);
        }
        var others = Enumerable.Range(0, _book.Companies).Where(d => d != c).SelectMany(d => view.Own[d].Rows).ToArray();
        var late = others.Select(r => Late(view, r, true)).ToArray();

        var ways = _exits.Select(b =>
        {
            Run(view, c, b);
            return (Op: b, Entries: entries.Select(e => Arrival(view, e, false)).ToArray(),
                Ends: Enumerable.Range(0, _book.Orders).Select(j => view.At[_book.First[j + 1] - 1] is >= 0 and var a && a != c ? _time[_book.First[j + 1] - 1] : Never).ToArray(),
                Late: others.Select(r => Late(view, r, false)).ToArray());
        }).ToArray();

        for (var i = 0; i < entries.Count; i++)
        {
            _pairs.Clear();
            foreach (var w in ways)
                if (w.Entries[i] > Never / 2 && view.Finish[w.Op] + w.Entries[i] + margin >= arrival[i]) _pairs.Add((w.Op, w.Entries[i]));
            Write(_arrivals, entries[i], arrival[i]);
        }
        for (var j = 0; j < end.Length; j++)
        {
            var o = _book.First[j + 1] - 1;
            if (view.At[o] < 0) continue;
            _pairs.Clear();
            if (view.At[o] == c) _pairs.Add((o, 0));
            foreach (var w in ways)
                if (w.Ends[j] > Never / 2 && view.Finish[w.Op] + w.Ends[j] + margin >= Math.Max(end[j], Math.Min(_book.Due[j], makespan))) _pairs.Add((w.Op, w.Ends[j]));
            if (_pairs.Count > 0) Write(_orders, _book.Weight[j], _book.Due[j], Math.Max(0, end[j]));
        }
        for (var i = 0; i < others.Length; i++)
        {
            _pairs.Clear();
            foreach (var w in ways)
                if (w.Late[i] > Never / 2 && view.Finish[w.Op] + w.Late[i] + margin >= late[i]) _pairs.Add((w.Op, w.Late[i]));
            if (_pairs.Count > 0) Write(_others, others[i].Weight, 0, late[i]);
        }
        return new(plan, [.. _arrivals], [.. _orders], [.. _others], Math.Max(0, last));

        void Write(List<long> to, params ReadOnlySpan<long> head)
        {
            to.AddRange(head);
            to.Add(_pairs.Count);
            foreach (var (op, lag) in _pairs)
            {
                to.Add(op);
                to.Add(lag);
            }
        }
    }

    private long Late(PlanView view, OwnRow row, bool constant)
    {
        var late = constant ? row.Least : Never;
        for (var k = 0; k < row.From.Length; k++)
            if (Arrival(view, row.From[k], constant) is var a && a > Never && a - row.Latest[k] > late) late = a - row.Latest[k];
        return late;
    }

    /// <summary>What it would cost all customers if an operation arrived at some time: limits and weights, from where it stands.</summary>
    /// <param name="mine">Its own order: there an earlier end than now counts too.</param>
    public (long Latest, double Weight)[] Behind(PlanView view, int op, int mine)
    {
        Array.Fill(_time, Never);
        var makespan = view.Makespan();
        // From the arrival on: rows of its company that follow from it, then on through the others.
        for (var i = 0; i < view.Placed; i++)
        {
            var o = view.Order[i];
            var row = view.Rows[o]!;
            var time = Never;
            for (var k = 0; k < row.From.Length; k++)
            {
                var a = row.From[k] == op ? 0 : Arrival(view, row.From[k], false);
                if (a > Never && a + row.Lag[k] > time) time = a + row.Lag[k];
            }
            _time[o] = time;
        }
        List<(long, double)> limits = [];
        var last = Never;
        for (var j = 0; j < _book.Orders; j++)
        {
            var o = _book.First[j + 1] - 1;
            if (view.At[o] < 0 || _time[o] <= Never / 2) continue;
            last = Math.Max(last, _time[o]);
            limits.Add(((j == mine ? _book.Due[j] : Math.Max(_book.Due[j], view.Finish[o])) - _time[o], _book.Weight[j]));
        }
        if (last > Never) limits.Add((makespan - last, 1));
        for (var c = 0; c < _book.Companies; c++)
            foreach (var row in view.Own[c].Rows)
            {
                var late = Never;
                long now = row.Least;
                for (var k = 0; k < row.From.Length; k++)
                {
                    var a = row.From[k] == op ? 0 : Arrival(view, row.From[k], false);
                    if (a > Never && a - row.Latest[k] > late) late = a - row.Latest[k];
                    now = Math.Max(now, view.Arrive[row.From[k]] - row.Latest[k]);
                }
                if (late > Never / 2) limits.Add((now - late, row.Weight));
            }
        return [.. limits];
    }
}
