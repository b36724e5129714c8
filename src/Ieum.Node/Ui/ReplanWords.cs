using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Node.Ui;

/// <summary>Changes, ways out and their clocks as sentences.</summary>
internal static class ReplanWords
{
    public static string Change(PlanChange change, Func<MachineId, string> name, Texts t) => change switch
    {
        PlanChange.MachineDown d => t["change.machineDown", name(d.Machine), t.Stamp(d.Range.To)],
        PlanChange.ExtraTime e => t["change.extraTime", name(e.Machine), t.Stamp(e.Range.From), t.Stamp(e.Range.To)],
        PlanChange.Away { Machines.Length: > 0 } a => t["change.away.machines", a.Resource, t.Stamp(a.Range.To), string.Join(", ", a.Machines.Select(name))],
        PlanChange.Away a => t["change.away", a.Resource, t.Stamp(a.Range.To)],
        PlanChange.MaterialLate m => t["change.materialLate", m.Item, t.Stamp(m.Until)],
        PlanChange.StockIs s => t["change.stockIs", s.Item, t.Number(s.OnHand)],
        PlanChange.OrderWaits w => t["change.orderWaits", w.Order, t.Stamp(w.Until)],
        PlanChange.OrderIs { Order: var o } => t["change.order", o.Id, t["unit.pieces", t.Number(o.Quantity)], t.Stamp(o.Due)],
        PlanChange.OrderGone g => t["change.orderGone", g.Order],
        PlanChange.Scrapped s => t["change.scrapped", s.Order, t["unit.pieces", t.Number(s.Pieces)]],
        _ => "",
    };

    public static string Way(AlternativeKind kind, Texts t) => t[$"replan.way.{kind.ToString().ToLowerInvariant()}"];

    /// <summary>What is done on purpose.</summary>
    public static string Does(Alternative a, Func<MachineId, string> name, Texts t)
    {
        switch (a.Kind)
        {
            case AlternativeKind.Nothing: return t["replan.does.nothing"];
            case AlternativeKind.Overtime when a.Bought is [var first, ..]: return t["replan.does.overtime", string.Join(", ", a.Bought.Select(b => b.Machine).Distinct().Select(name)), t.Stamp(first.Range.From), t.Span(a.Figures.Overtime)];
            case AlternativeKind.Split when a.Moves is [.., var lot]: return t["replan.does.split", a.Of?.Value, name(lot.Machine)];
            case AlternativeKind.Outside when a.Supplier is { } s: return t["replan.does.outside", a.Of?.Value, t.Name(s.Name)];
            default:
                var some = string.Join(", ", a.Moves.OrderBy(m => m.Start).Take(3).Select(m => a.Kind == AlternativeKind.Machine ? $"{m.Operation} → {name(m.Machine)}" : m.Operation.Value));
                return t["replan.does.moves", a.Moves.Length, a.Moves.Length > 3 ? some + " …" : some];
        }
    }

    /// <summary>What ends the time to decide.</summary>
    public static string Gate(CutOff c, Func<MachineId, string> name, Texts t)
    {
        var what = c.Cause is CutOffCause.Begins or CutOffCause.Overtime && Identifier.IsValid(c.What) ? name(new(c.What)) : c.What;
        return t[$"replan.cut.{c.Cause.ToString().ToLowerInvariant()}", c.Operation?.Value, what];
    }

    public static string Cost(PlanFigures f, Texts t) => f.Cost is { } c ? (c > 0 || f.Overtime > TimeSpan.Zero ? f.Overtime > TimeSpan.Zero ? $"{t.Number(c)} · {t.Span(f.Overtime)}" : t.Number(c) : "–") : $"{t.Span(f.Overtime)} · {t["replan.cost.unknown"]}";
}
