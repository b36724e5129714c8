using System.Globalization;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Ieum.Node.Ui.Pages;

public partial class PlanPage
{
    private IReadOnlyDictionary<OperationId, OperationActual> _actuals = new Dictionary<OperationId, OperationActual>();
    private (string Text, bool Bad)? _answer;

    [Inject] private IPlanDesk Desk { get; set; } = default!;
    [Inject] private IShopFloor Floor { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Who { get; set; } = default!;

    /// <summary>Left edge of the chart; a tenth of the window before now when left out.</summary>
    [SupplyParameterFromQuery(Name = "from")] public string? FromText { get; set; }

    /// <summary>Width of the chart in hours; 48 when left out.</summary>
    [SupplyParameterFromQuery(Name = "hours")] public int? Hours { get; set; }

    /// <summary>The operation that is explained.</summary>
    [SupplyParameterFromQuery(Name = "op")] public string? Op { get; set; }

    private DateTimeOffset? FromQuery => Texts.Instant(FromText);
    private int Width => GanttView.Nearest(Hours ?? 48);
    private DateTimeOffset From => FromQuery ?? Floor.Now.AddHours(-Width * 0.1);
    private OperationId? Chosen => Identifier.IsValid(Op) ? new OperationId(Op) : null;

    protected override void Follow()
    {
        Desk.Changed += OnChanged;
        Floor.Changed += OnChanged;
    }

    protected override void Unfollow()
    {
        Desk.Changed -= OnChanged;
        Floor.Changed -= OnChanged;
    }

    protected override void OnParametersSet() => _actuals = Desk.Actuals.ToDictionary(a => a.Operation);

    protected override Task ReadAsync()
    {
        _actuals = Desk.Actuals.ToDictionary(a => a.Operation);
        return Task.CompletedTask;
    }

    private async Task ReplanAsync()
    {
        _answer = null;
        var by = (await Who.GetAuthenticationStateAsync()).User.Identity?.Name ?? "";
        // Not bound to this page: the reader may leave, the plan is finished and put into force all the same.
        var outcome = await Desk.ReplanAsync("asked", by, CancellationToken.None);
        _answer = outcome.Match(
            p => (T["plan.done", p.Plan.Number, p.Plan.Late.Count()], false),
            i => ($"{T["plan.impossible"]} {string.Join(" ", i.Conflicts.Select(c => $"{c.Order?.Value} {T.Rule(c.Rule, c.Message)}".Trim()))}", true),
            o => (T["plan.outoftime", T.Span(o.Spent)], true));
    }

    private IReadOnlyList<Machine> Machines(PlanVersion plan)
    {
        var used = plan.Operations.Select(o => o.Machine).ToHashSet();
        return [.. Floor.Company.Machines.Where(m => used.Contains(m.Id))];
    }

    private WorkCalendar CalendarOf(PlanVersion plan, OperationId id) =>
        Desk.CalendarOf(plan.Operations.FirstOrDefault(o => o.Operation == id)?.Machine ?? Floor.Company.Machines.First().Id);

    private string NameOf(MachineId id) => Floor.Company.Machines.FirstOrDefault(m => m.Id == id) is { } m ? T.Name(m.Name) : id.Value;
    private static string? FirstOf(PlanVersion plan, OrderId order) => plan.Operations.Where(o => o.Order == order).MinBy(o => o.Start)?.Operation.Value;
    private string Reason(string reason) => T.Has($"plan.reason.{reason}") ? T[$"plan.reason.{reason}"] : reason;
    private string Seconds(TimeSpan t) => T["span.s", T.Number(t.TotalSeconds, t.TotalSeconds < 100 ? 1 : 0)];
    private static TimeSpan Whole(TimeSpan t) => TimeSpan.FromSeconds(Math.Max(0, Math.Floor(t.TotalSeconds)));

    private string Difference(TimeUsed u)
    {
        var share = u.Nominal > TimeSpan.Zero ? (u.Used - u.Nominal) / u.Nominal : 0;
        return share == 0 ? "" : (share > 0 ? "+" : "−") + T.Percent(Math.Abs(share), 1);
    }

    private static IEnumerable<IReadOnlyList<string>> PromiseRows(PlanVersion plan) =>
        plan.Promises.Select(p => (IReadOnlyList<string>)[p.Order.Value, Iso(p.Due), Iso(p.Finish), p.Lateness.TotalHours.ToString("0.##", CultureInfo.InvariantCulture)])
            .Prepend(["order", "due", "promise", "lateness_h"]);

    private static string Iso(DateTimeOffset at) => Texts.Local(at).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture);

    private string ZoomTo(int step, double at)
    {
        var hours = GanttView.Zoom(Width, step);
        return Here(From.AddHours((Width - hours) * at), hours, Op);
    }

    private void Go(string address) => Navigation.NavigateTo(address, replace: true);

    private static string Here(DateTimeOffset? from, int hours, string? op)
    {
        var query = new List<string>();
        if (from is { } f) query.Add($"from={f.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}");
        if (hours != 48) query.Add($"hours={hours.ToString(CultureInfo.InvariantCulture)}");
        if (op is not null) query.Add($"op={Uri.EscapeDataString(op)}");
        return query.Count > 0 ? "/plan?" + string.Join('&', query) : "/plan";
    }
}
