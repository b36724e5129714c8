using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;

namespace Ieum.Node.Ui.Pages;

/// <summary>The plan as a Gantt. What is shown is the reader's draft where there is one, else the plan in force; the window, the view and the choice live in the address.</summary>
public partial class PlanPage
{
    /// <summary>Promises shown before the reader asks for all.</summary>
    private const int Most = 60;
    private static readonly string[] Views = ["machines", "orders", "load"];
    private IReadOnlyDictionary<OperationId, OperationActual> _actuals = new Dictionary<OperationId, OperationActual>();
    private ImmutableArray<OrderPromise> _promises = [];
    private (string Text, bool Bad)? _answer;
    private GanttSheet? _sheet;
    private PlanDraft? _draft;
    private string _by = "";
    private bool _mayPlan, _busy, _splitting, _all;
    private int _pieces;

    [Inject] private IPlanDesk Desk { get; set; } = default!;
    [Inject] private IRiskDesk Risks { get; set; } = default!;
    [Inject] private IPlanBoard Board { get; set; } = default!;
    [Inject] private IShopFloor Floor { get; set; } = default!;
    [Inject] private NavigationManager Navigation { get; set; } = default!;
    [Inject] private AuthenticationStateProvider Who { get; set; } = default!;
    [Inject] private IAuthorizationService Rights { get; set; } = default!;

    /// <summary>Left edge of the chart; a tenth of the window before now when left out.</summary>
    [SupplyParameterFromQuery(Name = "from")] public string? FromText { get; set; }

    /// <summary>Width of the chart in hours, from ten minutes to a year; 48 when left out.</summary>
    [SupplyParameterFromQuery(Name = "hours")] public string? HoursText { get; set; }

    /// <summary>The operation that is explained.</summary>
    [SupplyParameterFromQuery(Name = "op")] public string? Op { get; set; }

    /// <summary><c>machines</c>, <c>orders</c> or <c>load</c>.</summary>
    [SupplyParameterFromQuery(Name = "view")] public string? ViewText { get; set; }

    private DateTimeOffset? FromQuery => Texts.Instant(FromText);
    private double Width => double.TryParse(HoursText, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var h) ? Math.Clamp(h, 1.0 / 6, 370 * 24) : 48;
    private string View => Views.Contains(ViewText) ? ViewText! : Views[0];
    private OperationId? Chosen => Identifier.IsValid(Op) ? new OperationId(Op) : null;
    private PlanVersion? Shown => _draft?.Plan ?? Desk.InForce;
    private ImmutableArray<Order> Book => _draft?.Orders ?? Desk.Orders;
    private bool Locked => (_draft?.Locks ?? Board.Locks).Any(l => l.Operation == Chosen);

    protected override async Task OnInitializedAsync()
    {
        var user = (await Who.GetAuthenticationStateAsync()).User;
        _by = user.Identity?.Name ?? "";
        _mayPlan = (await Rights.AuthorizeAsync(user, null, UiPolicies.Plan)).Succeeded;
        Look();
    }

    protected override void Follow()
    {
        Desk.Changed += OnChanged;
        Board.Changed += OnChanged;
        Floor.Changed += OnChanged;
        Look();
    }

    protected override void Unfollow()
    {
        Desk.Changed -= OnChanged;
        Board.Changed -= OnChanged;
        Floor.Changed -= OnChanged;
    }

    protected override Task ReadAsync()
    {
        Look();
        return Task.CompletedTask;
    }

    /// <summary>Lays the chart out anew where something that it shows has changed; measured values change all the time and are no part of it.</summary>
    private void Look()
    {
        var actuals = Desk.Actuals;
        var draft = Board.Of(_by);
        var plan = draft?.Plan ?? Desk.InForce;
        var seen = (plan, actuals, draft, _mayPlan, Board.Locks, _risk);
        _draft = draft;
        if (plan is null || _sheet is not null && _seen == seen) return;
        _seen = seen;
        _actuals = actuals.ToDictionary(a => a.Operation);
        _promises = [.. plan.Promises.OrderBy(p => p.Due - p.Finish)];
        _sheet = GanttSheet.Of(plan, Machines(plan), _actuals, Book, draft?.Locks ?? Board.Locks, Desk.CalendarOf, m => T.Name(m.Name), Floor.Now, Board.FrozenUntil, _mayPlan,
            _risk?.Plan == plan.Number ? _sure.Values.Where(o => o.IsFragile).Select(o => o.Order).ToHashSet() : null);
    }

    private (PlanVersion?, ImmutableArray<OperationActual>, PlanDraft?, bool, ImmutableArray<OperationLock>, PlanRisk?) _seen;

    private (PlanVersion Plan, ImmutableArray<OperationActual> Actuals)? _asked;
    private PlanRisk? _risk;
    private Dictionary<OrderId, OrderRisk> _sure = [];

    /// <summary>Asks how sure the shown plan is, once for each plan and state of the shop floor; the page stands while it is reckoned.</summary>
    private async Task StudyAsync()
    {
        if (Shown is not { } plan || _asked is { } asked && ReferenceEquals(asked.Plan, plan) && asked.Actuals.SequenceEqual(Desk.Actuals)) return;
        _asked = (plan, Desk.Actuals);
        try
        {
            _risk = await Risks.StudyAsync(plan, PlanRisk.DefaultRuns, 1, Leaving);
            _sure = _risk.Orders.ToDictionary(o => o.Order);
            Look();
            StateHasChanged();
        }
        catch (OperationCanceledException)
        {
            // the reader has left
        }
    }

