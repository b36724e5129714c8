namespace Ieum.Plan.Across;

/// <summary>How one finish follows from arrivals: the latest of <see cref="Least"/> and every arrival of <see cref="From"/> plus its lag.</summary>
internal sealed record FinishRow(long Least, int[] From, long[] Lag);

/// <summary>A nameless customer of a company: weight × the largest of <see cref="Least"/> and how much later than its limit an arrival is.</summary>
internal sealed record OwnRow(long Weight, long Least, int[] From, long[] Latest);

/// <summary>A company's own customers in a plan: what no arrival moves, and those whom one could.</summary>
internal sealed record OwnSide(long Fixed, OwnRow[] Rows)
{
    public static readonly OwnSide None = new(0, []);
}

/// <summary>A plan as the coordinator sees it: which company does an operation, how its finish reacts, and the times that follow.</summary>
/// <param name="standing">Where people expect operations to be; moving one costs <paramref name="movePrice"/>.</param>
internal sealed class PlanView(SharedBook book, IReadOnlyList<(int Company, long Finish)>? standing = null, long movePrice = 0)
{
    /// <summary>More passes than this are a circle: sequences that wait for each other.</summary>
    private const int MostPasses = 40;

    public readonly int[] At = NotYet(book.Operations);
    /// <summary>Arrival where the part comes from another company or from outside; −1 inside a house.</summary>
    public readonly long[] Arrive = new long[book.Operations], Finish = new long[book.Operations];
    public readonly FinishRow?[] Rows = new FinishRow?[book.Operations];
    public readonly OwnSide[] Own = Enumerable.Repeat(OwnSide.None, book.Companies).ToArray();
    /// <summary>Placed operations by finish; valid after <see cref="Settle"/>.</summary>
    public readonly int[] Order = new int[book.Operations];
    public int Placed { get; private set; }
    private readonly long[] _key = new long[book.Operations];

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
        Array.Copy(other.Rows, Rows, Rows.Length);
        Array.Copy(other.Own, Own, Own.Length);
        Array.Copy(other.Order, Order, Order.Length);
        Placed = other.Placed;
    }

    /// <summary>Same places and times.</summary>
    public bool Same(PlanView other) => At.AsSpan().SequenceEqual(other.At) && Finish.AsSpan().SequenceEqual(other.Finish);

    /// <summary>All times that follow from the rows; false when the sequences wait for each other in a circle.</summary>
    public bool Settle()
    {
        Sort();
        for (var pass = 0; pass < MostPasses; pass++)
        {
            var moved = false;
            for (var i = 0; i < Placed; i++)
            {
                var o = Order[i];
                if (!book.IsFirst[o])
                {
                    var p = At[o - 1];
                    Arrive[o] = p < 0 || p == At[o] ? -1 : Finish[o - 1] + book.Transport[p][At[o]];
                }
                if (Rows[o] is not { } row) return false;
                var finish = row.Least;
                for (var k = 0; k < row.From.Length; k++)
                    if (Arrive[row.From[k]] + row.Lag[k] is var f && f > finish) finish = f;
                if (finish == Finish[o]) continue;
                Finish[o] = finish;
                moved = true;
            }
            if (moved) continue;
            Sort();
            return true;
        }
        return false;
    }

    private void Sort()
    {
        Placed = 0;
        for (var o = 0; o < At.Length; o++)
        {
            if (At[o] < 0) continue;
            (_key[Placed], Order[Placed]) = (Finish[o], o);
            Placed++;
        }
        Array.Sort(_key, Order, 0, Placed);
    }

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

    /// <summary>What the plan costs a company's own customers.</summary>
    public long PriceOf(int company)
    {
        var price = Own[company].Fixed;
        foreach (var row in Own[company].Rows) price += row.Weight * Lateness(row);
        return price;
    }

    private long Lateness(OwnRow row)
    {
        var late = row.Least;
        for (var k = 0; k < row.From.Length; k++)
            if (Arrive[row.From[k]] - row.Latest[k] is var l && l > late) late = l;
        return late;
    }

    /// <summary>Operations at another company than people expect.</summary>
    public int Moved()
    {
        var moved = 0;
        for (var o = 0; o < (standing?.Count ?? 0); o++)
            if (standing![o].Company >= 0 && At[o] >= 0 && At[o] != standing[o].Company) moved++;
        return moved;
    }

    /// <summary>A foreign time beyond this is nonsense; sums of many stay far inside 64 bits.</summary>
    public const long Latest = 10_000_000_000;

    /// <summary>What an order costs that is not placed: more than any lateness.</summary>
    public const long Missing = 1_000_000_000;

    /// <summary>Shared lateness + own customers' lateness + makespan of what is placed; and <see cref="Missing"/> for each order that is not.</summary>
    public long Objective()
    {
        var sum = Makespan();
        for (var j = 0; j < book.Orders; j++) sum += At[book.First[j + 1] - 1] >= 0 ? LatenessOf(j) : Missing;
        for (var c = 0; c < book.Companies; c++) sum += PriceOf(c);
        return sum + movePrice * Moved();
    }

    /// <summary>Takes in how a company says this plan reacts; the reason when it is nonsense.</summary>
    public string? Hear(int company, Reaction reaction)
    {
        var flat = reaction.Finish ?? [];
        if (!Outlooks.WellFormed(flat, 3)) return "finishes are cut off";
        for (var at = 0; at < flat.Length;)
        {
            var (o, least, count) = (flat[at], flat[at + 1], (int)flat[at + 2]);
            if (o < 0 || o >= book.Operations) return $"unknown operation {o}";
            if (At[o] != company) return $"operation {o} is not its";
            if (least <= 0) return $"operation {o} finishes at {least}";
            if (least > Latest) return $"operation {o} finishes at {least}, beyond all time";
            at += 3;
            var (from, lag) = (new int[count], new long[count]);
            for (var k = 0; k < count; k++, at += 2)
            {
                if (Stranger(company, flat[at])) return $"operation {flat[at]} is not its";
                if (flat[at + 1] is <= 0 or > Latest) return $"operation {o} finishes {flat[at + 1]} after {flat[at]} arrives";
                (from[k], lag[k]) = ((int)flat[at], flat[at + 1]);
            }
            Rows[o] = new(least, from, lag);
        }
        var own = reaction.Own!;
        if (own.Length < 1 || own[0] is < 0 or > Latest || !Outlooks.WellFormed(own[1..], 3)) return "own customers are cut off";
        List<OwnRow> rows = [];
        for (var at = 1; at < own.Length;)
        {
            var (weight, least, count) = (own[at], own[at + 1], (int)own[at + 2]);
            if (weight < 0 || least < 0) return "a negative price";
            if (weight > 1_000_000 || least > Latest) return "a price beyond all measure";
            at += 3;
            var (from, latest) = (new int[count], new long[count]);
            for (var k = 0; k < count; k++, at += 2)
            {
                if (Stranger(company, own[at])) return $"operation {own[at]} is not its";
                if (own[at + 1] is < -Latest or > Latest) return $"an own customer waits for {own[at + 1]}";
                (from[k], latest[k]) = ((int)own[at], own[at + 1]);
            }
            rows.Add(new(weight, least, from, latest));
        }
        Own[company] = new(own[0], [.. rows]);
        return null;
    }

    private bool Stranger(int company, long o) => o < 0 || o >= book.Operations || At[o] != company;
}
