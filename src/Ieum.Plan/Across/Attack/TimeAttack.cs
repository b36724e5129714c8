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
    public static Leak ByCoordinator(FedInstance instance, IReadOnlyList<Overheard> log, int blur)
    {
        var book = SharedBook.Of(instance);
        var least = new Dictionary<(int, int), long>();
        foreach (var (company, request, reply) in log)
            for (var m = 0; m < (request.Menus?.Length ?? 0) && reply.Menus is not null; m++)
            {
                var flat = reply.Menus[m];
                var at = 0;
                foreach (var arrival in request.Menus![m].Arrivals)
                    for (var i = flat[at++]; i > 0; i--, at += 2) Note(least, request.Menus[m].Operation, company, flat[at] - arrival);
            }
        Replay(book, log, (_, company, op, arrival, finish) => Note(least, op, company, finish - arrival));
        return Judge(instance, least, blur, _ => true);
    }

    /// <summary>
    /// Companies see only their own lines. Where one did the operation before and one (perhaps the same) does the operation after,
    /// the part's absence bounds the time of the operation between. Where the victim sits is taken as known.
    /// </summary>
    public static Leak ByCompanies(FedInstance instance, IReadOnlyList<Overheard> log, int blur, IReadOnlySet<int> attackers)
    {
        var book = SharedBook.Of(instance);
        var least = new Dictionary<(int, int), long>();
        Replay(book, log, (view, company, op, _, _) =>
        {
            if (!attackers.Contains(company)) return;
            // Its own finish is told: the part goes to the victim; the next arrival at an attacker closes the bracket.
            for (var between = op - 1; between <= op + 1; between++)
            {
                if (between <= 0 || between >= book.Operations - 1 || book.IsFirst[between] || book.IsFirst[between + 1]) continue;
                var (a, v, b) = (view.At[between - 1], view.At[between], view.At[between + 1]);
                if (a < 0 || v < 0 || b < 0 || !attackers.Contains(a) || !attackers.Contains(b) || attackers.Contains(v)) continue;
                if (view.Arrive[between + 1] < 0 || view.Arrive[between] < 0) continue;
                Note(least, between, v, view.Arrive[between + 1] - book.Transport[v][b] - view.Finish[between - 1] - book.Transport[a][v]);
            }
        });
        return Judge(instance, least, blur, c => !attackers.Contains(c));
    }

    private static void Note(Dictionary<(int, int), long> least, int op, int company, long time)
    {
        if (time > 0 && (!least.TryGetValue((op, company), out var old) || time < old)) least[(op, company)] = time;
    }

    private static Leak Judge(FedInstance instance, Dictionary<(int, int), long> least, int blur, Func<int, bool> attacked)
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

    /// <summary>Follows every hypothetical plan through the messages, as far as they tell.</summary>
    private static void Replay(SharedBook book, IReadOnlyList<Overheard> log, Action<PlanView, int, int, long, long> told)
    {
        var plans = new Dictionary<int, PlanView>();
        foreach (var (company, request, reply) in log)
        {
            for (var i = 0; i + 1 < (request.Keep?.Length ?? 0); i += 2) View(request.Keep![i + 1]).CopyFrom(View(request.Keep[i]));
            for (var s = 0; s < (request.Steps?.Length ?? 0) && reply.Steps is not null; s++)
            {
                var step = request.Steps![s];
                if (!plans.TryGetValue(step.Plan, out var view))
                {
                    view = View(step.Plan);
                    if (step.From != 0) view.CopyFrom(View(step.From));
                }
                for (var i = 0; i + 2 < (step.Insert?.Length ?? 0); i += 3)
                {
                    var o = (int)step.Insert![i];
                    (view.At[o], view.Arrive[o]) = (company, step.Insert[i + 1]);
                    if (!book.IsFirst[o] && view.At[o - 1] == company) view.Arrive[o] = -1;
                }
                for (var i = 0; i + 1 < (step.Arrive?.Length ?? 0); i += 2) view.Arrive[(int)step.Arrive![i]] = step.Arrive[i + 1];
                var finish = reply.Steps[s].Finish ?? [];
                for (var i = 0; i + 1 < finish.Length; i += 2) view.Finish[(int)finish[i]] = finish[i + 1];
                for (var i = 0; i + 1 < finish.Length; i += 2)
                {
                    var o = (int)finish[i];
                    // Inside a house the coordinator knows the arrival too: it is the finish before.
                    var arrival = !book.IsFirst[o] && view.At[o - 1] == company ? view.Finish[o - 1] : view.Arrive[o];
                    if (arrival >= 0) told(view, company, o, arrival, view.Finish[o]);
                }
            }
            foreach (var d in request.Drop ?? []) plans.Remove(d);
        }

        PlanView View(int number) => plans.TryGetValue(number, out var v) ? v : plans[number] = new(book);
    }
}
