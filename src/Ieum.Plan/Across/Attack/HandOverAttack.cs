namespace Ieum.Plan.Across;

/// <summary>All hand-overs of all rehearsals (or of a plan carried out): who gave which operation's part to whom, arriving when.</summary>
internal sealed class HandOvers
{
    private readonly Dictionary<(int Plan, int Op), (int From, int To, long Arrives)> _made = [];

    public IReadOnlyDictionary<(int Plan, int Op), (int From, int To, long Arrives)> Made => _made;

    /// <param name="op">The operation that waits for the part.</param>
    public void Note(int plan, int op, int from, int to, long arrives)
    {
        // Companies work at the same time.
        lock (_made) _made[(plan, op)] = (from, to, arrives);
    }

    /// <summary>The hand-overs of a plan that was really carried out: what everybody sees anyway who hands over a part and gets it back.</summary>
    public static HandOvers Of(FedInstance instance, FedSchedule executed)
    {
        var all = new HandOvers();
        var book = SharedBook.Of(instance);
        var slots = executed.Shared.ToDictionary(s => book.First[s.Order] + s.Operation);
        foreach (var (op, s) in slots)
            if (!book.IsFirst[op] && slots.TryGetValue(op - 1, out var before) && before.Company != s.Company)
                all.Note(0, op, before.Company, s.Company, before.End + book.Transport[before.Company][s.Company]);
        return all;
    }
}

/// <summary>
/// What companies learn of each other from hand-overs: who gives a part away and gets it (or, colluding, a partner gets it) after one operation
/// sees how long it was away; the shortest stay of many plans is the time, as soon as it did not have to wait once. The first operation's begins at
/// its order's release, which all know.
/// </summary>
internal static class HandOverAttack
{
    public static Leak ByCompanies(FedInstance instance, HandOvers seen, IReadOnlySet<int> attackers)
    {
        var book = SharedBook.Of(instance);
        var least = new Dictionary<(int, int), long>();
        foreach (var ((plan, op), (victim, to, arrives)) in seen.Made)
        {
            if (!attackers.Contains(to) || attackers.Contains(victim)) continue;
            var left = arrives - book.Transport[victim][to];
            long came;
            if (book.IsFirst[op - 1]) came = book.Release[Array.BinarySearch(book.First, op - 1)] + (book.Origin[Array.BinarySearch(book.First, op - 1)] is >= 0 and var origin ? book.Transport[origin][victim] : 0);
            else if (seen.Made.TryGetValue((plan, op - 1), out var before) && before.To == victim && attackers.Contains(before.From)) came = before.Arrives;
            else continue;
            if (!least.TryGetValue((op - 1, victim), out var old) || left - came < old) least[(op - 1, victim)] = left - came;
        }
        return TimeAttack.Judge(instance, least, 0, c => !attackers.Contains(c));
    }

    /// <summary>The worst over all single companies, or over all pairs of them; nothing where nobody is left to be attacked.</summary>
    public static Leak Worst(FedInstance instance, HandOvers seen, int together)
    {
        var companies = Enumerable.Range(0, instance.Companies.Length);
        var groups = together == 1 ? companies.Select(c => new HashSet<int> { c }) : companies.SelectMany(a => companies.Where(b => b > a).Select(b => new HashSet<int> { a, b }));
        return groups.Where(g => g.Count < instance.Companies.Length).Select(g => ByCompanies(instance, seen, g)).DefaultIfEmpty().MaxBy(l => l.Recovered);
    }
}
