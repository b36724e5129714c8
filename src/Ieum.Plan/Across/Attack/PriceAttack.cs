namespace Ieum.Plan.Across;

/// <summary>How well somebody foretells what a company will ask.</summary>
/// <param name="Offers">Offers with a price above 0 that were foretold, of operations and companies asked before.</param>
/// <param name="Exact">Share of them foretold exactly.</param>
/// <param name="Near">Share foretold within a tenth.</param>
/// <param name="Base">Share within a tenth for somebody who always says the company's mean price so far.</param>
internal readonly record struct PriceLeak(int Offers, double Exact, double Near, double Base);

/// <summary>
/// A coordinator learns price functions: what finishing an operation at some time costs a company. From the offers heard so far it foretells the price of
/// the next one, along the line through the two nearest finishes of the same operation at the same company; who can do that need not ask any more, and knows
/// how much the company's customers weigh there.
/// </summary>
internal static class PriceAttack
{
    /// <summary>Older offers are forgotten: the plan has moved on since.</summary>
    private const int Remembered = 24;

    public static PriceLeak ByCoordinator(IReadOnlyList<Overheard> log)
    {
        Dictionary<(int Company, int Operation), Queue<(long Finish, long Price)>> heard = [];
        Dictionary<int, (double Sum, int Count)> mean = [];
        int offers = 0, exact = 0, near = 0, byMean = 0;
        foreach (var (company, request, reply) in log)
            for (var m = 0; m < (request.Menus?.Length ?? 0) && reply.Menus is not null; m++)
            {
                var key = (company, request.Menus![m].Operation);
                if (!heard.TryGetValue(key, out var known)) heard[key] = known = new();
                List<(long, long)> fresh = [];
                var (flat, at) = (reply.Menus[m], 0);
                foreach (var _ in request.Menus[m].Arrivals)
                    for (var i = flat[at++]; i > 0; i--, at += 2)
                    {
                        var (finish, price) = (flat[at], flat[at + 1]);
                        fresh.Add((finish, price));
                        var (sum, count) = mean.GetValueOrDefault(company);
                        if (price > 0 && Foretold(known, finish) is { } guess)
                        {
                            offers++;
                            if (guess == price) exact++;
                            if (Math.Abs(guess - price) * 10 <= price) near++;
                            if (count > 0 && Math.Abs(sum / count - price) * 10 <= price) byMean++;
                        }
                        if (price > 0) mean[company] = (sum + price, count + 1);
                    }
                // What stands in the same answer was not known when it was asked for.
                foreach (var f in fresh)
                {
                    if (known.Count == Remembered) known.Dequeue();
                    known.Enqueue(f);
                }
            }
        var all = Math.Max(1, offers);
        return new(offers, exact / (double)all, near / (double)all, byMean / (double)all);
    }

    /// <summary>Null where nothing was heard of it before.</summary>
    private static long? Foretold(IEnumerable<(long Finish, long Price)> known, long finish)
    {
        (long Finish, long Price)[] nearest = [.. known.OrderBy(k => Math.Abs(k.Finish - finish)).ThenBy(k => k.Finish).Take(2)];
        if (nearest.Length == 0) return null;
        var (a, b) = (nearest[0], nearest[^1]);
        if (a.Finish == finish || a.Finish == b.Finish) return a.Price;
        return Math.Max(0, a.Price + (long)Math.Round((b.Price - a.Price) * (finish - a.Finish) / (double)(b.Finish - a.Finish)));
    }
}
