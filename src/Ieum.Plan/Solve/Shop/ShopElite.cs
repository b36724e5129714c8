namespace Ieum.Plan;

/// <summary>The best schedules met so far that differ from each other, and schedules that lie between two of them.</summary>
/// <remarks>
/// Between two schedules (path relinking, after Peng, Lü and Cheng 2015 for the job shop): every operation stands at the weighted mean of its
/// two ranks by start. Whatever comes first in both comes first there too, routings with it, so such a sequence never waits in a circle.
/// </remarks>
internal sealed class ShopElite(ShopGraph g, Luck luck)
{
    private const int Most = 8;

    private readonly List<Member> _members = [];

    /// <param name="Rank">Place of each operation by start.</param>
    private sealed record Member(int Makespan, int[] Machine, int[] Time, int[] Next, int[] Rank);

    public int Count => _members.Count;

    /// <summary>Takes a schedule in, unless it is worse than all or hardly differs from a better one.</summary>
    public void Add(ShopState s)
    {
        if (_members.Count == Most && s.Makespan >= _members[^1].Makespan) return;
        var close = Math.Max(2, g.Count / 20);
        for (var i = _members.Count - 1; i >= 0; i--)
        {
            if (Distance(_members[i], s) >= close) continue;
            if (_members[i].Makespan <= s.Makespan) return;
            _members.RemoveAt(i);
        }
        if (_members.Count == Most) _members.RemoveAt(Most - 1);
        var ranked = Enumerable.Range(0, g.Count).OrderBy(i => s.Head[i]).ThenBy(i => s.Place[i]).ToArray();
        var rank = new int[g.Count];
        for (var i = 0; i < ranked.Length; i++) rank[ranked[i]] = i;
        var at = _members.FindIndex(m => m.Makespan > s.Makespan);
        _members.Insert(at < 0 ? _members.Count : at, new(s.Makespan, [.. s.Machine], [.. s.Time], [.. s.Next], rank));
    }

    /// <summary>Lays out a schedule between two members; needs two of them.</summary>
    public bool Between(ShopState into)
    {
        var i = luck.Next(_members.Count);
        var j = (i + 1 + luck.Next(_members.Count - 1)) % _members.Count;
        var (from, to) = (_members[i], _members[j]);
        var part = 20 + luck.Next(41);
        var key = new long[g.Count];
        for (var v = 0; v < g.Count; v++) key[v] = (long)from.Rank[v] * (100 - part) + (long)to.Rank[v] * part;
        var last = new int[g.Machines];
        Array.Fill(last, -1);
        Array.Fill(into.First, -1);
        foreach (var v in Enumerable.Range(0, g.Count).OrderBy(v => key[v]).ThenBy(v => from.Rank[v]))
        {
            var way = from.Machine[v] != to.Machine[v] && luck.Next(100) < part ? to : from;
            into.Insert(v, way.Machine[v], way.Time[v], last[way.Machine[v]]);
            last[way.Machine[v]] = v;
        }
        return into.Evaluate();
    }

    /// <summary>Operations on another machine or before another one.</summary>
    private int Distance(Member m, ShopState s)
    {
        var far = 0;
        for (var v = 0; v < g.Count; v++)
            if (m.Machine[v] != s.Machine[v] || m.Next[v] != s.Next[v]) far++;
        return far;
    }
}
