using Ieum.Model;

namespace Ieum.Plan;

/// <summary>Machines: one thing at a time, only while they work, for as long as the work takes.</summary>
internal sealed partial class PlanVerifier
{
    private readonly Dictionary<string, CalendarWalk> _units = [];

    private IEnumerable<TimeRange> DownOf(MachineId machine) => _request.Down.Where(d => d.Machine == machine).Select(d => d.Range)
        .Concat(_request.Factory.Maintenance.Where(m => m.Machine == machine).Select(m => m.Range));

    private void CheckOvertime()
    {
        foreach (var b in _plan.Overtime)
            if (!_request.Factory.Overtime.Any(o => o.Machine == b.Machine && o.Range.From <= b.Range.From && b.Range.To <= o.Range.To))
                Tell(PlanRules.OutsideCalendar, $"The plan buys overtime on '{b.Machine}' from {Show(b.Range.From)} to {Show(b.Range.To)}, which is not on offer.");
    }

    private void CheckMachine(MachineId machine, PlannedOperation[] operations)
    {
        if (!_request.Calendars.TryGetValue(machine, out var calendar))
        {
            Tell(PlanRules.MachineNoCalendar, $"The plan uses machine '{machine}', which has no calendar.");
            return;
        }
        if (operations.FirstOrDefault(o => o.End - o.Start > TimeSpan.FromDays(800)) is { } endless)
        {
            Tell(PlanRules.WrongEnd, $"'{endless.Operation}' is planned from {Show(endless.Start)} to {Show(endless.End)}, longer than any plan reaches.", endless.Order);
            return;
        }
        var walk = CalendarWalk.Of(calendar, DownOf(machine), _plan.Overtime.Where(b => b.Machine == machine).Select(b => b.Range), _now, operations.Max(o => o.End));
        // What runs now holds the machine from now on; when it began is the past.
        (PlannedOperation P, DateTimeOffset From)[] inOrder = [.. operations.Select(p => (p, From: p.Start < _now && IsBegun(Actual(p.Operation)) ? _now : p.Start)).OrderBy(o => o.From).ThenBy(o => o.p.End)];
        var untouched = false;
        // Family that the machine stands in before the load that is looked at, and before the one after it.
        var rules = _request.Factory.Machines.FirstOrDefault(m => m.Machine == machine);
        var (before, family, lead) = (rules?.Family ?? "", rules?.Family ?? "", (PlannedOperation?)null);
        for (var i = 0; i < inOrder.Length; i++)
        {
            var (p, from) = inOrder[i];
            var joins = i > 0 && IsOneLoad(inOrder[i - 1].P, p);
            if (i > 0 && !joins && from < inOrder[i - 1].P.End)
                Tell(PlanRules.MachineOverlap, $"'{p.Operation}' begins on '{machine}' at {Show(from)}, before '{inOrder[i - 1].P.Operation}' ends at {Show(inOrder[i - 1].P.End)}.", p.Order);
            var begun = IsBegun(Actual(p.Operation));
            if (begun && untouched)
                Tell(PlanRules.RunningMoved, $"'{p.Operation}' was begun on '{machine}', but an operation that was not begun is planned before it.", p.Order);
            untouched |= !begun;
            if (!joins) (before, lead) = (family, p);
            if (StepOf(p) is not { } step) continue;
            CheckTimes(p, from, walk, step.Order, step.Work, rules, before, lead!);
            family = FamilyOf(step.Order, step.Work);
        }
    }

    private (Order Order, RoutingStep.Work Work)? StepOf(PlannedOperation p) =>
        _request.Orders.FirstOrDefault(o => o.Id == p.Order) is { } order && order.StepOf(p.Step, p.Routing) is { } work ? (order, work) : null;

    private bool IsOneLoad(PlannedOperation a, PlannedOperation b) => (a.RunStart < _now ? _now : a.RunStart, a.End) == (b.RunStart < _now ? _now : b.RunStart, b.End)
        && StepOf(a)?.Work.Batch is { } one && StepOf(b)?.Work.Batch is { } other && one.Recipe == other.Recipe;

    private string FamilyOf(Order order, RoutingStep.Work work) =>
        work.Family.Length > 0 ? work.Family : _options.SkipSetUpOnSameItem ? $"{order.Item}\n{work.Number}" : "";

    /// <summary>Set-up after a family, to the minute; null where the two must not follow each other.</summary>
    private TimeSpan? SetUp(Order order, RoutingStep.Work work, MachineOption option, TimeSpan per, MachineRules? rules, string before)
    {
        var family = FamilyOf(order, work);
        if (rules?.SetUpTable is { } id && _request.Factory.SetUpTables.FirstOrDefault(t => t.Id == id) is { } table
            && table.Times.Any(t => t.From == before || t.To == before) && table.Times.Any(t => t.From == family || t.To == family))
            return table.Times.LastOrDefault(t => t.From == before && t.To == family) is { } told ? WholeMinutesOrZero(told.Time) : before == family ? TimeSpan.Zero : null;
        // A time for the whole lot, written as set-up without time a piece, is work.
        if (family.Length > 0 && family == before || per == TimeSpan.Zero) return TimeSpan.Zero;
        return WholeMinutesOrZero(option.SetUp);
    }