    protected override Task OnAfterRenderAsync(bool firstRender) => StudyAsync();

    private async Task ReplanAsync()
    {
        _answer = null;
        // Not bound to this page: the reader may leave, the plan is finished and put into force all the same.
        var outcome = await Desk.ReplanAsync("asked", _by, CancellationToken.None);
        _answer = outcome.Match(
            p => (T["plan.done", p.Plan.Number, p.Plan.Late.Count()], false),
            i => ($"{T["plan.impossible"]} {string.Join(" ", i.Conflicts.Select(c => $"{c.Order?.Value} {T.Rule(c.Rule, c.Message)}".Trim()))}", true),
            o => (T["plan.outoftime", T.Span(o.Spent)], true));
    }

    private async Task AdoptAsync()
    {
        _busy = true;
        var answer = await Board.AdoptAsync(_by, CancellationToken.None);
        _busy = false;
        _answer = answer.Accepted ? (T["plan.done", Desk.InForce?.Number ?? 0, Desk.InForce?.Late.Count() ?? 0], false) : (T.Rule(answer.Rule, answer.Message), true);
        Look();
    }

    private async Task<GanttAnswer> TryAsync(string operation, string machine, DateTimeOffset start) =>
        _mayPlan && Identifier.IsValid(operation) && Identifier.IsValid(machine) ? AnswerOf(await Board.TryAsync(_by, new(operation), new(machine), start, Leaving), start) : Nothing;

    private async Task<GanttAnswer> MoveAsync(string operation, string machine, DateTimeOffset start)
    {
        if (!_mayPlan || !Identifier.IsValid(operation) || !Identifier.IsValid(machine)) return Nothing;
        _answer = null;
        var answer = AnswerOf(await Board.MoveAsync(_by, new(operation), new(machine), start, Leaving), start);
        Look();
        StateHasChanged();
        return answer;
    }

    private GanttAnswer Nothing => new(false, T[$"rule.{BoardRules.Unknown}"], false, []);

    /// <summary>What a move means, in a sentence: where it really begins, who makes way, who finishes later.</summary>
    private GanttAnswer AnswerOf(BoardAnswer a, DateTimeOffset wanted)
    {
        if (!a.Accepted) return new(false, T.Rule(a.Rule, a.Message), false, []);
        var rows = Machines(Shown!).Select((m, i) => (m.Id, i)).ToDictionary(m => m.Id, m => m.i);
        List<string> words = [];
        if (a.Start is { } start) words.Add(start - wanted >= TimeSpan.FromMinutes(1) ? T["gantt.begins.later", T.Stamp(start)] : T["gantt.begins", T.Stamp(start)]);
        if (a.Moves.Length > 0) words.Add(T["gantt.moves", a.Moves.Length]);
        words.Add(a.Later.FirstOrDefault() is { IsLate: true } late ? T["gantt.becomes.late", late.Order, T.Span(late.By), a.Later.Count(l => l.IsLate)] : T["gantt.nobody.late"]);
        return new(true, string.Join(" · ", words), a.Later.Any(l => l.IsLate),
            [.. a.Moves.Where(m => rows.ContainsKey(m.Machine)).Select(m => new GanttMove(m.Operation.Value, rows[m.Machine], m.Start.ToUnixTimeMilliseconds(), m.End.ToUnixTimeMilliseconds(), a.Later.Any(l => l.Order == m.Order && l.IsLate)))]);
    }

    private Task KeyAsync(string what) => InvokeAsync(() => DoAsync(what));

    private async Task DoAsync(string what)
    {
        if (!_mayPlan) return;
        _answer = null;
        switch (what)
        {
            case "undo": Board.Undo(_by); break;
            case "redo": Board.Redo(_by); break;
            case "lock" when Chosen is { } id: Tell(await Board.LockAsync(_by, id, Leaving)); break;
            case "split" when Chosen is { } id && Shown?.Operations.FirstOrDefault(o => o.Operation == id) is { } op:
                (_splitting, _pieces) = (true, Math.Max(1, op.Quantity / 2));
                break;
        }
        Look();
        StateHasChanged();
    }

    private async Task SplitAsync()
    {
        if (Chosen is not { } id) return;
        var answer = await Board.SplitAsync(_by, id, _pieces, Leaving);
        Tell(answer);
        _splitting = !answer.Accepted;
        Look();
    }

    private void Tell(BoardAnswer a)
    {
        if (!a.Accepted) _answer = (T.Rule(a.Rule, a.Message), true);
    }

    private ImmutableArray<Machine> Machines(PlanVersion plan)
    {
        // Every machine that an order may go to has a row, so that work can be dragged there.
        var used = plan.Operations.Select(o => o.Machine).Concat(Book.SelectMany(o => o.Routings).SelectMany(r => r.WorkSteps).SelectMany(s => s.Options).Select(o => o.Machine)).ToHashSet();
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

    private void Go(string address) => InvokeAsync(() => Navigation.NavigateTo(address, replace: true));

    private static string Here(DateTimeOffset? from, double hours, string? op, string view)
    {
        var query = new List<string>();
        if (from is { } f) query.Add($"from={f.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}");
        if (hours != 48) query.Add($"hours={hours.ToString("0.####", CultureInfo.InvariantCulture)}");
        if (view != Views[0]) query.Add($"view={view}");
        if (op is not null) query.Add($"op={Uri.EscapeDataString(op)}");
        return query.Count > 0 ? "/plan?" + string.Join('&', query) : "/plan";
    }
}
