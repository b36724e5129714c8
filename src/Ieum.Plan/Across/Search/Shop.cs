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
    /// <summary>Two limits with weights per task: ending later than a limit costs its weight per unit.</summary>
    public readonly long[] Limit1, Limit2;
    public readonly double[] Weight1, Weight2;
    /// <summary>Tasks whose latest end counts as makespan; empty in a company, which does not know it.</summary>
    public bool[]? Final;
    /// <summary>What <see cref="Backward"/> found: latest ends that hurt nobody behind, and the weight of the first who is hurt.</summary>
    public readonly long[] Late1, Late2;
    public readonly double[] Hurt1, Hurt2;
    public int Placed;
    private readonly int[] _wait, _queue;

    public Shop(ShopLayout layout)
    {
        Layout = layout;
        var n = layout.Tasks;
        (Option, Prev, Next, _wait, _queue, _after) = (new int[n], new int[n], new int[n], new int[n], new int[n], new int[n]);
        (Release, Start, End, Limit1, Limit2) = (new long[n], new long[n], new long[n], new long[n], new long[n]);
        (Weight1, Weight2) = (new double[n], new double[n]);
        (Late1, Late2, Hurt1, Hurt2) = (new long[n], new long[n], new double[n], new double[n]);
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
        Copy(other.Limit1, Limit1);
        Copy(other.Limit2, Limit2);
        Copy(other.Weight1, Weight1);
        Copy(other.Weight2, Weight2);
        (Placed, Final) = (other.Placed, other.Final);

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
            : Release[t] + FromOrigin(t, MachineOf(t));
    }

    private long FromOrigin(int t, int machine) =>
        Layout.Origin is { } origin && origin[t] >= 0 ? Layout.Transport[origin[t]][Layout.Company[machine]] : 0;

    /// <summary>As <see cref="Ready(int)"/> for a task that is not placed yet, would it take an option.</summary>
    public long Ready(int t, int option)
    {
        var b = Layout.Before[t];
        return b >= 0 && Option[b] >= 0
            ? End[b] + Layout.Transport[Layout.Company[MachineOf(b)]][Layout.Company[Layout.Machine[t][option]]]
            : Release[t] + FromOrigin(t, Layout.Machine[t][option]);
    }

    /// <summary>Earliest start and end of every placed task; false when the sequences wait for each other in a circle.</summary>
    public bool Retime()
    {
        int read = 0, write = 0;
        for (var t = 0; t < Option.Length; t++)
        {
            if (Option[t] < 0) continue;
            var b = Layout.Before[t];
            _wait[t] = (Prev[t] >= 0 ? 1 : 0) + (b >= 0 && Option[b] >= 0 ? 1 : 0);
            if (_wait[t] == 0) _queue[write++] = t;
        }
        while (read < write)
        {
            var t = _queue[read++];
            var start = Ready(t);
            if (Prev[t] >= 0 && End[Prev[t]] > start) start = End[Prev[t]];
            Start[t] = start;
            End[t] = start + TimeOf(t);
            if (Next[t] >= 0 && --_wait[Next[t]] == 0) _queue[write++] = Next[t];
            var a = _after[t];
            if (a >= 0 && Option[a] >= 0 && --_wait[a] == 0) _queue[write++] = a;
        }
        return write == Placed;
    }

    /// <summary>Placed tasks in an order in which each comes after all it waits for; valid after a successful <see cref="Retime"/>.</summary>
    public ReadOnlySpan<int> Order => _queue.AsSpan(0, Placed);

    /// <summary>
    /// Latest ends, from the back to the front: a task may end so late that no shared task behind it, on the machine or in its
    /// order, passes a limit. Own orders are passed through: their harm is counted where it falls.
    /// </summary>
    /// <param name="shared">Tasks below this number have limits that count.</param>
    public void Backward(int shared)
    {
        for (var i = Placed - 1; i >= 0; i--)
        {
            var t = _queue[i];
            (Late1[t], Hurt1[t], Late2[t], Hurt2[t]) = t < shared ? (Limit1[t], Weight1[t], Limit2[t], Weight2[t]) : (long.MaxValue / 4, 0, long.MaxValue / 4, 0);
            if (Next[t] >= 0) Pull(t, Next[t]);
            if (_after[t] is >= 0 and var a && Option[a] >= 0) Pull(t, a);
        }

        void Pull(int t, int behind)
        {
            var time = End[behind] - Start[behind];
            if (Late1[behind] - time < Late1[t]) (Late1[t], Hurt1[t]) = (Late1[behind] - time, Hurt1[behind]);
            if (Late2[behind] - time < Late2[t]) (Late2[t], Hurt2[t]) = (Late2[behind] - time, Hurt2[behind]);
        }
    }

    /// <summary>What an end costs by the limits of <see cref="Backward"/>.</summary>
    public double HarmOf(int t, long end) =>
        (end > Late1[t] ? (end - Late1[t]) * Hurt1[t] : 0) + (end > Late2[t] ? (end - Late2[t]) * Hurt2[t] : 0);

    /// <summary>What an end of a task that is not placed costs, by its own limits and those of the placed task behind it in its order.</summary>
    public double HarmIfPlaced(int t, long end)
    {
        var (l1, h1, l2, h2) = (Limit1[t], Weight1[t], Limit2[t], Weight2[t]);
        if (_after[t] is >= 0 and var a && Option[a] >= 0)
        {
            if (Late1[a] - TimeOf(a) < l1) (l1, h1) = (Late1[a] - TimeOf(a), Hurt1[a]);
            if (Late2[a] - TimeOf(a) < l2) (l2, h2) = (Late2[a] - TimeOf(a), Hurt2[a]);
        }
        return (end > l1 ? (end - l1) * h1 : 0) + (end > l2 ? (end - l2) * h2 : 0);
    }

    public double CostOf(int t, long end) =>
        (end > Limit1[t] ? (end - Limit1[t]) * Weight1[t] : 0) + (end > Limit2[t] ? (end - Limit2[t]) * Weight2[t] : 0);

    public double Cost()
    {
        double cost = 0, last = 0;
        for (var t = 0; t < Option.Length; t++)
        {
            if (Option[t] < 0) continue;
            cost += CostOf(t, End[t]);
            if (Final is not null && Final[t] && End[t] > last) last = End[t];
        }
        return cost + last;
    }
}