    private void CheckTimes(PlannedOperation p, DateTimeOffset from, CalendarWalk walk, Order order, RoutingStep.Work work, MachineRules? rules, string before, PlannedOperation lead)
    {
        var actual = Actual(p.Operation);
        var option = work.Options.FirstOrDefault(o => o.Machine == p.Machine) ?? (IsBegun(actual) ? work.Options.MaxBy(o => o.For(p.Quantity)) : null);
        if (option is null) return;
        var per = _used[(option.Machine, order.Item)].FirstOrDefault(u => u.Nominal == option.PerPiece)?.Used ?? option.PerPiece;
        var run = WholeMinutes(per == TimeSpan.Zero ? option.SetUp : work.Batch is not null ? per : per * p.Quantity);
        if (IsBegun(actual))
        {
            run = WholeMinutes(Left(actual!, option.SetUp, per, p.Quantity, work.Batch is not null));
            // Lots of one load go on until the last of them is done; how long that is the factory's checker knows.
            if (work.Batch is not null) run = p.Work > run ? p.Work : run;
        }
        var (setUp, told) = (IsBegun(actual) ? TimeSpan.Zero : SetUp(order, work, option, per, rules, before), p.SetUp);
        // A load is set up once, as its first lot asks for.
        if (lead != p) setUp = lead.SetUp;
        if (setUp is null) Tell(PlanRules.MatrixHole, $"'{p.Operation}' follows family '{before}' on '{p.Machine}', which the set-up table does not allow.", p.Order);
        else if (p.Work != run + told || told != setUp)
            Tell(PlanRules.WrongDuration, $"'{p.Operation}' is planned with {p.Work} of work, {told} of it set-up; it needs {run + setUp}, {setUp} of it set-up.", p.Order);

        var begins = p.RunStart < _now ? _now : p.RunStart;
        if (p.End.Ticks % TimeSpan.TicksPerMinute != 0 || from.Ticks % TimeSpan.TicksPerMinute != 0 || begins < from || p.End <= begins)
        {
            Tell(PlanRules.WrongEnd, $"'{p.Operation}' is planned from {Show(p.Start)} to {Show(p.End)}; both must be whole minutes, in order.", p.Order);
            return;
        }
        // What runs now may run into the night; its working minutes are counted below.
        var startsInWork = walk.Works(from) || from == _now && IsBegun(actual);
        if (!startsInWork || !walk.Works(p.End.AddMinutes(-1)))
            Tell(PlanRules.OutsideCalendar, $"'{p.Operation}' is planned on '{p.Machine}' from {Show(p.Start)} to {Show(p.End)}; the machine does not work then.", p.Order);
        var (ours, setting) = (walk, walk);
        for (var n = 0; n < p.With.Length; n++)
            if (p.With[n].Length > 0 && UnitWalk(p.With[n]) is { } unit)
            {
                if (n < work.Needs.Length) ours = ours.And(unit);
                if (n >= work.Needs.Length || !work.Needs[n].RunOnly) setting = setting.And(unit);
            }
        var minutes = (long)(p.Work - told).TotalMinutes;
        if (ours.Minutes(begins, p.End) != minutes)
            Tell(PlanRules.WrongEnd, $"'{p.Operation}' ends at {Show(p.End)}, after {ours.Minutes(begins, p.End)} min of working time; it was to have {minutes} min.", p.Order);
        if (setting.Minutes(from, begins) < (long)told.TotalMinutes)
            Tell(PlanRules.WrongEnd, $"'{p.Operation}' has {setting.Minutes(from, begins)} min for a set-up of {told.TotalMinutes:F0} min.", p.Order);
    }

    private CalendarWalk? UnitWalk(string id)
    {
        if (_units.TryGetValue(id, out var known)) return known;
        if (_request.Factory.Resources.FirstOrDefault(r => r.Id == id) is not { } resource)
        {
            Tell(PlanRules.NeedUnmet, $"The plan takes '{id}', which there is not.");
            return null;
        }
        return _units[id] = CalendarWalk.Of(resource.Calendar ?? WorkCalendar.Always(TimeSpan.Zero), resource.Absences.IsDefault ? [] : resource.Absences, [], _now,
            _plan.Operations.Max(o => o.End));
    }

    private TimeSpan Left(OperationActual a, TimeSpan setUp, TimeSpan per, int quantity, bool load)
    {
        var done = load ? 0 : a.Good + a.Scrap;
        var worked = _request.Calendars.TryGetValue(a.Machine!.Value, out var calendar)
            ? CalendarWalk.Worked(calendar, a.Started!.Value, a.PausedSince ?? _request.Now, [.. DownOf(a.Machine.Value), .. a.Pauses ?? []]) : TimeSpan.Zero;
        var left = done > 0 ? per * (quantity - done) : setUp + (load ? per : per * quantity) - worked;
        return !load && left < per ? per : left;
    }
}
