using System.Collections.Immutable;
using System.Globalization;

namespace Ieum.Plan;

/// <param name="Row">What it is about: <c>order A-17, routing 1, step 20</c>.</param>
/// <param name="Field">Field of that row.</param>
/// <param name="Rule">One of <see cref="PlanRules"/>.</param>
/// <param name="Message">What stands there and what to do.</param>
/// <param name="Order">Order that is left out because of it; null when everything is still planned.</param>
/// <param name="Detail">Which of the rule's sentences it is, and what stands in it: <see cref="PlanConflict.Detail"/>, <see cref="PlanConflict.Arguments"/>.</param>
internal sealed record FactoryFinding(string Row, string Field, string Rule, string Message, int? Order, string Detail, ImmutableArray<string> Arguments);

/// <summary>Looks through a problem before anybody plans it: what is wrong is told, the rest can still be planned.</summary>
internal sealed class FactoryCheck
{
    /// <summary>Longest work of one operation, a year of minutes: beyond it a unit was mixed up.</summary>
    public const long LongestWork = 525_600;

    private readonly FactoryProblem _p;
    private readonly ImmutableArray<FactoryFinding>.Builder _found = ImmutableArray.CreateBuilder<FactoryFinding>();

    private FactoryCheck(FactoryProblem problem) => _p = problem;

    /// <returns>The problem with every order that cannot be planned emptied (indices stay), and what was found.</returns>
    public static (FactoryProblem Problem, ImmutableArray<FactoryFinding> Findings) Sift(FactoryProblem problem)
    {
        var check = new FactoryCheck(problem);
        check.Twice(problem.Machines.Select(m => m.Id), "machine");
        check.Twice(problem.Units.Select(u => u.Id), "unit");
        check.Matrices();
        foreach (var m in problem.Machines)
            if (m.Open.IsEmpty && m.Overtime.IsEmpty)
                check.Tell($"machine {m.Id}", "calendar", PlanRules.CalendarNeverOpens, $"the calendar of '{m.Id}' never opens before the horizon; check shifts, holidays and maintenance");
        HashSet<string> ids = [];
        var orders = problem.Orders.Select((o, i) => check.Order(o, i, ids)).ToImmutableArray();
        return (problem with { Orders = orders }, check._found.ToImmutable());
    }

    /// <param name="detail">Null: the field tells which sentence of the rule it is.</param>
    private void Tell(string row, string field, string rule, FormattableString message, int? order = null, string? detail = null) =>
        _found.Add(new(row, field, rule, message.ToString(CultureInfo.InvariantCulture), order, detail ?? field, PlanConflict.ArgumentsOf(message)));

    private void Twice(IEnumerable<string> ids, string what)
    {
        foreach (var g in ids.GroupBy(i => i).Where(g => g.Count() > 1))
            Tell($"{what} {g.Key}", "id", PlanRules.IdTwice, $"{what} '{g.Key}' stands {g.Count()} times; give each its own id", detail: what);
    }

    private void Matrices()
    {
        foreach (var m in _p.Matrices)
            for (var i = 0; i < m.Minutes.Length; i++)
                if (m.Minutes[i] < 0)
                    Tell($"set-up matrix {m.Id}, from {m.Families[i / m.Families.Length]}", m.Families[i % m.Families.Length], PlanRules.MatrixHole,
                        $"the set-up from '{m.Families[i / m.Families.Length]}' to '{m.Families[i % m.Families.Length]}' is missing; until it is filled in the two never follow each other", detail: "pair");
    }

    private FactoryOrder Order(FactoryOrder o, int index, HashSet<string> ids)
    {
        var before = _found.Count;
        var row = $"order {o.Id}";
        if (!ids.Add(o.Id)) Tell(row, "id", PlanRules.OrderTwice, $"order '{o.Id}' stands twice; the first is planned, remove or rename this one", index);
        if (o.Quantity < 1) Tell(row, "quantity", PlanRules.NumberOutOfRange, $"the quantity is {o.Quantity}; it must be 1 or more", index);
        if (!(o.Weight > 0) || !double.IsFinite(o.Weight)) Tell(row, "weight", PlanRules.NumberOutOfRange, $"the weight is {o.Weight}; it must be above 0", index);
        if (o.Due < o.Release) Tell(row, "due", PlanRules.DueBeforeRelease, $"it is due at minute {o.Due}, before its release at {o.Release}; it is planned and will be late, correct one of the dates");
        if (o.Deadline < o.Due) Tell(row, "deadline", PlanRules.DueBeforeRelease, $"the deadline {o.Deadline} lies before the due date {o.Due}; both are kept, correct one of them");
        var routings = o.Routings.Select((r, k) => Routing(o, r, $"{row}, routing {k + 1}")).OfType<FactoryRouting>().ToImmutableArray();
        if (o.Routings.IsEmpty) Tell(row, "routing", PlanRules.NoMachine, $"it has no routing; add one", index);
        // One good way is enough.
        var good = routings.Length > 0 && !_found.Skip(before).Any(f => f.Order == index);
        if (good) return o with { Routings = routings };
        for (var i = before; i < _found.Count; i++) _found[i] = _found[i] with { Order = index };
        return o with { Routings = [new("", [], [])] };
    }

