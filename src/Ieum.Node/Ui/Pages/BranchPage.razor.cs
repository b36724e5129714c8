using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Ui.Pages;

/// <summary>Branches side by side with the plan in force; one change at a time, each planned at once.</summary>
public partial class BranchPage
{
    private static readonly string[] Kinds = ["order", "down", "extra", "routing", "gone", "away", "stock", "late"];
    private string _name = "", _kind = "order", _which = "";
    private string? _open;
    private int _weight = 1, _routing;
    private double _number;
    private DateTime? _from, _to;

    private IEnumerable<(string Id, string Text)> Targets => _kind switch
    {
        "down" or "extra" => Floor.Company.Machines.Select(m => (m.Id.Value, T.Name(m.Name))),
        "away" => Desk.Resources.Select(r => (r.Id, T.Name(r.Name))),
        "stock" or "late" => Desk.Materials.Select(m => (m.Item.Value, $"{m.Item} · {T.Name(m.Name)}")),
        "routing" => Plans.Orders.Where(o => o.Alternatives.Length > 0).Select(o => (o.Id.Value, $"{o.Id} · {o.Item}")),
        _ => Plans.Orders.Where(o => Plans.InForce?.Operations.Any(p => p.Order == o.Id) == true).Select(o => (o.Id.Value, $"{o.Id} · {o.Item}")),
    };

    private void OpenFor(PlanBranch b)
    {
        _open = b.Id;
        Choose(b, _kind);
    }

    private void Choose(PlanBranch b, string kind)
    {
        _kind = kind;
        Pick(b, Targets.FirstOrDefault().Id ?? "");
    }

    /// <summary>The form begins with what is so now.</summary>
    private void Pick(PlanBranch b, string which)
    {
        _which = which;
        var now = Texts.Local(Desk.Now).DateTime;
        now = now.Date.AddHours(now.Hour);
        (_from, _to, _routing, _number) = (now, now.AddHours(8), 0, 0);
        if (_kind == "order" && OrderOf(b) is { } o) (_to, _number, _weight) = (Texts.Local(o.Due).DateTime, o.Quantity, o.Weight);
        if (_kind == "stock" && Desk.Materials.FirstOrDefault(m => m.Item.Value == which) is { } stock) _number = stock.OnHand;
    }

    /// <summary>The order as the branch has it so far.</summary>
    private Order? OrderOf(PlanBranch b) => b.Changes.OfType<PlanChange.OrderIs>().Select(c => c.Order).FirstOrDefault(o => o.Id.Value == _which) ?? Plans.Orders.FirstOrDefault(o => o.Id.Value == _which);

    private PlanChange? Read(PlanBranch b)
    {
        static DateTimeOffset? At(DateTime? local) => local is { } l ? new DateTimeOffset(l, Texts.Zone) : null;
        TimeRange? range = At(_from) is { } from && At(_to) is { } to && from < to ? new TimeRange(from, to) : null;
        if (!Identifier.IsValid(_which)) return null;
        return _kind switch
        {
            "down" when range is { } r => new PlanChange.MachineDown(new(_which), r),
            "extra" when range is { } r && _number >= 0 => new PlanChange.ExtraTime(new(_which), r, _number),
            "away" when range is { } r => new PlanChange.Away(_which, r),
            "stock" when _number >= 0 => new PlanChange.StockIs(new(_which), _number),
            "late" when At(_to) is { } until => new PlanChange.MaterialLate(new(_which), until),
            "gone" => new PlanChange.OrderGone(new(_which)),
            "routing" when OrderOf(b) is { } o && o.Routings.ElementAtOrDefault(_routing) is { } way =>
                new PlanChange.OrderIs(new(o.Id, way, o.Quantity, o.Release, o.Due, o.Weight, o.IsPrivate, o.Lot, o.Deadline)),
            "order" when OrderOf(b) is { } o && At(_to) is { } due && due >= o.Release && _number is >= 1 and <= 1_000_000 && _weight is >= 1 and <= 100 =>
                new PlanChange.OrderIs(new(o.Id, o.Routing, (int)_number, o.Release, due, _weight, o.IsPrivate, o.Lot, o.Deadline < due ? due : o.Deadline, o.Alternatives)),
            _ => null,
        };
    }

