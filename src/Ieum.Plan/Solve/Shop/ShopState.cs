namespace Ieum.Plan;

/// <summary>One schedule as sequences of operations on machines, with heads and tails; changed in place, without allocating.</summary>
/// <remarks>Head: earliest start. Tail: longest way from the end of an operation to the end of the schedule.</remarks>
internal sealed class ShopState
{
    private readonly ShopGraph _g;
    private readonly int[] _waiting;

    public ShopState(ShopGraph graph)
    {
        _g = graph;
        var n = graph.Count;
        (Machine, Time, Previous, Next) = (new int[n], new int[n], new int[n], new int[n]);
        (Head, Tail, Order, Place) = (new int[n], new int[n], new int[n], new int[n]);
        _waiting = new int[n];
        First = new int[graph.Machines];
    }

    public int[] Machine { get; }
    public int[] Time { get; }
    /// <summary>Neighbours on the machine, or -1.</summary>
    public int[] Previous { get; }
    public int[] Next { get; }
    public int[] First { get; }
    public int[] Head { get; }
    public int[] Tail { get; }
    /// <summary>Operations so that each follows all it waits for, machine sequences included; and the place of each in it.</summary>
    public int[] Order { get; }
    public int[] Place { get; }
    public int Makespan { get; private set; }

    public void CopyFrom(ShopState other)
    {
        other.Machine.CopyTo(Machine, 0);
        other.Time.CopyTo(Time, 0);
        other.Previous.CopyTo(Previous, 0);
        other.Next.CopyTo(Next, 0);
        other.First.CopyTo(First, 0);
        other.Head.CopyTo(Head, 0);
        other.Tail.CopyTo(Tail, 0);
        other.Order.CopyTo(Order, 0);
        other.Place.CopyTo(Place, 0);
        Makespan = other.Makespan;
    }

    public int SetUp(int before, int after) => _g.SetUps is { } s ? s[Machine[after]][before * _g.Count + after] : 0;

    /// <summary>Takes an operation out of its machine's sequence.</summary>
    public void Remove(int v)
    {
        var (a, b) = (Previous[v], Next[v]);
        if (a >= 0) Next[a] = b; else First[Machine[v]] = b;
        if (b >= 0) Previous[b] = a;
    }

    /// <param name="after">Operation it shall follow on the machine; -1 puts it first.</param>
    public void Insert(int v, int machine, int time, int after)
    {
        (Machine[v], Time[v]) = (machine, time);
        var b = after >= 0 ? Next[after] : First[machine];
        (Previous[v], Next[v]) = (after, b);
        if (after >= 0) Next[after] = v; else First[machine] = v;
        if (b >= 0) Previous[b] = v;
    }

    /// <summary>Computes order, heads, tails and makespan from the sequences.</summary>
    /// <returns>False when the sequences wait for each other in a circle; then nothing of it is valid.</returns>
    public bool Evaluate()
    {
        var g = _g;
        var (read, write, n) = (0, 0, g.Count);
        int[] order = Order, waiting = _waiting, head = Head, tail = Tail, time = Time, next = Next, previous = Previous, place = Place;
        for (var i = 0; i < n; i++)
        {
            var w = g.BeforeFrom[i + 1] - g.BeforeFrom[i] + (previous[i] >= 0 ? 1 : 0);
            waiting[i] = w;
            head[i] = 0;
            if (w == 0) order[write++] = i;
        }
        var makespan = 0;
        while (read < write)
        {
            var i = order[read];
            place[i] = read++;
            var end = head[i] + time[i];
            if (end > makespan) makespan = end;
            for (var k = g.AfterFrom[i]; k < g.AfterFrom[i + 1]; k++)
            {
                var s = g.After[k];
                if (end > head[s]) head[s] = end;
                if (--waiting[s] == 0) order[write++] = s;
            }
            var m = next[i];
            if (m < 0) continue;
            if (g.SetUps is not null) end += SetUp(i, m);
            if (end > head[m]) head[m] = end;
            if (--waiting[m] == 0) order[write++] = m;
        }
        if (write < n) return false;
        for (var at = n - 1; at >= 0; at--)
        {
            var i = order[at];
            var t = 0;
            for (var k = g.AfterFrom[i]; k < g.AfterFrom[i + 1]; k++)
            {
                var s = g.After[k];
                if (tail[s] + time[s] > t) t = tail[s] + time[s];
            }
            var m = next[i];
            if (m >= 0)
            {
                var far = tail[m] + time[m] + (g.SetUps is null ? 0 : SetUp(i, m));
                if (far > t) t = far;
            }
            tail[i] = t;
        }
        Makespan = makespan;
        return true;
    }

    /// <summary>Takes over a schedule: machines and, on each machine, the order of starts.</summary>
    public bool Load(ShopSchedule schedule)
    {
        Array.Fill(First, -1);
        var last = new int[_g.Machines];
        Array.Fill(last, -1);
        // Operations without duration share their start with others; the routing then tells who is first.
        var place = new int[_g.Count];
        for (var i = 0; i < _g.Count; i++) place[_g.Order[i]] = i;
        foreach (var v in Enumerable.Range(0, _g.Count).OrderBy(i => schedule.Slots[i].Start).ThenBy(i => schedule.Slots[i].End).ThenBy(i => place[i]))
        {
            var m = schedule.Slots[v].Machine;
            var option = Array.IndexOf(_g.OptionMachine, m, _g.OptionFrom[v], _g.OptionFrom[v + 1] - _g.OptionFrom[v]);
            if (option < 0) return false;
            Insert(v, m, _g.OptionTime[option], last[m]);
            last[m] = v;
        }
        return Evaluate();
    }

    public ShopSchedule ToSchedule() =>
        new([.. Enumerable.Range(0, _g.Count).Select(i => new ShopSlot(Machine[i], Head[i], Head[i] + Time[i]))]);
}
