using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>A request as a problem, with what leads back from it.</summary>
/// <param name="Findings">What was found wrong on the way; orders named in them are empty in the problem.</param>
/// <param name="Settled">Finish of orders without an unfinished operation.</param>
/// <param name="Offers">The offer behind each overtime window of each machine.</param>
internal sealed record BuiltFactory(FactoryProblem Problem, ImmutableArray<PlanConflict> Findings, ImmutableArray<OrderPromise> Settled, LearnedTimes Times,
    ImmutableArray<TimeSpan> Offsets, ImmutableArray<ImmutableArray<OvertimeOffer>> Offers);

/// <summary>Turns a request into a <see cref="FactoryProblem"/>: whole minutes since now, rounded so that nothing is promised too early.</summary>
internal sealed partial class FactoryBuilder
{
    /// <summary>Two years: longer than any order book of a workshop, short enough to lay out every shift.</summary>
    public const long Horizon = 731L * 24 * 60;

    private readonly PlanRequest _request;
    private readonly PlanOptions _options;
    private readonly LearnedTimes _times;
    private readonly DateTimeOffset _origin;
    private readonly Dictionary<OperationId, OperationActual> _actuals = [];
    private readonly Dictionary<OperationId, OperationLock> _locks = [];
    private readonly Dictionary<OperationId, long> _was = [];
    private readonly HashSet<OrderId> _torn = [];
    private readonly List<PlanConflict> _findings = [];
    private readonly List<OrderPromise> _settled = [];

    private FactoryBuilder(PlanRequest request, PlanOptions options)
    {
        (_request, _options) = (request, options);
        _times = LearnedTimes.Of(request, options);
        _origin = CeilingToMinute(request.Now);
    }

    public static BuiltFactory Build(PlanRequest request, PlanOptions options)
    {
        var b = new FactoryBuilder(request, options);
        b.ReadActualsAndLocks();
        b.LayMachines();
        b.LayResources();
        var orders = request.Orders.Select(b.OrderOf).ToImmutableArray();
        var g = request.Goal;
        var problem = new FactoryProblem(b._origin, Horizon, [.. b._machines], [.. b._units], [.. b._tables], [.. b._materials], [.. b._lanes], orders,
            new(g.Tardiness, g.Makespan, g.SetUp, g.Overtime, g.Stability, g.Flow), [],
            request.FrozenUntil is { } until ? Math.Clamp(b.Up(until), 0, Horizon) : 0);
        var (sifted, found) = FactoryCheck.Sift(problem);
        var told = b._findings.Select(f => f.Order).ToHashSet();
        // An order that was left out here is empty and needs no second word about it.
        b._findings.AddRange(found.Where(f => f.Order is not { } o || !told.Contains(request.Orders[o].Id))
            .Select(f => new PlanConflict(f.Rule, Sentence($"{f.Row}: {f.Message}"), f.Order is { } o ? request.Orders[o].Id : null) { Row = f.Row, Field = f.Field, Detail = f.Detail, Arguments = f.Arguments }));
        return new(sifted with { Standing = b.StandingOf(sifted.Orders) }, [.. b._findings], [.. b._settled], b._times, [.. b._offsets], [.. b._offers]);
    }

    public static DateTimeOffset CeilingToMinute(DateTimeOffset t)
    {
        var utc = t.ToUniversalTime();
        return utc.AddTicks((TimeSpan.TicksPerMinute - utc.Ticks % TimeSpan.TicksPerMinute) % TimeSpan.TicksPerMinute);
    }

    private static string Sentence(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..] + (text[^1] == '.' ? "" : ".");
    private static long Up(TimeSpan t) => (long)Math.Ceiling((decimal)t.Ticks / TimeSpan.TicksPerMinute);
    private static long Down(TimeSpan t) => (long)Math.Floor((decimal)t.Ticks / TimeSpan.TicksPerMinute);
    private long Up(DateTimeOffset t) => Up(t - _origin);
    private long Down(DateTimeOffset t) => Down(t - _origin);

    /// <param name="detail">Null: the field tells which sentence of the rule it is.</param>
    private void Tell(string row, string field, string rule, FormattableString message, OrderId? order = null, OperationId? operation = null, string? detail = null) =>
        _findings.Add(PlanConflict.Of(rule, detail ?? field, message, order) with { Row = row, Field = field, Operation = operation });

    private void ReadActualsAndLocks()
    {
        foreach (var a in _request.Actuals)
        {
            if (_actuals.TryAdd(a.Operation, a) || _actuals[a.Operation] == a) continue;
            var order = _request.Orders.FirstOrDefault(o => o.Routings.SelectMany(r => r.WorkSteps).Any(w => OperationId.Of(o.Id, w.Number) == a.Operation));
            if (order is not null) _torn.Add(order.Id);
            Tell($"operation {a.Operation}", "report", PlanRules.ActualTwice, $"Two reports tell different things about operation '{a.Operation}'; keep the newest.", order?.Id, a.Operation);
        }
        foreach (var l in _request.Locks) _locks[l.Operation] = l;
        foreach (var p in _request.Parent?.Operations ?? []) _was[p.Operation] = Down(p.Start);
    }

    private OperationActual ActualOf(Order order, int step)
    {
        var id = OperationId.Of(order.Id, step);
        return _actuals.TryGetValue(id, out var a) ? a : OperationActual.Waiting(id);
    }

    internal static bool IsBegun(OperationActual a) => a.Status is OperationStatus.Running or OperationStatus.Paused && a is { Machine: not null, Started: not null };
    private static bool IsFinished(OperationActual a) => a is { Status: OperationStatus.Finished, Finished: not null };