    private FactoryRouting? Routing(FactoryOrder o, FactoryRouting r, string row)
    {
        var before = _found.Count;
        foreach (var g in r.Operations.GroupBy(x => x.Number).Where(g => g.Count() > 1)) Tell($"{row}, step {g.Key}", "step", PlanRules.IdTwice, $"step {g.Key} stands {g.Count()} times; number them apart");
        foreach (var l in r.Links)
        {
            if (l.From < 0 || l.To < 0 || l.From >= r.Operations.Length || l.To >= r.Operations.Length)
            {
                Tell(row, "order of steps", PlanRules.LinkUnknown, $"a step waits for one that is not in the routing; correct the link {l.From} → {l.To}", detail: "steps");
                return null;
            }
            if (l.MinWait < 0 || l.MaxWait < l.MinWait || l.Transfer < 0)
                Tell($"{row}, step {r.Operations[l.To].Number}", "wait", PlanRules.NumberOutOfRange, $"the wait is at least {l.MinWait} and at most {l.MaxWait} min; it must be 0 or more, and the most not below the least");
            if (l.Lane >= _p.Lanes.Length || l.Lane >= 0 && _p.Lanes[l.Lane].Departures.IsEmpty)
                Tell($"{row}, step {r.Operations[l.To].Number}", "transport", PlanRules.LaneNeverLeaves, $"its transport has no departure before the horizon; give it a timetable");
        }
        if (r.TailLane >= _p.Lanes.Length || r.TailLane >= 0 && _p.Lanes[r.TailLane].Departures.IsEmpty)
            Tell($"{row}, after the last step", "transport", PlanRules.LaneNeverLeaves, $"its transport has no departure before the horizon; give it a timetable");
        if (HasCircle(r)) Tell(row, "order of steps", PlanRules.RoutingCircle, $"steps wait for each other in a circle; remove one link", detail: "steps");
        var operations = r.Operations.Select(x => Operation(o, x, $"{row}, step {x.Number}")).ToImmutableArray();
        // Machines that never open are told, but a step with another machine goes there.
        return _found.Skip(before).All(f => f.Rule is PlanRules.ModeLost) ? r with { Operations = operations! } : null;
    }

    private FactoryOperation Operation(FactoryOrder o, FactoryOperation x, string row)
    {
        if (x.Done) return x;
        List<FactoryMode> kept = [];
        foreach (var m in x.Modes)
        {
            var known = m.Machine >= 0 && m.Machine < _p.Machines.Length;
            var work = x.Recipe.Length > 0 ? m.PerPiece : m.PerPiece * o.Quantity;
            var (open, batch) = known ? (_p.Machines[m.Machine].Open.Total + _p.Machines[m.Machine].Overtime.Sum(w => w.To - w.From), _p.Machines[m.Machine].BatchCapacity) : (0, 0);
            if (!known) Tell(row, "machine", PlanRules.ModeLost, $"it names machine {m.Machine}, which there is not; it is left out", detail: "unknown");
            else if (m.SetUp < 0 || !(m.PerPiece >= 0)) Tell(row, "time", PlanRules.ModeLost, $"set-up {m.SetUp} min and {m.PerPiece} min a piece on '{_p.Machines[m.Machine].Id}' must be 0 or more; the machine is left out", detail: "negative");
            else if (work + m.SetUp > Math.Min(LongestWork, open))
                Tell(row, "time", PlanRules.ModeLost, $"it needs {Math.Round(work + m.SetUp)} min on '{_p.Machines[m.Machine].Id}', which is open for {open} min before the horizon (a year at most); check unit, quantity and calendar", detail: "too-long");
            else if (batch > 0 && x.Recipe.Length > 0 && x.Load > batch) Tell(row, "load", PlanRules.ModeLost, $"its load {x.Load} is more than '{_p.Machines[m.Machine].Id}' holds ({batch}); split the lot");
            else { kept.Add(m); continue; }
            if (x.Begun is not null) kept.Add(m with { Machine = Math.Clamp(m.Machine, 0, _p.Machines.Length - 1), SetUp = Math.Max(0, m.SetUp), PerPiece = Math.Max(0, m.PerPiece) });
        }
        if (kept.Count == 0) Tell(row, "machine", PlanRules.NoMachine, $"no machine that can do it is left; name one that exists, is open and fast enough");
        foreach (var n in x.Needs)
            if (n.Units.All(u => u < 0 || u >= _p.Units.Length || _p.Units[u].Open.IsEmpty)) Tell(row, n.Name, PlanRules.NeedUnmet, $"nobody and nothing is there for '{n.Name}'; add a person, tool or fixture with a calendar that opens", detail: "needs");
        foreach (var (material, amount) in x.Takes)
        {
            var there = material >= 0 && material < _p.Materials.Length ? _p.Materials[material].Supplies.Sum(s => s.Amount) : 0;
            if (there + 1e-9 < amount)
                Tell(row, "material", PlanRules.MaterialMissing, $"it takes {amount} of '{(material >= 0 && material < _p.Materials.Length ? _p.Materials[material].Id : "?")}', of which {there} will ever come; order more or correct the amount");
        }
        return x with { Modes = [.. kept], Needs = [.. x.Needs.Select(n => n with { Units = [.. n.Units.Where(u => u >= 0 && u < _p.Units.Length)] })] };
    }

    private static bool HasCircle(FactoryRouting r)
    {
        var waiting = r.Operations.Select((_, i) => r.Links.Count(l => l.To == i)).ToArray();
        var free = new Stack<int>(Enumerable.Range(0, waiting.Length).Where(i => waiting[i] == 0));
        var seen = 0;
        while (free.TryPop(out var i))
        {
            seen++;
            foreach (var l in r.Links) if (l.From == i && --waiting[l.To] == 0) free.Push(l.To);
        }
        return seen < waiting.Length;
    }
}
