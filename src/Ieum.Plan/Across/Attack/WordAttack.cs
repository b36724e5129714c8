namespace Ieum.Plan.Across;

/// <summary>Sequences of every negotiated plan that was rehearsed: what an attacker at the coordinator's seat is granted on top of the messages.</summary>
internal sealed class Roots
{
    private readonly Dictionary<(int Rehearsal, int Company), Shop> _shops = [];

    public void Note(int rehearsal, int company, Shop shop)
    {
        var copy = new Shop(shop.Layout);
        copy.CopyFrom(shop);
        // Companies work at the same time.
        lock (_shops) _shops[(rehearsal, company)] = copy;
    }

    public Shop? Of(int rehearsal, int company) => _shops.GetValueOrDefault((rehearsal, company));
}

/// <summary>
/// A coordinator who fits the closed times to the referee's words. Every word that one known plan is better than another is an inequality between two sums
/// of times; the blurred times bound every unknown. What all of them together leave likely is sampled, and the likeliest value of each time is the guess.
/// </summary>
/// <remarks>
/// The attacker is granted more than the messages hold: the exact sequences of every negotiated plan, own orders included, and the blurred time of each of them.
/// Variants that companies re-sequenced in silence stay unknown to it; of those it uses that a later best is never worse than an earlier one.
/// </remarks>
internal static class WordAttack
{
    private const int Sweeps = 400, Ignored = 100;

    /// <summary>One word as an inequality: <c>Constant + Σ weight × error &lt; 0</c>.</summary>
    internal sealed record Inequality(double Constant, (int Unknown, double Weight)[] Terms);

    /// <param name="blurred">The instance as the companies negotiate it.</param>
    /// <param name="bench">Per company how its tasks are numbered.</param>
    /// <returns>How well the words give away the times, and how many of them could be used.</returns>
    public static (Leak Leak, int Words) ByCoordinator(FedInstance instance, FedInstance blurred, IReadOnlyList<Workbench> bench, Roots roots, IReadOnlyList<Overheard> log, int blur, int seed)
    {
        var book = new OpenBook(blurred);
        var known = new Dictionary<int, (double Total, Dictionary<int, double> Slope)?>();
        List<Inequality> words = [];
        foreach (var (better, worse) in Compared(log))
            if (Plan(better) is { } a && Plan(worse) is { } b)
            {
                Dictionary<int, double> terms = new(a.Slope);
                foreach (var (unknown, weight) in b.Slope) terms[unknown] = terms.GetValueOrDefault(unknown) - weight;
                (int, double)[] left = [.. terms.Where(t => t.Value != 0).Select(t => (t.Key, t.Value)).OrderBy(t => t.Key)];
                if (left.Length > 0) words.Add(new(a.Total - b.Total, left));
            }
        return (Judged(instance, blurred, Sampled(words, blur, seed), blur), words.Count);

        (double Total, Dictionary<int, double> Slope)? Plan(int rehearsal)
        {
            if (known.TryGetValue(rehearsal, out var plan)) return plan;
            var parts = bench.Select((b, c) => roots.Of(rehearsal, c) is { } shop ? (b, shop) : ((Workbench, Shop)?)null).ToArray();
            return known[rehearsal] = parts.Any(p => p is null) || book.Execute(parts) is not { } whole ? null : (whole.Cost(), Slope(whole, book));
        }
    }

    /// <summary>Pairs of negotiated plans of which the referee's words say that the first is better than the second.</summary>
    private static IEnumerable<(int Better, int Worse)> Compared(IReadOnlyList<Overheard> log)
    {
        Dictionary<int, int> rootOf = [];
        Dictionary<long, Judgement> asked = [];
        // Per series, and under −1 for all together, the last best one that was a plan as negotiated, and whether it still is the best.
        Dictionary<int, (int Root, bool Still)> best = [];
        foreach (var (_, request, reply) in log)
        {
            foreach (var t in request.Trials ?? []) rootOf.TryAdd(t.Number, t.Base == 0 ? t.Number : 0);
            foreach (var j in request.Judge ?? []) asked[j.Group] = j;
            for (var i = 0; i + 3 < (reply.Word?.Length ?? 0); i += 4)
            {
                if (!asked.TryGetValue(reply.Word![i], out var j)) continue;
                var (better, ofAll) = ((int)reply.Word[i + 1], reply.Word[i + 3] != 0);
                foreach (var series in ofAll ? (int[])[j.Series, -1] : [j.Series])
                {
                    var before = best.GetValueOrDefault(series);
                    if (better != 0)
                    {
                        var root = rootOf.GetValueOrDefault(better);
                        if (root != 0 && before.Root != 0 && root != before.Root) yield return (root, before.Root);
                        best[series] = root != 0 ? (root, true) : (before.Root, false);
                    }
                    else if (before.Still && j.Rehearsals is [var only] && rootOf.GetValueOrDefault(only) is not 0 and var lost && reply.Word[i + 2] == 1) yield return (before.Root, lost);
                }
            }
        }
    }

