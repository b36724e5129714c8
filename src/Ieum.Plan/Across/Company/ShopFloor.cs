namespace Ieum.Plan.Across;

/// <summary>
/// A company carrying out a committed plan by its true times. Before it begins it may still re-sequence its own machines, silently: no
/// message follows, so nothing of the true times is told. Promises bind it: an operation is never put before one that is promised to
/// be finished before the former's part arrives. Then every machine's sequence can be sorted by some moment between promised
/// arrival and promised end of each operation; those moments grow along every order too, so companies cannot wait for each other in a circle.
/// </summary>
internal sealed class ShopFloor(CompanyBook truth, int[] first)
{
    private const int Tries = 4000;

    public Workbench Bench { get; } = new(truth, first);

    /// <param name="agreed">The committed plan as negotiated, with blurred times and the last look.</param>
    /// <param name="rearrange">False carries out the agreed sequences as they are.</param>
    public Shop Carry(Shop agreed, bool rearrange, ulong secret)
    {
        var floor = new Shop(Bench.Layout);
        floor.CopyFrom(agreed);
        var rng = new Rng(secret ^ 99);
        if (!rearrange || floor.View is null || !agreed.Retime() || !floor.Retime()) return floor;
        // Own orders promise nothing to anybody.
        floor.Promised = [.. Enumerable.Range(0, Bench.Layout.Tasks).Select(t => t < Bench.Shared && agreed.Option[t] >= 0 ? (agreed.Ready(t), agreed.End[t]) : (long.MinValue, long.MaxValue))];
        var hot = 1 + floor.Cost() * 0.003;
        new Annealer(Bench.Layout).Improve(floor, ref rng, hot, hot * 0.02, i => i / (double)Tries);
        return floor;
    }
}
