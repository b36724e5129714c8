using System.Collections.Immutable;
using System.Globalization;
using Ieum.Act;
using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>What an advice about a broken machine is about; kept with it, so that what was shown is what is done, also after a restart.</summary>
/// <param name="Kept">The plan in force as it would go on without it.</param>
/// <param name="Orders">Orders that differ between it and a way, or are hit.</param>
/// <param name="Ways">Default in a document of an earlier version: then it is planned anew.</param>
internal sealed record BreakdownDraft(PlanVersion Kept, ImmutableArray<OrderId> Orders, DateTimeOffset Since, DateTimeOffset Until, ImmutableArray<DraftWay> Ways)
{
    /// <param name="facts">What the ways were planned from.</param>
    public static BreakdownDraft Of(PlanVersion inForce, Alternative nothing, PlanRequest facts, ReplanAnswer answer, DateTimeOffset since, DateTimeOffset until)
    {
        var was = facts.Orders.DistinctBy(o => o.Id).ToDictionary(o => o.Id);
        return new(nothing.Plan, Hit(inForce, nothing.Plan, answer.Alternatives), since, until,
            [.. answer.Alternatives.Select(a => new DraftWay(LoopWaysOf.Word(a.Kind), a.Plan, [.. a.Request.Orders.Where(o => !was.TryGetValue(o.Id, out var w) || !ReferenceEquals(w, o))], a.Bought, a.Holds))]);
    }

    /// <param name="kind">Null: the first one.</param>
    public DraftWay? Find(string? kind) => Ways.IsDefaultOrEmpty ? null : Ways.FirstOrDefault(w => w.Kind == kind);

    /// <summary>Operations that get another machine, or another hour by more than one.</summary>
    public int MovedBy(PlanVersion plan)
    {
        var kept = Kept.Operations.ToDictionary(o => o.Operation);
        return plan.Operations.Count(o => !kept.TryGetValue(o.Operation, out var k) || k.Machine != o.Machine || (k.Start - o.Start).Duration() > TimeSpan.FromHours(1));
    }

    private static ImmutableArray<OrderId> Hit(PlanVersion plan, PlanVersion kept, IEnumerable<Alternative> ways)
    {
        var before = plan.Promises.ToDictionary(p => p.Order, p => p.Finish);
        var gets = ways.SelectMany(w => w.Plan.Promises).ToLookup(p => p.Order, p => p.Finish);
        return [.. kept.Promises.Where(k => (before.TryGetValue(k.Order, out var was) && k.Finish > was) || gets[k.Order].Any(g => g != k.Finish))
            .Select(k => k.Order).OrderBy(o => o.Value, StringComparer.Ordinal)];
    }
}

/// <param name="Kind">As in <see cref="LoopWay.Kind"/>.</param>
/// <param name="Orders">Orders that it changes or adds: split lots, steps done outside.</param>
/// <param name="Holds">What becomes a fact with it; default in a document of an earlier version.</param>
internal sealed record DraftWay(string Kind, PlanVersion Plan, ImmutableArray<Order> Orders, ImmutableArray<OvertimeOffer> Bought, ImmutableArray<PlanChange> Holds = default)
{
    public Adoption Adopt(Adoptions adoptions, string by)
    {
        var facts = adoptions.Request("machine-down");
        var mine = Orders.Select(o => o.Id).ToHashSet();
        return adoptions.Of(facts with { Orders = [.. facts.Orders.Where(o => !mine.Contains(o.Id)), .. Orders] }, Plan, by) with { Bought = Bought, Holds = Holds.IsDefault ? [] : Holds };
    }
}

/// <summary>The ranked ways of the replanner as they stand in the ledger.</summary>
internal static class LoopWaysOf
{
    public static string Word(AlternativeKind kind) => kind.ToString().ToLowerInvariant();

