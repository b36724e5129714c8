namespace Ieum.Plan.Across;

/// <summary>A plan as the coordinator sees it: which company does an operation, when its part was said to arrive, when it is promised.</summary>
/// <param name="standing">Where people expect operations to be; moving one costs <paramref name="movePrice"/>.</param>
internal sealed class PlanView(SharedBook book, IReadOnlyList<(int Company, long Finish)>? standing = null, long movePrice = 0)
{
    public readonly int[] At = NotYet(book.Operations);
    public readonly long[] Arrive = new long[book.Operations], Finish = new long[book.Operations];
    /// <summary>What the plan costs each company's own customers, as told.</summary>
    public readonly long[] Price = new long[book.Companies];

    private static int[] NotYet(int n)
    {
        var at = new int[n];
        Array.Fill(at, -1);
        return at;
    }

    public void CopyFrom(PlanView other)
    {
        Array.Copy(other.At, At, At.Length);
        Array.Copy(other.Arrive, Arrive, Arrive.Length);
        Array.Copy(other.Finish, Finish, Finish.Length);
        Array.Copy(other.Price, Price, Price.Length);
    }

    public bool Same(PlanView other) => At.AsSpan().SequenceEqual(other.At) && Finish.AsSpan().SequenceEqual(other.Finish) && Price.AsSpan().SequenceEqual(other.Price);

    public long Makespan()
    {
        var last = 0L;
        for (var j = 0; j < book.Orders; j++)
            if (At[book.First[j + 1] - 1] >= 0) last = Math.Max(last, Finish[book.First[j + 1] - 1]);
        return last;
    }

    public long LatenessOf(int order)
    {
        var o = book.First[order + 1] - 1;
        return At[o] < 0 ? 0 : book.Weight[order] * Math.Max(0, Finish[o] - book.Due[order]);
    }

    /// <summary>Operations at another company than people expect.</summary>
    public int Moved()
    {
        var moved = 0;
        for (var o = 0; o < (standing?.Count ?? 0); o++)
            if (standing![o].Company >= 0 && At[o] >= 0 && At[o] != standing[o].Company) moved++;
        return moved;
    }

    /// <summary>What an order costs that is not placed: more than any lateness.</summary>
    public const long Missing = 1_000_000_000;

    /// <summary>Shared lateness + told prices + makespan of what is placed; and <see cref="Missing"/> for each order that is not.</summary>
    public long Objective()
    {
        var sum = Makespan();
        for (var j = 0; j < book.Orders; j++) sum += At[book.First[j + 1] - 1] >= 0 ? LatenessOf(j) : Missing;
        foreach (var p in Price) sum += p;
        return sum + movePrice * Moved();
    }
}
