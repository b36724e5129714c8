namespace Ieum.Plan.Across;

/// <summary>Reads a coordinator's look into a company's own numbering. Foreign lists never throw.</summary>
internal static class Outlooks
{
    /// <summary>Whether a flat list falls into rows of a head, whose last number counts pairs, and those pairs.</summary>
    public static bool WellFormed(long[] list, int head)
    {
        var at = 0;
        while (at < list.Length)
        {
            if (at + head > list.Length || list[at + head - 1] < 0 || list[at + head - 1] > list.Length) return false;
            at += head + 2 * (int)list[at + head - 1];
        }
        return at == list.Length;
    }

    public static Outlook Of(Look look, Workbench bench)
    {
        List<(int From, int To, long Lag)> links = [];
        for (var at = 0; at < look.Arrivals.Length;)
        {
            var (to, count) = (bench.Local(look.Arrivals[at]), (int)look.Arrivals[at + 2]);
            at += 3;
            for (var i = 0; i < count; i++, at += 2)
                if (to >= 0 && bench.Local(look.Arrivals[at]) is >= 0 and var from && from != to) links.Add((from, to, look.Arrivals[at + 1]));
        }
        links.Sort();
        var start = new int[bench.Wire.Length + 1];
        foreach (var l in links) start[l.From + 1]++;
        for (var t = 0; t < bench.Wire.Length; t++) start[t + 1] += start[t];

        List<double> weight = [];
        List<long> due = [], least = [], lag = [];
        List<int> rows = [0], task = [];
        var orders = Read(look.Orders);
        Read(look.Others);
        return new()
        {
            LinkFrom = [.. links.Select(l => l.From)], LinkTo = [.. links.Select(l => l.To)], LinkLag = [.. links.Select(l => l.Lag)], LinkStart = start,
            Weight = [.. weight], Due = [.. due], Base = [.. least], RowStart = [.. rows], RowTask = [.. task], RowLag = [.. lag], Orders = orders, Last = look.Last,
        };

        int Read(long[] list)
        {
            for (var at = 0; at < list.Length;)
            {
                weight.Add(list[at]);
                due.Add(list[at + 1]);
                least.Add(list[at + 2]);
                var count = (int)list[at + 3];
                at += 4;
                for (var i = 0; i < count; i++, at += 2)
                {
                    if (bench.Local(list[at]) is not (>= 0 and var t)) continue;
                    task.Add(t);
                    lag.Add(list[at + 1]);
                }
                rows.Add(task.Count);
            }
            return weight.Count;
        }
    }
}
