namespace Ieum.Plan.Across;

/// <summary>How much of the companies' own orders somebody found out.</summary>
/// <param name="Counted">Own orders that were noticed at all, as share of all.</param>
/// <param name="Weights">Own orders whose weight is known exactly, as share of all.</param>
internal readonly record struct OwnLeak(double Counted, double Weights);

/// <summary>
/// A coordinator collects what it is told of own customers: every reaction names those whom shared work could make late, by weight and slack, without a name. The plan
/// that names most of them gives their number and weights. Their machines, times, releases and due times stand in no message.
/// </summary>
internal static class OwnAttack
{
    public static OwnLeak ByCoordinator(FedInstance instance, IReadOnlyList<Overheard> log)
    {
        var named = new Dictionary<long, int>[instance.Companies.Length];
        foreach (var (company, _, reply) in log)
            foreach (var step in reply.Steps ?? [])
            {
                if (step.Own is null) continue;
                Dictionary<long, int> weights = [];
                for (var at = 1; at < step.Own.Length; at += 3 + 2 * (int)step.Own[at + 2]) weights[step.Own[at]] = weights.GetValueOrDefault(step.Own[at]) + 1;
                // Of each weight the most that one plan named at once: nameless rows of different plans may be the same customer.
                var most = named[company] ??= [];
                foreach (var (weight, count) in weights) most[weight] = Math.Max(most.GetValueOrDefault(weight), count);
            }
        int all = 0, counted = 0, right = 0;
        for (var c = 0; c < instance.Companies.Length; c++)
        {
            var truth = instance.Companies[c].Private.GroupBy(p => (long)p.Weight).ToDictionary(g => g.Key, g => g.Count());
            all += instance.Companies[c].Private.Length;
            counted += Math.Min(instance.Companies[c].Private.Length, named[c]?.Values.Sum() ?? 0);
            right += truth.Sum(t => Math.Min(t.Value, named[c]?.GetValueOrDefault(t.Key) ?? 0));
        }
        return new(all == 0 ? 0 : counted / (double)all, all == 0 ? 0 : right / (double)all);
    }
}
