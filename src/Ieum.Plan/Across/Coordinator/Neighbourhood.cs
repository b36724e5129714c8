namespace Ieum.Plan.Across;

/// <summary>Neighbouring operations of one order that are taken out of a plan to be placed anew.</summary>
/// <param name="From">First operation.</param>
/// <param name="To">One behind the last.</param>
internal readonly record struct Segment(int Order, int From, int To);

/// <summary>What a neighbourhood was answered: per operation and company, offers by arrival.</summary>
internal sealed class Neighbourhood(Segment[] segments, PlanView standing)
{
    public readonly record struct Offer(int Operation, int Company, long Arrival, long Finish, long Price);

    public Segment[] Segments => segments;
    public List<Offer> Offers { get; } = [];
    public int[] Freed { get; } = [.. segments.SelectMany(s => Enumerable.Range(s.From, s.To - s.From)).Where(o => standing.At[o] >= 0)];

    /// <summary>Arrivals worth asking about: the earliest possible ones, some later, and the standing one.</summary>
    public IEnumerable<(int Operation, int Company, long[] Arrivals)> Asks(Knowledge knowledge, int samples, double spread)
    {
        var book = knowledge.Book;
        foreach (var s in segments)
        {
            // Somewhere nobody is left who can do it: nothing to ask.
            if (Enumerable.Range(s.From, s.To - s.From).Any(o => book.Able[o].Length == 0)) continue;
            var ready = s.From > book.First[s.Order] ? standing.Finish[s.From - 1] : book.Release[s.Order];
            var slow = (double)ready;
            for (var o = s.From; o < s.To; o++)
            {
                foreach (var c in book.Able[o])
                {
                    var from = o == book.First[s.Order] ? book.Origin[s.Order] : o == s.From ? standing.At[o - 1] : -1;
                    var way = from >= 0 ? book.Transport[from][c] : o > s.From ? book.Able[o - 1].Min(p => book.Transport[p][c]) : 0;
                    SortedSet<long> arrivals = [ready + way];
                    if (standing.At[o] >= 0) arrivals.Add(Math.Max(ready + way, o == book.First[s.Order] ? 0 : standing.Finish[o - 1] + (standing.At[o - 1] == c ? 0 : way)));
                    for (var i = 1; arrivals.Count < samples && i < samples + 2; i++)
                        arrivals.Add(ready + way + (long)((slow - ready + knowledge.Typical * spread) * i / 2));
                    yield return (o, c, [.. arrivals]);
                }
                var least = knowledge.Least(o);
                ready += least;
                slow += least + knowledge.Typical * spread;
            }
        }
    }
}

/// <summary>Dynamic programming over one segment: which company does what, by Pareto labels of (end, price).</summary>
internal sealed class LabelSearch(Knowledge knowledge, int mostLabels)
{
    private sealed record Label(long Finish, int Company, double Price, Label? From, long Arrival, int Depth);

    private readonly List<Label> _now = [], _next = [];

    /// <summary>Best choice per operation of the segment, as (company, arrival, agreed finish); null when somewhere no offer was left.</summary>
    /// <param name="noise">Prices are multiplied by 1 ± noise, so that repeated searches differ.</param>
    /// <param name="endCost">What an end of the segment costs the order.</param>
    public (int Company, long Arrival, long Finish)[]? Best(Segment s, Neighbourhood hood, PlanView standing, Func<long, int, double> endCost, double noise, ref Rng rng)
    {
        var book = knowledge.Book;
        _now.Clear();
        var placedBefore = s.From > book.First[s.Order];
        _now.Add(new(placedBefore ? standing.Finish[s.From - 1] : book.Release[s.Order], placedBefore ? standing.At[s.From - 1] : book.Origin[s.Order], 0, null, 0, 0));
        for (var o = s.From; o < s.To; o++)
        {
            _next.Clear();
            foreach (var label in _now)
                foreach (var c in book.Able[o])
                {
                    var arrival = label.Finish + (label.Company >= 0 ? book.Transport[label.Company][c] : 0);
                    var least = knowledge.Least(o, c);
                    var any = false;
                    foreach (var offer in hood.Offers)
                    {
                        // An offer asked for an earlier arrival still stands when its place begins after the part is here.
                        if (offer.Operation != o || offer.Company != c || offer.Finish - least < arrival) continue;
                        any = true;
                        var price = offer.Price * (1 + noise * (2 * rng.Unit() - 1));
                        Keep(new(offer.Finish, c, label.Price + price, label, arrival, label.Depth + 1));
                    }
                    // Behind everything asked about: a guess, which the company corrects when the plan is timed.
                    if (!any && knowledge.Seen(o, c)) Keep(new(arrival + least + knowledge.Typical, c, label.Price, label, arrival, label.Depth + 1));
                }
            _now.Clear();
            _next.Sort((a, b) => a.Finish != b.Finish ? a.Finish.CompareTo(b.Finish) : a.Price.CompareTo(b.Price));
            if (_next.Count > mostLabels)
            {
                // Besides the earliest, those that would be cheapest if the order ended with what is left at least.
                var first = _next[0];
                var rest = _next.Skip(1).OrderBy(l => l.Price + endCost(l.Finish, o)).Take(mostLabels - 1);
                _now.Add(first);
                _now.AddRange(rest);
            }
            else _now.AddRange(_next);
            if (_now.Count == 0) return null;
        }
        var best = _now.MinBy(l => l.Price + endCost(l.Finish, s.To - 1))!;
        var chosen = new (int, long, long)[s.To - s.From];
        for (var l = best; l.From is not null; l = l.From) chosen[l.Depth - 1] = (l.Company, l.Arrival, l.Finish);
        return chosen;
    }

    private void Keep(Label label)
    {
        for (var i = 0; i < _next.Count; i++)
        {
            var other = _next[i];
            if (other.Company != label.Company) continue;
            if (other.Finish <= label.Finish && other.Price <= label.Price) return;
            if (other.Finish >= label.Finish && other.Price >= label.Price) _next.RemoveAt(i--);
        }
        _next.Add(label);
    }
}