    /// <summary>Those that are worth it by their rank, then the others by theirs; what closed while it was planned is left out.</summary>
    /// <param name="worth">A way is worth it when no more hours are late than this.</param>
    /// <returns>The ways, and the one that is advised; null when none is worth it.</returns>
    public static (LoopWays Ways, Alternative? Best) Rank(ImmutableArray<Alternative> all, MachineId machine, TimeSpan worth, TimeSpan stands, TimeSpan offset, DateTimeOffset now)
    {
        Alternative[] open = [.. all.Where(a => a.IsOpen(now)).OrderBy(a => a.Kind == AlternativeKind.Nothing || LateOf(a.Plan) > worth).ThenBy(a => a.Rank)];
        var best = open.FirstOrDefault(a => a.Kind != AlternativeKind.Nothing && LateOf(a.Plan) <= worth);
        return (new([.. open.Select(a => new LoopWay(Word(a.Kind), Does(a, machine, stands, offset).ToString(), Hours(LateOf(a.Plan)), a.Figures.Cost, a.Figures.Moved, a.Until, a.CutOffs.IsEmpty ? null : Gate(a.CutOffs[0]).ToString()))]), best);
    }

    /// <summary>Hours late of all orders, each counted once whatever its weight: what the loop promises and measures.</summary>
    public static TimeSpan LateOf(PlanVersion plan) => plan.Promises.Aggregate(TimeSpan.Zero, (sum, p) => sum + p.Lateness);

    /// <summary>When the last way closes, but not later than <paramref name="latest"/>.</summary>
    public static DateTimeOffset LastOf(LoopWays ways, DateTimeOffset latest)
    {
        var acts = ways.All.Where(w => w.Kind != Word(AlternativeKind.Nothing)).ToArray();
        return acts.Length > 0 && acts.All(w => w.Until is not null) && acts.Max(w => w.Until) is { } last && last < latest ? last : latest;
    }

    private static LoopText Does(Alternative a, MachineId machine, TimeSpan stands, TimeSpan offset)
    {
        string Some(Func<PlannedOperation, string> tell) => string.Join(", ", a.Moves.OrderBy(m => m.Start).Take(3).Select(tell)) + (a.Moves.Length > 3 ? " …" : "");
        return a.Kind switch
        {
            AlternativeKind.Reorder => LoopText.Of(LoopTexts.WayReorder, a.Moves.Length, Some(m => m.Operation.Value)),
            AlternativeKind.Machine => LoopText.Of(LoopTexts.WayMachine, a.Moves.Length, Some(m => $"{m.Operation} → {m.Machine}")),
            AlternativeKind.Overtime => LoopText.Of(LoopTexts.WayOvertime, string.Join(", ", a.Bought.Select(b => b.Machine).Distinct()),
                a.Bought.Min(b => b.Range.From).ToOffset(offset).ToString("MM-dd HH:mm", CultureInfo.InvariantCulture), Hours(a.Figures.Overtime)),
            AlternativeKind.Split => LoopText.Of(LoopTexts.WaySplit, $"{a.Of}", a.Moves[^1].Machine),
            AlternativeKind.Outside => LoopText.Of(LoopTexts.WayOutside, $"{a.Of}", a.Supplier!.Id),
            _ => LoopText.Of(LoopTexts.WayNothing, machine, Hours(stands)),
        };
    }

    private static LoopText Gate(CutOff c) => c.Cause switch
    {
        CutOffCause.Overtime => LoopText.Of(LoopTexts.GateOvertime, c.What ?? ""),
        CutOffCause.Supplier => LoopText.Of(LoopTexts.GateSupplier, $"{c.Operation}", c.What ?? ""),
        CutOffCause.Departure => LoopText.Of(LoopTexts.GateDeparture, $"{c.Operation}", c.What ?? ""),
        _ => LoopText.Of(LoopTexts.GateBegins, $"{c.Operation}", c.What ?? ""),
    };

    private static double Hours(TimeSpan t) => Math.Round(t.TotalHours, 1);
}
