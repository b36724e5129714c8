namespace Ieum.Plan.Across;

/// <summary>How well somebody guessed when a company is busy with its own orders.</summary>
/// <param name="Precision">Share of the time called busy in which some own order really runs.</param>
/// <param name="Recall">Share of the time with an own order running that was called busy.</param>
/// <param name="Base">Precision of calling all time busy: what knowing nothing gives.</param>
internal readonly record struct LoadLeak(double Precision, double Recall, double Base);

/// <summary>
/// Guesses private load from waiting: where an offer finishes later than arrival + shortest time although the coordinator knows
/// of no shared work there then, something of the company's own must run.
/// </summary>
internal static class LoadAttack
{
    /// <param name="executed">The plan carried out; its private slots are the truth.</param>
    public static LoadLeak ByCoordinator(FedInstance instance, IReadOnlyList<Overheard> log, FedSchedule executed, long cell)
    {
        var cells = (int)(executed.Shared.Max(s => s.End) / cell) + 1;
        double called = 0, hit = 0, busy = 0, all = 0;
        for (var c = 0; c < instance.Companies.Length; c++)
        {
            bool[] truth = new bool[cells], shared = new bool[cells];
            Mark(truth, executed.Private.Where(p => p.Company == c).Select(p => (p.Start, p.End)));
            Mark(shared, executed.Shared.Where(p => p.Company == c).Select(p => (p.Start, p.End)));
            int[] waited = new int[cells], seen = new int[cells];
            var least = new Dictionary<int, long>();
            foreach (var (ask, arrival, finish) in Offers(log, c))
                if (!least.TryGetValue(ask, out var l) || finish - arrival < l) least[ask] = finish - arrival;
            foreach (var (ask, arrival, finish) in Offers(log, c))
                for (var i = (int)(arrival / cell); i < cells && i * cell < finish; i++)
                {
                    seen[i]++;
                    if (i * cell < finish - least[ask]) waited[i]++;
                }
            for (var i = 0; i < cells; i++)
            {
                all++;
                if (truth[i]) busy++;
                if (seen[i] == 0 || waited[i] * 2 < seen[i] || shared[i]) continue;
                called++;
                if (truth[i]) hit++;
            }
        }
        return new(called == 0 ? 0 : hit / called, busy == 0 ? 0 : hit / busy, all == 0 ? 0 : busy / all);

        void Mark(bool[] at, IEnumerable<(long Start, long End)> spans)
        {
            foreach (var (start, end) in spans)
                for (var i = start / cell; i * cell < end && i < at.Length; i++) at[i] = true;
        }
    }

    /// <summary>Earliest offer of every menu of a company.</summary>
    private static IEnumerable<(int Operation, long Arrival, long Finish)> Offers(IReadOnlyList<Overheard> log, int company)
    {
        foreach (var (c, request, reply) in log)
        {
            if (c != company || reply.Menus is null) continue;
            for (var m = 0; m < request.Menus!.Length; m++)
            {
                var at = 0;
                foreach (var arrival in request.Menus[m].Arrivals)
                {
                    var count = reply.Menus[m][at++];
                    if (count > 0) yield return (request.Menus[m].Operation, arrival, reply.Menus[m][at]);
                    at += 2 * (int)count;
                }
            }
        }
    }
}