    /// <summary>The way an order has taken: once begun, it stays on the one that the plan in force took.</summary>
    private int RoutingTaken(Order order) => _request.Parent?.Operations.FirstOrDefault(p => p.Order == order.Id)?.Routing is { } r && r <= order.Alternatives.Length ? r : 0;

    private FactoryOrder OrderOf(Order order, int index)
    {
        var due = Math.Clamp(Down(order.Due), -10 * Horizon, 10 * Horizon);
        var touched = order.Routings.SelectMany(r => r.WorkSteps).Any(w => ActualOf(order, w.Number) is var a && (IsBegun(a) || IsFinished(a)));
        var release = touched ? 0 : Math.Max(0, Up(order.Release));
        long? deadline = order.Deadline is { } d ? Math.Clamp(Down(d), -10 * Horizon, 10 * Horizon) : null;
        FactoryOrder Left() => new(order.Id.Value, order.Quantity, 0, due, null, order.Weight, [new("", [], [])]);
        if (_torn.Contains(order.Id)) return Left();
        var waits = order.Routing.Steps.OfType<RoutingStep.Wait>().Sum(w => w.Duration.TotalMinutes);
        if (release + waits > Horizon)
        {
            Tell($"order {order.Id}", "release", PlanRules.DateOutOfRange, $"Order '{order.Id}' is released, or waits, more than two years after now; check its dates.", order.Id);
            return Left();
        }
        var taken = touched ? RoutingTaken(order) : -1;
        var routings = order.Routings.Select((r, k) => taken >= 0 && k != taken ? null : RoutingOf(order, r, k)).OfType<FactoryRouting>().ToImmutableArray();
        if (routings.All(r => r.Operations.All(x => x.Done)))
        {
            Settle(order, routings[0]);
            return Left();
        }
        var pieces = routings.Min(r => r.Operations.Where(x => !x.Done).Select(x => x.Pieces).DefaultIfEmpty(order.Quantity).Min());
        if (pieces != order.Quantity) routings = [.. routings.Select(r => Scaled(r, pieces))];
        return new(order.Id.Value, pieces, release, due, deadline, order.Weight, routings);
    }

    private void Settle(Order order, FactoryRouting routing)
    {
        var last = order.Routings.SelectMany(r => r.WorkSteps).Select(w => ActualOf(order, w.Number)).Where(IsFinished).Select(a => a.Finished!.Value).DefaultIfEmpty(order.Release).Max();
        var finish = last + TimeSpan.FromMinutes(routing.TailWait);
        if (routing.TailLane >= 0 && _lanes[routing.TailLane].Arrival(Up(finish)) is { } arrival) finish = _origin.AddMinutes(arrival);
        _settled.Add(new(order.Id, finish, order.Due));
    }

    /// <summary>Times a piece so that the pieces of the order times them are the minutes of the operation's own pieces.</summary>
    private static FactoryRouting Scaled(FactoryRouting r, int pieces) => r with
    {
        Operations = [.. r.Operations.Select(x => x.Recipe.Length > 0 ? x : x with { Modes = [.. x.Modes.Select(m => m with { PerPiece = m.PerPiece * x.Pieces / pieces })] })],
    };

    private FactoryRouting RoutingOf(Order order, Routing routing, int number)
    {
        var operations = ImmutableArray.CreateBuilder<FactoryOperation>();
        var links = ImmutableArray.CreateBuilder<FactoryLink>();
        var row = number == 0 ? $"order {order.Id}" : $"order {order.Id}, routing {number + 1}";
        long wait = 0;
        long? most = null;
        var lane = -1;
        RoutingStep.Work? before = null;
        var pieces = order.Quantity;
        foreach (var step in routing.Steps)
        {
            switch (step)
            {
                case RoutingStep.Wait w:
                    if (w.Most is { } m) most = (most ?? wait) + Down(m);
                    else most += Up(w.Duration);
                    wait += Up(w.Duration);
                    break;
                case RoutingStep.Transport t:
                    lane = LaneOf(t, $"{row}, step {t.Number}", order);
                    break;
                case RoutingStep.Work work:
                    var actual = ActualOf(order, work.Number);
                    // Later steps get only what came out good; a step that gave nothing good leaves the quantity to a person.
                    if (IsFinished(actual) && actual.Good > 0) pieces = Math.Min(pieces, actual.Good);
                    var at = operations.Count;
                    operations.Add(OperationOf(order, work, actual, pieces, $"{row}, step {work.Number}"));
                    if (before is not null)
                        links.Add(new(at - 1, at, wait, most, wait == 0 && lane < 0 && before.Batch is null && work.Batch is null ? before.Transfer : 0, lane));
                    else if (wait > 0 && operations[at] is { Done: false, Begun: null }) operations[at] = operations[at] with { Earliest = Math.Max(0, Up(order.Release)) + wait };
                    (before, wait, most, lane) = (work, 0, null, -1);
                    break;
            }
        }
        return new(number.ToString(CultureInfo.InvariantCulture), operations.DrainToImmutable(), links.DrainToImmutable()) { TailWait = wait, TailLane = lane };
    }

    private int LaneOf(RoutingStep.Transport t, string row, Order order)
    {
        var lane = _lanes.FindIndex(l => l.Id == t.Service);
        if (lane >= 0) return lane;
        Tell(row, "transport", PlanRules.NameUnknown, $"Step {t.Number} of order '{order.Id}' goes by '{t.Service}', which there is not; add the transport or correct the routing.", order.Id);
        // An empty timetable: the check that follows leaves the routing out.
        _lanes.Add(new(t.Service, [], 0, 0));
        return _lanes.Count - 1;
    }
}
