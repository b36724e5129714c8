namespace Ieum.Plan.Across;

/// <summary>How well somebody guessed the closed times.</summary>
/// <param name="Pairs">Pairs of operation and company that can do it, in the part of the world that was attacked.</param>
/// <param name="Recovered">Share of all pairs whose fastest true time was guessed exactly.</param>
/// <param name="Guessed">Share of pairs for which anything could be guessed.</param>
/// <param name="Error">Mean of |guess − truth| / truth over the guesses.</param>
/// <param name="Interval">Mean width of the interval that surely holds the truth, as share of it, when the width of the blur is known.</param>
internal readonly record struct Leak(int Pairs, double Recovered, double Guessed, double Error, double Interval);

/// <summary>Guesses processing times from messages: shortest finish − arrival, in everything that was seen.</summary>
/// <remarks>
/// The blur lies symmetric about the truth, so the shortest answer is also the likeliest guess; no arithmetic on more answers
/// gains anything, because all answers follow from the same moved time.
/// </remarks>
internal static class TimeAttack
{
    /// <summary>A coordinator sees every menu and timing.</summary>
    public static Leak ByCoordinator(FedInstance instance, IEnumerable<Overheard> log, int blur)
    {
        var book = SharedBook.Of(instance);
        var least = new Dictionary<(int, int), long>();
        foreach (var (company, request, reply) in log)
        {
            for (var m = 0; m < (request.Menus?.Length ?? 0) && reply.Menus is not null; m++)
            {
                var flat = reply.Menus[m];
                var at = 0;
                foreach (var arrival in request.Menus![m].Arrivals)
                    for (var i = flat[at++]; i > 0; i--, at += 2) Note(least, request.Menus[m].Operation, company, flat[at] - arrival);
            }
            foreach (var step in reply.Steps ?? [])
            {
                var rows = Rows(step.Finish ?? []).ToDictionary(r => r.Op);
                foreach (var (op, _, ways) in rows.Values)
                {
                    // Its own arrival to its finish; inside a house, what it adds to the operation before.
                    foreach (var (from, lag) in ways)
                    {
                        if (from == op) Note(least, (int)op, company, lag);
                        else if (!book.IsFirst[op] && rows.TryGetValue(op - 1, out var before))
                            foreach (var (same, sooner) in before.Ways)
                                if (same == from) Note(least, (int)op, company, lag - sooner);
                    }
                }
            }
        }
        return Judge(instance, least, blur, _ => true);
    }

    /// <summary>
    /// Companies see only their own lines. Where one did the operation before and one (perhaps the same) does the operation after,
    /// the lag a look tells, or the part's absence, bounds the time of the operation between. Where the victim sits is taken as known.
    /// </summary>
    public static Leak ByCompanies(FedInstance instance, IReadOnlyList<Overheard> log, int blur, IReadOnlySet<int> attackers)
    {
        var book = SharedBook.Of(instance);
        var least = new Dictionary<(int, int), long>();
        var plans = new Dictionary<(int Company, int Plan), Dictionary<long, (long Least, (long From, long Lag)[] Ways)>>();
        var finish = new Dictionary<(int Company, int Plan), Dictionary<long, long>>();
        foreach (var (company, request, reply) in log)
        {
            for (var i = 0; i + 1 < (request.Keep?.Length ?? 0); i += 2)
                if (plans.TryGetValue((company, request.Keep![i]), out var kept)) plans[(company, request.Keep[i + 1])] = new(kept);
            foreach (var look in request.Looks ?? [])
            {
                if (!attackers.Contains(company) || !plans.TryGetValue((company, look.Plan), out var mine)) continue;
                var (arrive, ends) = Times(mine, look);
                finish[(company, look.Plan)] = ends;
                foreach (var (e, _, ways) in Rows(look.Arrivals))
                {
                    if (e < 2 || book.IsFirst[e] || book.IsFirst[e - 1]) continue;
                    var victim = book.Able[e - 1].FirstOrDefault(v => plans.TryGetValue((v, look.Plan), out var p) && p.ContainsKey(e - 1), -1);
                    if (victim < 0 || attackers.Contains(victim)) continue;
                    foreach (var (b, lag) in ways)
                        if (b == e - 2) Note(least, (int)e - 1, victim, lag - book.Transport[company][victim] - book.Transport[victim][company]);
                    foreach (var a in attackers)
                        if (finish.TryGetValue((a, look.Plan), out var theirs) && theirs.TryGetValue(e - 2, out var begun))
                            Note(least, (int)e - 1, victim, arrive[e] - begun - book.Transport[a][victim] - book.Transport[victim][company]);
                }
            }
            for (var s = 0; s < (request.Steps?.Length ?? 0) && s < (reply.Steps?.Length ?? 0); s++)
            {
                var step = request.Steps![s];
                if (!plans.TryGetValue((company, step.Plan), out var plan))
                    plans[(company, step.Plan)] = plan = plans.TryGetValue((company, step.From), out var parent) ? new(parent) : [];
                foreach (var o in step.Remove ?? []) plan.Remove(o);
                foreach (var (op, fixed_, ways) in Rows(reply.Steps![s].Finish ?? [])) plan[op] = (fixed_, ways);
            }
            foreach (var d in request.Drop ?? []) plans.Remove((company, d));
        }
        return Judge(instance, least, blur, c => !attackers.Contains(c));
    }

