using System.Globalization;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>Why a wish could not be kept, in words.</summary>
internal static class FactoryReasons
{
    public static IEnumerable<PlanConflict> OfWaits(FactoryProblem p, FactoryPlan plan)
    {
        var at = plan.Slots.ToDictionary(s => (s.Order, s.Routing, s.Operation));
        foreach (var s in plan.Slots)
            foreach (var l in p.Orders[s.Order].Routings[s.Routing].Links)
                if (l.From == s.Operation && l.MaxWait is { } most && at.TryGetValue((s.Order, s.Routing, l.To), out var next) && next.RunStart - s.End > most)
                {
                    var (from, to) = (p.Orders[s.Order].Routings[s.Routing].Operations[l.From].Number, p.Orders[s.Order].Routings[s.Routing].Operations[l.To].Number);
                    yield return PlanConflict.Of(PlanRules.WaitBroken, "wait",
                        $"Step {to} of order '{p.Orders[s.Order].Id}' begins {next.RunStart - s.End} min after step {from} ends; at most {most} min are allowed. Free its machine then, or start step {from} later.", null)
                    with { Row = $"order {p.Orders[s.Order].Id}, step {to}", Field = "wait", Operation = OperationId.Of(new(p.Orders[s.Order].Id), to) };
                }
    }

    /// <summary>Locked starts that do not hold. <see cref="PlanConflict.Field"/> names the cause: previous, release, material, closed, busy or needs.</summary>
    public static IEnumerable<PlanConflict> OfLocks(BuiltFactory built, FactoryLayout layout, FactoryPlan plan)
    {
        var p = built.Problem;
        foreach (var s in plan.Slots)
        {
            var i = layout.Index[(s.Order, s.Routing, s.Operation)];
            if (layout.Operations[i] is not { Locked: { } wanted, Begun: null } x || s.Start == wanted) continue;
            var (field, why) = Cause(p, layout, plan, i, s, wanted);
            var offset = built.Offsets[x.Modes[s.Mode].Machine];
            string Show(long minute) => p.Origin.AddMinutes(minute).ToOffset(offset).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            var id = OperationId.Of(new(p.Orders[s.Order].Id), x.Number);
            yield return new(PlanRules.LockBroken, $"'{id}' cannot begin at {Show(wanted)}: {why(Show)}. It begins at {Show(s.Start)}.", null)
            { Row = $"order {p.Orders[s.Order].Id}, step {x.Number}", Field = field, Operation = id, Detail = field, Arguments = [id.Value, Show(wanted), Show(s.Start)] };
        }
    }

    private static (string Field, Func<Func<long, string>, string> Why) Cause(FactoryProblem p, FactoryLayout layout, FactoryPlan plan, int i, FactorySlot s, long wanted)
    {
        var order = p.Orders[s.Order];
        var mode = layout.Operations[i].Modes[s.Mode];
        foreach (var e in layout.Before[i])
        {
            var (number, end) = (layout.Operations[e.From].Number, layout.Operations[e.From].Done ? layout.Operations[e.From].DoneAt : plan.Slots.FirstOrDefault(x => layout.Index[(x.Order, x.Routing, x.Operation)] == e.From)?.End ?? 0);
            var there = e.Link.Lane < 0 ? end + e.Link.MinWait : p.Lanes[e.Link.Lane].Arrival(end + e.Link.MinWait) ?? p.Horizon;
            if (there > wanted) return ("previous", show => $"step {number} of its order ends at {show(end)}{(there > end ? $" and is handed over at {show(there)}" : "")}");
        }
        if (order.Release > wanted) return ("release", show => $"its order is released at {show(order.Release)}");
        if (p.Machines[mode.Machine].Open.Next(wanted) is var next && next != wanted)
            return ("closed", show => $"'{p.Machines[mode.Machine].Id}' does not work then{(next is { } n ? $"; it opens at {show(n)}" : "")}");
        var before = plan.Slots.Where(x => x != s && p.Orders[x.Order].Routings[x.Routing].Operations[x.Operation].Modes[x.Mode].Machine == mode.Machine && x.Start <= s.Start && x.End > wanted).MaxBy(x => x.End);
        if (before is not null)
        {
            var number = p.Orders[before.Order].Routings[before.Routing].Operations[before.Operation].Number;
            return ("busy", show => $"'{p.Machines[mode.Machine].Id}' is busy with step {number} of order '{p.Orders[before.Order].Id}' until {show(before.End)}");
        }
        if (!layout.Operations[i].Takes.IsEmpty) return ("material", _ => "its material or somebody that it needs is not there");
        return ("needs", _ => "somebody or something that it needs, or an unbroken stretch that is long enough, is not there");
    }
}