    private Task ChangeAsync(PlanBranch b) => BusyAsync(async () =>
    {
        if (Read(b) is not { } change)
        {
            Told = (T["branch.wrong"], true);
            return;
        }
        Say(await Desk.ChangeAsync(b.Id, change, Leaving));
    });

    private Task BeginAsync() => BusyAsync(async () =>
    {
        var begun = await Desk.BeginAsync(_name, await ByAsync());
        Say(begun);
        if (begun.Branch is not { } b) return;
        _name = "";
        OpenFor(b);
    });

    private Task TakeBackAsync(string id, int change) => BusyAsync(async () => Say(await Desk.TakeBackAsync(id, change, Leaving)));
    private Task PlanAsync(string id, bool anew) => BusyAsync(async () => Say(await Desk.PlanAsync(id, anew, Leaving)));
    private Task ThrowAsync(string id) => BusyAsync(async () => await Desk.ThrowAwayAsync(id, await ByAsync()));

    private Task KeepAsync(string id) => BusyAsync(async () =>
    {
        var kept = await Desk.KeepAsync(id, await ByAsync());
        if (kept.Rule is null) Told = (T["branch.kept", kept.Plan], false);
        else Say(kept);
    });

    private void Say(BranchAnswer a)
    {
        if (a.Rule is { } rule) Told = ($"{T.Rule(rule, a.Message)} {a.More}".Trim(), true);
    }

    /// <summary>Key, before, after, difference, and whether it is better; null where nothing differs, or neither is better by itself.</summary>
    private IEnumerable<(string Key, string Before, string After, string Diff, bool? Better)> Rows(PlanFigures was, PlanFigures now)
    {
        yield return Count("branch.late", was.Late, now.Late);
        yield return Time("branch.tardiness", was.Tardiness, now.Tardiness);
        yield return Count("branch.worse", was.Worse, now.Worse);
        yield return Time("branch.lead", was.Lead, now.Lead);
        yield return Time("branch.overtime", was.Overtime, now.Overtime);
        yield return ("branch.cost", Money(was), Money(now), was.Cost is { } a && now.Cost is { } b && a != b ? Signed(b - a, T.Number(Math.Abs(b - a))) : "", was.Cost is { } c && now.Cost is { } d && c != d ? d < c : null);
        yield return ("branch.util", T.Percent(was.Utilisation), T.Percent(now.Utilisation), Math.Abs(now.Utilisation - was.Utilisation) < 0.005 ? "" : Signed(now.Utilisation - was.Utilisation, T.Percent(Math.Abs(now.Utilisation - was.Utilisation))), null);
        yield return Count("branch.moved", was.Moved, now.Moved);
        yield return ("branch.end", T.Stamp(was.End), T.Stamp(now.End), was.End == now.End ? "" : Signed((now.End - was.End).TotalHours, T.Span(now.End - was.End)), was.End == now.End ? null : now.End < was.End);
    }

    private (string, string, string, string, bool?) Count(string key, int was, int now) => (key, T.Number(was), T.Number(now), was == now ? "" : Signed(now - was, T.Number(Math.Abs(now - was))), was == now ? null : now < was);
    private (string, string, string, string, bool?) Time(string key, TimeSpan was, TimeSpan now) =>
        (key, T.Span(was), T.Span(now), (now - was).Duration() < TimeSpan.FromMinutes(1) ? "" : Signed((now - was).TotalHours, T.Span(now - was)), (now - was).Duration() < TimeSpan.FromMinutes(1) ? null : now < was);
    private string Money(PlanFigures f) => f.Cost is { } c ? T.Number(c) : T["replan.cost.unknown"];
    private static string Signed(double difference, string size) => (difference > 0 ? "+" : "−") + size;
}
