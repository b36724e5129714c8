namespace Ieum.Plan.Across;

/// <summary>The fixed part of a scheduling state: tasks, their options, who waits for whom.</summary>
/// <param name="Before">Task that must end before; −1 for none. Counts only while it is placed in the same shop.</param>
/// <param name="Machine">Per task its possible machines.</param>
/// <param name="Time">Per task the time on each of them.</param>
/// <param name="Company">Company of each machine; transport applies between different ones.</param>
internal sealed record ShopLayout(int[] Before, int[][] Machine, int[][] Time, int[] Company, int[][] Transport)
{
    /// <summary>Per task the company where its part lies at its release; −1 for none. Null: for all none.</summary>
    public int[]? Origin { get; init; }

    public int Tasks => Before.Length;
    public int Machines => Company.Length;
}

/// <summary>
/// Sequences on machines, timed as early as possible. One state for a company's own machines and, in references with open books,
/// for all of them. Flat arrays, nothing allocated per move.
/// </summary>
internal sealed class Shop
{
    public readonly ShopLayout Layout;
    private readonly int[] _after;
    /// <summary>Option taken per task; −1 while it is not placed.</summary>
    public readonly int[] Option;
    public readonly int[] Prev, Next, Head;
    public readonly long[] Release, Start, End;
    /// <summary>When a task's part is here by the last <see cref="Retime"/>, as far as it comes from outside.</summary>
    public readonly long[] Arrival;
    /// <summary>A limit with weight per task: ending later than it costs the weight per unit.</summary>
    public readonly long[] Limit;
    public readonly double[] Weight;
    /// <summary>What follows outside; null where all books are open, and before anybody told.</summary>
    public Outlook? View;
    /// <summary>Tasks whose latest end counts as makespan; empty in a company, which does not know it.</summary>
    public bool[]? Final;
    /// <summary>
    /// Promised arrival and end per task: nobody is put before a task that ends, by promise, before its own part arrives. While all
    /// companies keep to this, no re-sequencing makes them wait for each other in a circle. Null: no promises bind.
    /// </summary>
    public (long Arrives, long Ends)[]? Promised;
    public int Placed;
    private readonly int[] _wait, _queue;

    public Shop(ShopLayout layout)
    {
        Layout = layout;
        var n = layout.Tasks;
        (Option, Prev, Next, _wait, _queue, _after) = (new int[n], new int[n], new int[n], new int[n], new int[n], new int[n]);
        (Release, Arrival, Start, End, Limit, Weight) = (new long[n], new long[n], new long[n], new long[n], new long[n], new double[n]);
        Head = new int[layout.Machines];
        Array.Fill(Option, -1);
        Array.Fill(Head, -1);
        Array.Fill(_after, -1);
        for (var t = 0; t < n; t++)
            if (layout.Before[t] >= 0) _after[layout.Before[t]] = t;
    }

    public int MachineOf(int t) => Layout.Machine[t][Option[t]];
    public int TimeOf(int t) => Layout.Time[t][Option[t]];

    public void CopyFrom(Shop other)
    {
        Copy(other.Option, Option);
        Copy(other.Prev, Prev);
        Copy(other.Next, Next);
        Copy(other.Head, Head);
        Copy(other.Release, Release);
        Copy(other.Start, Start);
        Copy(other.End, End);
        Copy(other.Arrival, Arrival);
        Copy(other.Limit, Limit);
        Copy(other.Weight, Weight);
        (Placed, Final, View, Promised) = (other.Placed, other.Final, other.View, other.Promised);

        static void Copy<T>(T[] from, T[] to) => Array.Copy(from, to, from.Length);
    }

    public void Remove(int t)
    {
        var (p, n) = (Prev[t], Next[t]);
        if (p >= 0) Next[p] = n;
        else Head[MachineOf(t)] = n;
        if (n >= 0) Prev[n] = p;
        Option[t] = -1;
        Placed--;
    }

    /// <param name="after">Task it follows on the machine; −1 puts it first.</param>
    public void Insert(int t, int option, int after)
    {
        Option[t] = option;
        var m = Layout.Machine[t][option];
        var n = after >= 0 ? Next[after] : Head[m];
        (Prev[t], Next[t]) = (after, n);
        if (after >= 0) Next[after] = t;
        else Head[m] = t;
        if (n >= 0) Prev[n] = t;
        Placed++;
    }

