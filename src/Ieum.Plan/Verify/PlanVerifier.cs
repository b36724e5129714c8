using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;

namespace Ieum.Plan;

/// <param name="Rule">Broken rule, one of <see cref="PlanRules"/>.</param>
/// <param name="Message">Which operation or order, what was found, what was expected.</param>
internal sealed record PlanViolation(string Rule, string Message, OrderId? Order);

/// <summary>Checks a plan against the request it answers, from the request alone.</summary>
/// <remarks>Shares no code with problem builder or solver but the model of the domain, so one mistake does not hide in both.</remarks>
internal sealed partial class PlanVerifier
{
    private readonly PlanRequest _request;
    private readonly PlanVersion _plan;
    private readonly PlanOptions _options;
    private readonly ILookup<(MachineId, ItemId), TimeUsed> _used;
    private readonly Dictionary<OperationId, OperationActual> _actuals;
    private readonly Dictionary<OperationId, PlannedOperation> _planned = [];
    private readonly List<PlanViolation> _found = [];
    private readonly DateTimeOffset _now;

    private PlanVerifier(PlanRequest request, PlanVersion plan, ImmutableArray<TimeUsed> used, PlanOptions options)
    {
        (_request, _plan, _options) = (request, plan, options);
        _used = used.ToLookup(u => (u.Machine, u.Item));
        _actuals = request.Actuals.GroupBy(a => a.Operation).ToDictionary(g => g.Key, g => g.First());
        _now = UpToMinute(request.Now);
    }

    /// <returns>Everything wrong with the plan; empty when it may be shown.</returns>
    public static IReadOnlyList<PlanViolation> Check(PlanRequest request, PlanVersion plan, ImmutableArray<TimeUsed> used, PlanOptions options)
    {
        var v = new PlanVerifier(request, plan, used, options);
        v.CheckTimesUsed(used);
        v.CheckKnown();
        foreach (var order in request.Orders.DistinctBy(o => o.Id)) v.CheckOrder(order);
        v.CheckOvertime();
        foreach (var machine in plan.Operations.GroupBy(o => o.Machine)) v.CheckMachine(machine.Key, [.. machine]);
        return v._found;
    }

    private void Tell(string rule, string message, OrderId? order = null) => _found.Add(new(rule, message, order));

    private static DateTimeOffset UpToMinute(DateTimeOffset t)
    {
        var down = t.ToUniversalTime().AddTicks(-(t.UtcTicks % TimeSpan.TicksPerMinute));
        return down == t ? down : down.AddMinutes(1);
    }

    private static string Show(DateTimeOffset t) => t.ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    private OperationActual? Actual(OperationId id) => _actuals.GetValueOrDefault(id);
    private static bool IsBegun(OperationActual? a) => a is { Status: OperationStatus.Running or OperationStatus.Paused, Machine: not null, Started: not null };
    private static TimeSpan WholeMinutesOrZero(TimeSpan t) => t == TimeSpan.Zero ? t : WholeMinutes(t);
    private static TimeSpan WholeMinutes(TimeSpan t) => TimeSpan.FromMinutes(Math.Max(1, (t.Ticks + TimeSpan.TicksPerMinute - 1) / TimeSpan.TicksPerMinute));

    private void CheckTimesUsed(ImmutableArray<TimeUsed> used)
    {
        foreach (var u in used.Where(u => u.Used != u.Nominal))
            if (u.Measured is not { } m || m.PerPiece != u.Used || m.Samples < _options.LearnSamples || !_request.Measured.Contains(m)
                || u.Used < u.Nominal * _options.LearnFastest || u.Used > u.Nominal * _options.LearnSlowest)
                Tell(PlanRules.WrongTimeUsed, $"'{u.Item}' on '{u.Machine}' was planned with {u.Used} a piece; nominal is {u.Nominal}, and no accepted measurement says so.");
    }

    private void CheckKnown()
    {
        var steps = _request.Orders.SelectMany(o => o.Routings.SelectMany(r => r.WorkSteps).Select(w => OperationId.Of(o.Id, w.Number))).ToHashSet();
        foreach (var p in _plan.Operations)
        {
            if (!_planned.TryAdd(p.Operation, p)) Tell(PlanRules.OperationTwice, $"Operation '{p.Operation}' stands twice in the plan.", p.Order);
            if (!steps.Contains(p.Operation)) Tell(PlanRules.OperationUnknown, $"Operation '{p.Operation}' belongs to no order of the request.", p.Order);
        }
        foreach (var extra in _plan.Promises.Where(x => _request.Orders.All(o => o.Id != x.Order)))
            Tell(PlanRules.WrongPromise, $"A finish is promised for '{extra.Order}', which is no order of the request.", extra.Order);
    }
}