    /// <summary>A company's blur of a task is the same for all its machines.</summary>
    private static int Unknown(int task, int company) => task * 64 + company;

    /// <summary>What the whole costs more when a task takes one unit longer, as long as nothing else becomes the latest.</summary>
    private static Dictionary<int, double> Slope(Shop shop, OpenBook book)
    {
        var slope = new Dictionary<int, double>();
        var last = -1;
        for (var t = 0; t < book.Layout.Tasks; t++)
        {
            if (shop.Final![t] && (last < 0 || shop.End[t] > shop.End[last])) last = t;
            if (shop.End[t] > shop.Limit[t]) Back(t, shop.Weight[t]);
        }
        Back(last, 1);
        return slope;

        void Back(int t, double weight)
        {
            for (; t >= 0;)
            {
                var unknown = Unknown(t, book.Layout.Company[shop.MachineOf(t)]);
                slope[unknown] = slope.GetValueOrDefault(unknown) + weight;
                var (machine, order) = (shop.Prev[t], book.Layout.Before[t]);
                t = machine >= 0 && shop.End[machine] == shop.Start[t] ? machine : order >= 0 && shop.Ready(t) == shop.Start[t] ? order : -1;
            }
        }
    }

    /// <summary>Likeliest error and 95 % range per unknown: Gibbs sampling over whole numbers in ± blur/2, each word a soft wall of the blur's width, because plans are lines only nearby.</summary>
    internal static Dictionary<int, (int Mode, int Low, int High)> Sampled(List<Inequality> words, int blur, int seed)
    {
        var values = blur + 1;
        var rng = Rng.Of(seed, 404);
        var unknowns = words.SelectMany(w => w.Terms.Select(t => t.Unknown)).Distinct().Order().ToArray();
        var at = unknowns.ToDictionary(u => u, u => words.Index().Where(w => w.Item.Terms.Any(t => t.Unknown == u)).Select(w => (Word: w.Index, w.Item.Terms.First(t => t.Unknown == u).Weight)).ToArray());
        var error = unknowns.ToDictionary(u => u, _ => 0);
        var margin = words.Select(w => w.Constant).ToArray();
        var counts = unknowns.ToDictionary(u => u, _ => new int[values]);
        var likely = new double[values];
        for (var sweep = 0; sweep < Sweeps; sweep++)
            foreach (var u in unknowns)
            {
                var sum = 0.0;
                for (var v = 0; v < values; v++)
                {
                    var logs = 0.0;
                    foreach (var (word, weight) in at[u])
                        logs -= Math.Log(1 + Math.Exp(Math.Clamp((margin[word] + weight * (v - blur / 2 - error[u])) / Math.Max(1, blur), -40, 40)));
                    sum += likely[v] = Math.Exp(logs);
                }
                var drawn = rng.Unit() * sum;
                var chosen = 0;
                while (chosen < values - 1 && (drawn -= likely[chosen]) > 0) chosen++;
                foreach (var (word, weight) in at[u]) margin[word] += weight * (chosen - blur / 2 - error[u]);
                error[u] = chosen - blur / 2;
                if (sweep >= Ignored) counts[u][chosen]++;
            }
        return counts.ToDictionary(c => c.Key, c => (Array.IndexOf(c.Value, c.Value.Max()) - blur / 2, Quantile(c.Value, 0.025) - blur / 2, Quantile(c.Value, 0.975) - blur / 2));
    }

    private static int Quantile(int[] counts, double share)
    {
        var left = counts.Sum() * share;
        for (var v = 0; v < counts.Length; v++)
            if ((left -= counts[v]) < 0) return v;
        return counts.Length - 1;
    }

    private static Leak Judged(FedInstance instance, FedInstance blurred, Dictionary<int, (int Mode, int Low, int High)> found, int blur)
    {
        int pairs = 0, exact = 0, guessed = 0, op = 0;
        double error = 0, width = 0;
        for (var j = 0; j < instance.Orders.Length; j++)
            for (var k = 0; k < instance.Orders[j].Operations.Length; k++, op++)
                foreach (var company in instance.Orders[j].Operations[k].Index().GroupBy(o => o.Item.Company))
                {
                    pairs++;
                    var fastest = company.MinBy(o => o.Item.Time);
                    var (truth, told) = (fastest.Item.Time, blurred.Orders[j].Operations[k][fastest.Index].Time);
                    var (mode, low, high) = found.GetValueOrDefault(Unknown(op, company.Key), (0, -blur / 2, blur / 2));
                    guessed++;
                    if (told + mode == truth) exact++;
                    error += Math.Abs(told + mode - truth) / (double)truth;
                    width += (high - low) / (double)truth;
                }
        return new(pairs, exact / (double)pairs, guessed / (double)pairs, error / guessed, width / guessed);
    }
}