    /// <summary>Earliest time its part is here: its release, or the end of the placed task before it plus transport.</summary>
    public long Ready(int t)
    {
        var b = Layout.Before[t];
        return b >= 0 && Option[b] >= 0
            ? End[b] + Layout.Transport[Layout.Company[MachineOf(b)]][Layout.Company[MachineOf(t)]]
            : Arrival[t] + FromOrigin(t, MachineOf(t));
    }

    private long FromOrigin(int t, int machine) =>
        Layout.Origin is { } origin && origin[t] >= 0 ? Layout.Transport[origin[t]][Layout.Company[machine]] : 0;

    /// <summary>As <see cref="Ready(int)"/> for a task that is not placed yet, would it take an option.</summary>
    public long Ready(int t, int option)
    {
        var b = Layout.Before[t];
        return b >= 0 && Option[b] >= 0
            ? End[b] + Layout.Transport[Layout.Company[MachineOf(b)]][Layout.Company[Layout.Machine[t][option]]]
            : Math.Max(Release[t], Arrival[t]) + FromOrigin(t, Layout.Machine[t][option]);
    }

    /// <summary>Earliest start and end of every placed task; false when the sequences wait for each other in a circle.</summary>
    public bool Retime()
    {
        int read = 0, write = 0;
        var view = View;
        for (var t = 0; t < Option.Length; t++)
        {
            Arrival[t] = Release[t];
            if (Option[t] < 0) continue;
            var b = Layout.Before[t];
            _wait[t] = (Prev[t] >= 0 ? 1 : 0) + (b >= 0 && Option[b] >= 0 ? 1 : 0);
        }
        if (view is not null)
            for (var i = 0; i < view.LinkFrom.Length; i++)
                if (Option[view.LinkFrom[i]] >= 0) _wait[view.LinkTo[i]]++;
        for (var t = 0; t < Option.Length; t++)
            if (Option[t] >= 0 && _wait[t] == 0) _queue[write++] = t;
        while (read < write)
        {
            var t = _queue[read++];
            var start = Ready(t);
            if (Prev[t] >= 0 && End[Prev[t]] > start) start = End[Prev[t]];
            Start[t] = start;
            var end = End[t] = start + TimeOf(t);
            if (Next[t] >= 0 && --_wait[Next[t]] == 0) _queue[write++] = Next[t];
            var a = _after[t];
            if (a >= 0 && Option[a] >= 0 && --_wait[a] == 0) _queue[write++] = a;
            if (view is null) continue;
            for (var i = view.LinkStart[t]; i < view.LinkStart[t + 1]; i++)
            {
                var to = view.LinkTo[i];
                if (end + view.LinkLag[i] > Arrival[to]) Arrival[to] = end + view.LinkLag[i];
                if (Option[to] >= 0 && --_wait[to] == 0) _queue[write++] = to;
            }
        }
        return write == Placed;
    }

    /// <summary>Placed tasks in an order in which each comes after all it waits for; valid after a successful <see cref="Retime"/>.</summary>
    public ReadOnlySpan<int> Order => _queue.AsSpan(0, Placed);

    /// <summary>What an end of a task costs by its own limit.</summary>
    public double CostOf(int t, long end) => end > Limit[t] ? (end - Limit[t]) * Weight[t] : 0;

    public double Cost()
    {
        double cost = 0, last = 0;
        for (var t = 0; t < Option.Length; t++)
        {
            if (Option[t] < 0) continue;
            cost += CostOf(t, End[t]);
            if (Final is not null && Final[t] && End[t] > last) last = End[t];
        }
        return cost + last + (View?.Cost(End, Option) ?? 0);
    }

    /// <summary>Whether a machine's sequence keeps to <see cref="Promised"/>.</summary>
    public bool KeepsPromises(int machine)
    {
        if (Promised is null) return true;
        var latest = long.MinValue;
        for (var t = Head[machine]; t >= 0; t = Next[t])
        {
            latest = Math.Max(latest, Promised[t].Arrives);
            if (latest >= Promised[t].Ends) return false;
        }
        return true;
    }

    /// <summary>The placed task behind in its order; −1 for none.</summary>
    public int After(int t) => _after[t] is >= 0 and var a && Option[a] >= 0 ? a : -1;
}
