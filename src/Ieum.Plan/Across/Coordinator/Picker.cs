namespace Ieum.Plan.Across;

/// <summary>Chooses what to take out of a plan: late orders, pairs of orders, windows of time.</summary>
internal sealed class Picker(Knowledge knowledge, PlanView standing)
{
    private readonly SharedBook _book = knowledge.Book;

    public Segment[] Pick(ref Rng rng)
    {
        var u = rng.Unit();
        if (u < 0.25) return [Whole(Late(ref rng))];
        if (u < 0.35) return [.. new[] { Late(ref rng), Late(ref rng), rng.Below(_book.Orders), rng.Below(_book.Orders) }.Distinct().Select(Whole)];
        if (u < 0.6)
        {
            var (a, b) = (Late(ref rng), rng.Unit() < 0.5 ? Late(ref rng) : rng.Below(_book.Orders));
            return a == b ? [Whole(a)] : [Whole(a), Whole(b)];
        }
        return u < 0.9 ? Window(ref rng) : [Tail(Late(ref rng), ref rng)];
    }

    /// <summary>An order, the later the likelier.</summary>
    private int Late(ref Rng rng)
    {
        if (rng.Unit() < 0.25) return rng.Below(_book.Orders);
        var sum = 0.0;
        for (var j = 0; j < _book.Orders; j++) sum += Press(j);
        if (sum <= 0) return rng.Below(_book.Orders);
        var at = rng.Unit() * sum;
        for (var j = 0; j < _book.Orders; j++)
            if ((at -= Press(j)) < 0) return j;
        return _book.Orders - 1;
    }

    /// <summary>Late orders press, and so do those that end last.</summary>
    private double Press(int j)
    {
        var end = standing.Makespan();
        return Math.Sqrt(standing.LatenessOf(j)) + (standing.Finish[_book.First[j + 1] - 1] > end * 0.97 ? Math.Sqrt(end) / 4 : 0);
    }

    private Segment Whole(int j) => new(j, _book.First[j], _book.First[j + 1]);

    private Segment Tail(int j, ref Rng rng)
    {
        var (from, to) = (_book.First[j], _book.First[j + 1]);
        var a = from + rng.Below(to - from);
        return new(j, a, Math.Min(to, a + 1 + rng.Below(3)));
    }

    /// <summary>Operations of several orders that lie in one stretch of time around an operation of a late order.</summary>
    private Segment[] Window(ref Rng rng)
    {
        var late = Whole(Late(ref rng));
        var middle = standing.Finish[late.From + rng.Below(late.To - late.From)];
        var half = (long)(knowledge.Typical * rng.Between(1, 2.5));
        int[] orders = [.. Enumerable.Range(0, _book.Orders)];
        rng.Shuffle<int>(orders);
        List<Segment> segments = [];
        var total = 0;
        foreach (var j in orders.Prepend(late.Order).Distinct())
        {
            var from = _book.First[j];
            while (from < _book.First[j + 1] && standing.Finish[from] < middle - half) from++;
            var to = from;
            while (to < _book.First[j + 1] && standing.Finish[to] <= middle + half) to++;
            if (to == from) continue;
            if ((total += to - from) > 9) break;
            segments.Add(new(j, from, to));
        }
        return [.. segments];
    }
}
