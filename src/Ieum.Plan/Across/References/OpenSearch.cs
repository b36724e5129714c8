namespace Ieum.Plan.Across;

/// <summary>References with open books: annealing over all machines at once, restarted, for a given time.</summary>
internal static class OpenSearch
{
    /// <param name="limit">Wall clock; 0 leaves it to <paramref name="tries"/>.</param>
    /// <param name="tries">Moves evaluated; the same number and seed give the same plan when no limit cuts it off.</param>
    public static Shop Anneal(OpenBook book, int seed, TimeSpan limit, long tries, int restarts, TimeProvider clock, CancellationToken cancel)
    {
        var rng = Rng.Of(seed, 7);
        var annealer = new Annealer(book.Layout);
        Shop? best = null;
        var bestCost = double.MaxValue;
        for (var r = 0; r < restarts; r++)
        {
            var shop = book.Dispatch(r == 0 ? 0 : 0.5, ref rng);
            var begun = clock.GetTimestamp();
            var cost = annealer.Improve(shop, ref rng, Math.Max(2, shop.Cost() * 0.01), 0.3, i =>
            {
                cancel.ThrowIfCancellationRequested();
                var byTime = limit > TimeSpan.Zero ? clock.GetElapsedTime(begun) * restarts / limit : 0;
                return Math.Max(byTime, i * (double)restarts / tries);
            });
            if (cost >= bestCost) continue;
            bestCost = cost;
            best = new Shop(book.Layout);
            best.CopyFrom(shop);
        }
        best!.Retime();
        return best;
    }
}
