using Ieum.Model;

namespace Ieum.Node.Town;

/// <summary>One lot's stay at one machine in the baseline.</summary>
/// <param name="Arrival">The lot is at the company and may be worked on.</param>
internal sealed record TownStay(string Item, int Lot, int Step, string Machine, DateTimeOffset Arrival, DateTimeOffset Start, DateTimeOffset End);

/// <summary>The scenario's baseline S0: every lot through every company in order of arrival, all by sea, private work first.</summary>
/// <remarks>
/// Gives each company the hand-over dates at which its legs of the order are released. Private load takes capacity away
/// like a break; lots queue behind each other. The four test dates it ends with are those the scenario states, which
/// <c>TownBaselineTests</c> checks.
/// </remarks>
internal sealed class TownBaseline
{
    private readonly TownScenario _scenario;
    private readonly TownTransport _transport;
    private readonly Dictionary<string, List<TimeRange>> _private = [];
    private readonly Dictionary<string, List<TimeRange>> _taken = [];
    private readonly List<TownStay> _stays = [];

    private TownBaseline(TownScenario scenario)
    {
        (_scenario, _transport) = (scenario, new TownTransport(scenario));
        foreach (var (machine, loads) in scenario.PrivateLoad)
            foreach (var load in loads)
                PrivateOf(machine).Add(Stretch(machine, load.From, load.Work));
    }

    /// <summary>Every stay of every lot, in the order it was placed.</summary>
    public static IReadOnlyList<TownStay> Of(TownScenario scenario)
    {
        var run = new TownBaseline(scenario);
        var body = run.Walk("BODY", [.. scenario.Order.Lots.Select(_ => scenario.Start)]);
        var spool = run.Walk("SPOOL", [.. scenario.Order.Lots.Select(_ => scenario.Start)]);
        run.Walk("VALVE", [.. body.Zip(spool, (b, s) => b > s ? b : s)]);
        return run._stays;
    }

    /// <summary>Takes all lots through a routing, step by step; returns when each is ready at the prime contractor.</summary>
    private DateTimeOffset[] Walk(string item, DateTimeOffset[] ready)
    {
        var place = "";
        var steps = _scenario.Routings[item];
        for (var i = 0; i < steps.Length; i++)
        {
            var step = steps[i];
            if (step.IsWait)
            {
                ready = [.. ready.Select(r => r + step.Wait)];
                continue;
            }
            if (place.Length > 0) ready = [.. ready.Select(r => _transport.Arrival(r, place, step.Company))];
            place = step.Company;
            ready = Place(item, i + 1, step, ready);
        }
        return [.. ready.Select(r => _transport.Arrival(r, place, "P"))];
    }

    private DateTimeOffset[] Place(string item, int number, TownStep step, DateTimeOffset[] arrived)
    {
        var done = new DateTimeOffset[arrived.Length];
        for (var first = 0; first < arrived.Length; first += step.BatchLots)
        {
            var batch = Enumerable.Range(first, Math.Min(step.BatchLots, arrived.Length - first)).ToArray();
            var work = step.Fixed + step.PerPiece * Pieces(item, batch[0]);
            var stay = Insert(step.Machine, batch.Max(l => arrived[l]), work);
            foreach (var lot in batch)
            {
                _stays.Add(new(item, _scenario.Order.Lots[lot].Number, number, step.Machine, arrived[lot], stay.From, stay.To));
                done[lot] = stay.To;
            }
        }
        return done;
    }

    private int Pieces(string item, int lot) => item == "SPOOL" ? _scenario.SpoolsStartedPerLot : _scenario.Order.Lots[lot].Quantity;

    private TimeRange Insert(string machine, DateTimeOffset from, TimeSpan work)
    {
        var taken = _taken.TryGetValue(machine, out var list) ? list : _taken[machine] = [];
        var stay = Stretch(machine, from, work);
        while (taken.Where(stay.Overlaps).Select(t => (DateTimeOffset?)t.To).Max() is { } free) stay = Stretch(machine, free, work);
        taken.Add(stay);
        return stay;
    }

    /// <summary>From the first working instant on, until the work is done; breaks and private work lie in between.</summary>
    private TimeRange Stretch(string machine, DateTimeOffset from, TimeSpan work)
    {
        var left = work;
        DateTimeOffset? start = null;
        foreach (var shift in _scenario.CalendarOf(machine.Split('-')[0]).WorkingTime(new TimeRange(from, from.AddYears(1))))
            foreach (var free in Without(shift, PrivateOf(machine)))
            {
                start ??= free.From;
                if (left <= free.Duration) return new TimeRange(start.Value, free.From + left);
                left -= free.Duration;
            }
        throw new TownScenarioException("town-never-works", $"Machine '{machine}' finds no {work.TotalHours:0.#} h of working time within a year of {from:u}. Check its company's calendar and private load.");
    }

    private static IEnumerable<TimeRange> Without(TimeRange whole, List<TimeRange> holes)
    {
        var from = whole.From;
        foreach (var hole in holes.Where(whole.Overlaps).OrderBy(h => h.From))
        {
            if (hole.From > from) yield return new TimeRange(from, hole.From);
            if (hole.To > from) from = hole.To;
        }
        if (from < whole.To) yield return new TimeRange(from, whole.To);
    }

    private List<TimeRange> PrivateOf(string machine) => _private.TryGetValue(machine, out var list) ? list : _private[machine] = [];
}
