namespace Ieum.Plan.Across;

/// <summary>What a coordinator picks up on the way: shortest answers seen, and what follows from them.</summary>
internal sealed class Knowledge(SharedBook book)
{
    private readonly long[] _least = Enumerable.Repeat(long.MaxValue, book.Operations * book.Companies).ToArray();
    private long _sum, _count;

    public SharedBook Book => book;

    /// <summary>Guess of an operation's time from finish − arrival over all answers; before the first, from the due times.</summary>
    public long Typical => _count > 0 ? Math.Max(1, _sum / _count)
        : Math.Max(1, Enumerable.Range(0, book.Orders).Sum(j => (long)Math.Max(1, book.Due[j] - book.Release[j])) / Math.Max(1, book.Operations * 3 / 2));

    public void Saw(int op, int company, long arrival, long finish)
    {
        ref var least = ref _least[op * book.Companies + company];
        if (finish - arrival >= least) return;
        if (least == long.MaxValue) _count++;
        else _sum -= least;
        least = finish - arrival;
        _sum += least;
    }

    public bool Seen(int op, int company) => _least[op * book.Companies + company] != long.MaxValue;

    public long Least(int op, int company)
    {
        var least = _least[op * book.Companies + company];
        return least == long.MaxValue ? Typical : least;
    }

    public long Least(int op)
    {
        var least = book.Able[op].Length == 0 ? Typical : long.MaxValue;
        foreach (var c in book.Able[op]) least = Math.Min(least, Least(op, c));
        return least;
    }

    /// <summary>Time from the end of an operation to the end of its order where it stands, would nothing wait.</summary>
    public long ShortestTail(PlanView view, int op, int end)
    {
        var tail = 0L;
        for (var o = op + 1; o < end; o++)
            tail += view.At[o] >= 0 ? Least(o, view.At[o]) + (view.At[o - 1] >= 0 ? book.Transport[view.At[o - 1]][view.At[o]] : 0) : Least(o);
        return tail;
    }
}
