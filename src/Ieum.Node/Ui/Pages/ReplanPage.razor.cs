using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Ui.Pages;

/// <summary>Three taps tell what happened: what, which, how long. Then the ways out stand there with their clocks, by the factory clock of the server.</summary>
public partial class ReplanPage
{
    private const int MostTargets = 40;
    private static readonly string[] Kinds = ["machine", "material", "scrap", "rush", "absent"];
    private static readonly int[] MachineHours = [2, 4, 8, 24, 48, 120], OtherHours = [4, 8, 24, 48, 72, 168];
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(30);
    private string? _kind, _which;

    /// <summary>Nobody is known by name, neither to planning nor from reports: then the machine without its operator stands still.</summary>
    private bool Manned => _kind == "absent" && Desk.Resources.IsEmpty && Desk.Crew.IsEmpty;

    private string Question => _kind switch
    {
        "machine" => "replan.which.machine",
        "absent" => Manned ? "replan.which.operator" : "replan.which.person",
        _ => "replan.which.order",
    };

    private IEnumerable<(string Id, string Name)> Targets => _kind switch
    {
        "absent" when !Manned => Desk.Resources.Select(r => (r.Id, T.Name(r.Name))).Concat(Desk.Crew.Select(c => (c.Name, $"{c.Name} · {string.Join(", ", c.Machines.Select(NameOf))}"))),
        "machine" or "absent" => Planned.Select(m => (m.Id.Value, T.Name(m.Name))),
        // The next ones to be worked on are the ones that something happens to.
        _ => Plans.Orders.Where(o => Plans.InForce?.Operations.Any(p => p.Order == o.Id) == true)
            .OrderBy(o => Plans.InForce!.Operations.Where(p => p.Order == o.Id).Min(p => p.Start)).Take(MostTargets).Select(o => (o.Id.Value, $"{o.Id} · {o.Item}")),
    };

    private IEnumerable<Machine> Planned => Floor.Company.Machines.Where(m => Plans.InForce?.Operations.Any(o => o.Machine == m.Id) == true);

    private string WhichName => Targets.FirstOrDefault(t => t.Id == _which).Name ?? _which ?? "";

    private IEnumerable<(int Value, string Text)> Amounts => _kind switch
    {
        "scrap" => new[] { 1, 2, 5, 10, (Book?.Quantity ?? 1) / 2, Book?.Quantity ?? 1 }.Where(n => n >= 1 && n <= (Book?.Quantity ?? 1)).Distinct().Order().Select(n => (n, T["unit.pieces", T.Number(n)])),
        _ => (_kind == "machine" ? MachineHours : OtherHours).Select(h => (h, h < 24 ? T["replan.until.hours", h] : T["replan.until.days", h / 24])),
    };

    private Order? Book => Plans.Orders.FirstOrDefault(o => o.Id.Value == _which);

    private void Back() => (_kind, _which, Told) = (null, null, null);

    private async Task TellAsync(int amount)
    {
        if (_which is not { } which) return;
        var until = Desk.Now.AddHours(amount);
        PlanChange? change = _kind switch
        {
            "machine" => new PlanChange.MachineDown(new(which), new(Desk.Now, until)),
            "absent" => Manned ? new PlanChange.MachineDown(new(which), new(Desk.Now, until)) : new PlanChange.Away(which, new(Desk.Now, until)),
            "material" => new PlanChange.OrderWaits(new(which), until),
            "scrap" => new PlanChange.Scrapped(new(which), amount),
            _ => Book is { } o ? new PlanChange.OrderIs(new(o.Id, o.Routing, o.Quantity, o.Release, until > o.Release ? until : o.Release, 100, o.IsPrivate, o.Lot, null, o.Alternatives)) : null,
        };
        Back();
        if (change is not null) await BusyAsync(async () => Say(await Desk.TellAsync(change, await ByAsync(), Leaving)));
    }

    private Task AgainAsync(string id) => BusyAsync(async () => Say(await Desk.AgainAsync(id, Leaving)));

    private Task OverAsync(string id) => BusyAsync(async () => await Desk.OverAsync(id, await ByAsync()));

    private Task ChooseAsync(string id, AlternativeKind kind) => BusyAsync(async () =>
    {
        var chosen = await Desk.ChooseAsync(id, kind, await ByAsync());
        Told = chosen.Rule is null ? (T["replan.done", chosen.Plan], false)
            : ($"{T.Rule(chosen.Rule, chosen.Message)}{(chosen.Since is { } since ? $" {T.Stamp(since.At)}: {ReplanWords.Gate(since, NameOf, T)}" : "")}", true);
    });

    private void Say(ReplanTold told)
    {
        if (told.Rule is { } rule) Told = (T.Rule(rule, told.Message), true);
    }

    /// <summary>The last half hour is shown as pressing.</summary>
    private string? Hurry(Alternative a) => a.Until - Desk.Now < Soon ? "hurry" : null;

    private static TimeSpan Whole(TimeSpan t) => TimeSpan.FromSeconds(Math.Floor(t.TotalSeconds));
}