    /// <summary>A company's own arrivals and finishes in a plan, as it works them out itself from what it is told.</summary>
    private static (Dictionary<long, long> Arrive, Dictionary<long, long> Finish) Times(Dictionary<long, (long Least, (long From, long Lag)[] Ways)> rows, Look look)
    {
        Dictionary<long, long> arrive = [], finish = [];
        var links = Rows(look.Arrivals).ToList();
        for (var pass = 0; pass < 20; pass++)
        {
            foreach (var (e, least, ways) in links) arrive[e] = ways.Aggregate(least, (t, w) => Math.Max(t, finish.GetValueOrDefault(w.From) + w.Lag));
            foreach (var (o, (least, ways)) in rows) finish[o] = ways.Aggregate(least, (t, w) => Math.Max(t, arrive.GetValueOrDefault(w.From) + w.Lag));
        }
        return (arrive, finish);
    }

    private static IEnumerable<(long Op, long Least, (long From, long Lag)[] Ways)> Rows(long[] flat)
    {
        for (var at = 0; at < flat.Length;)
        {
            var (op, least, ways) = (flat[at], flat[at + 1], new (long, long)[flat[at + 2]]);
            at += 3;
            for (var k = 0; k < ways.Length; k++, at += 2) ways[k] = (flat[at], flat[at + 1]);
            yield return (op, least, ways);
        }
    }

    private static void Note(Dictionary<(int, int), long> least, int op, int company, long time)
    {
        if (time > 0 && (!least.TryGetValue((op, company), out var old) || time < old)) least[(op, company)] = time;
    }

    internal static Leak Judge(FedInstance instance, Dictionary<(int, int), long> least, int blur, Func<int, bool> attacked)
    {
        int pairs = 0, exact = 0, guessed = 0, op = 0;
        double error = 0, width = 0;
        foreach (var order in instance.Orders)
            foreach (var options in order.Operations)
            {
                foreach (var g in options.GroupBy(o => o.Company).Where(g => attacked(g.Key)))
                {
                    pairs++;
                    if (!least.TryGetValue((op, g.Key), out var guess)) continue;
                    guessed++;
                    var truth = g.Min(o => o.Time);
                    if (guess == truth) exact++;
                    error += Math.Abs(guess - truth) / (double)truth;
                    width += blur / (double)truth;
                }
                op++;
            }
        return new(pairs, pairs == 0 ? 0 : exact / (double)pairs, pairs == 0 ? 0 : guessed / (double)pairs, guessed == 0 ? 0 : error / guessed, guessed == 0 ? 0 : width / guessed);
    }
}
