using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Plan;

/// <summary>One operation: its machines and minutes, what it needs, how far it is.</summary>
internal sealed partial class FactoryBuilder
{
    private FactoryOperation OperationOf(Order order, RoutingStep.Work work, OperationActual actual, int pieces, string row)
    {
        var id = OperationId.Of(order.Id, work.Number);
        var family = work.Family.Length > 0 ? work.Family : _options.SkipSetUpOnSameItem ? $"{order.Item} / {work.Number}" : "";
        var (recipe, load) = work.Batch is { } b ? (b.Recipe, Math.Max(1, b.Load)) : ("", 0);
        var made = new FactoryOperation(work.Number, work.Name, family, recipe, load, [], [], [], false, 0, null) { Pieces = pieces };
        if (IsFinished(actual)) return made with { Done = true, DoneAt = Up(actual.Finished!.Value) };
        made = made with { Needs = [.. work.Needs.Select(n => NeedOf(n, row, order))] };
        if (IsBegun(actual)) return Begun(made, order, work, actual, pieces, row);
        var locked = _locks.GetValueOrDefault(id);
        var modes = ImmutableArray.CreateBuilder<FactoryMode>();
        foreach (var o in work.Options)
        {
            if (MachineOf(o.Machine) is not (>= 0 and var machine))
            {
                var last = work.Options.All(x => MachineOf(x.Machine) < 0);
                Tell(row, "machine", PlanRules.MachineNoCalendar, $"Step {work.Number} '{work.Name}' of order '{order.Id}' names machine '{o.Machine}', which has no calendar; add the machine or correct the routing.", last ? order.Id : null, id);
                continue;
            }
            modes.Add(ModeOf(machine, o, order.Item, work, pieces));
        }
        if (locked is { Machine: { } only })
        {
            if (modes.Any(m => _ids[m.Machine] == only)) modes.RemoveAll(m => _ids[m.Machine] != only);
            else Tell(row, "lock", PlanRules.LockUnknown, $"'{id}' is locked on '{only}', which cannot do it; the lock is left out. Its machines are {string.Join(", ", work.Options.Select(o => o.Machine))}.", null, id);
        }
        return made with
        {
            Modes = modes.DrainToImmutable(),
            Takes = [.. work.Takes.Select(t => (MaterialOf(t.Item, row, order), t.PerPiece * pieces))],
            Was = _was.TryGetValue(id, out var was) ? was : null,
            Locked = locked?.Start is { } start ? Math.Clamp(Up(start), 0, Horizon) : null,
        };
    }

    private FactoryMode ModeOf(int machine, MachineOption o, ItemId item, RoutingStep.Work work, int pieces)
    {
        var per = _times.PerPiece(item, o);
        // A time for the whole lot is written as set-up without time a piece: it is work, and needs at least a minute.
        if (per == TimeSpan.Zero)
        {
            double fixedTime = Math.Max(1, Up(o.SetUp));
            return new(machine, 0, work.Batch is not null ? fixedTime : fixedTime / pieces, !o.Unbroken);
        }
        return new(machine, (int)Math.Min(int.MaxValue / 2, Up(o.SetUp)), per.Ticks / (double)TimeSpan.TicksPerMinute, !o.Unbroken);
    }

    private FactoryOperation Begun(FactoryOperation made, Order order, RoutingStep.Work work, OperationActual actual, int pieces, string row)
    {
        if (MachineOf(actual.Machine!.Value) is not (>= 0 and var machine))
        {
            Tell(row, "machine", PlanRules.MachineNoCalendar, $"Operation '{actual.Operation}' was begun on '{actual.Machine}', which has no calendar; add the machine.", order.Id, actual.Operation, "begun");
            return made;
        }
        // Begun on a machine that the routing does not name: the slowest known time is the honest guess.
        var option = work.Options.FirstOrDefault(o => o.Machine == actual.Machine) ?? work.Options.MaxBy(o => o.For(pieces))!;
        var remaining = Remaining(order, work, option, actual, pieces);
        // Lots that run in one load end together.
        if (work.Batch is { } batch)
            foreach (var (o, w) in _request.Orders.SelectMany(o => o.Routing.WorkSteps.Select(w => (o, w))))
                if (w.Batch?.Recipe == batch.Recipe && ActualOf(o, w.Number) is { Status: OperationStatus.Running } a && IsBegun(a) && actual.Status == OperationStatus.Running && a.Machine == actual.Machine)
                    remaining = Math.Max(remaining, Remaining(o, w, w.Options.FirstOrDefault(x => x.Machine == a.Machine) ?? w.Options.MaxBy(x => x.For(o.Quantity))!, a, o.Quantity));
        // The running ones go on first, then the paused ones, each in the order in which they were begun.
        var rank = (actual.Status == OperationStatus.Running ? 0 : 1L << 50) + (actual.Started!.Value.UtcTicks / TimeSpan.TicksPerSecond & ((1L << 49) - 1));
        return made with { Modes = [ModeOf(machine, option, order.Item, work, pieces)], Begun = new(0, remaining, rank) };
    }

    private long Remaining(Order order, RoutingStep.Work work, MachineOption option, OperationActual actual, int pieces)
    {
        var per = _times.PerPiece(order.Item, option);
        var done = actual.Good + actual.Scrap;
        var whole = work.Batch is not null ? per > TimeSpan.Zero ? option.SetUp + per : option.SetUp : option.SetUp + per * pieces;
        var left = done > 0 && work.Batch is null ? per * (pieces - done) : whole - Worked(actual);
        // Past its time and still not finished: at least the piece on the machine is to come.
        return Math.Max(1, Up(left > per || work.Batch is not null ? left : per));
    }

    /// <summary>Working time since the start, without pauses and down times.</summary>
    private TimeSpan Worked(OperationActual a)
    {
        var (from, to) = (a.Started!.Value, a.PausedSince ?? _request.Now);
        if (to <= from || !_request.Calendars.TryGetValue(a.Machine!.Value, out var calendar)) return TimeSpan.Zero;
        var stops = Stops(a.Machine!.Value).Concat(a.Pauses ?? []).OrderBy(r => r.From).ToArray();
        var worked = TimeSpan.Zero;
        foreach (var piece in calendar.WorkingTime(new TimeRange(from, to)))
        {
            var at = piece.From;
            foreach (var stop in stops)
            {
                if (stop.To <= at) continue;
                if (stop.From >= piece.To) break;
                if (stop.From > at) worked += stop.From - at;
                at = stop.To;
            }
            if (at < piece.To) worked += piece.To - at;
        }
        return worked;
    }

    private FactoryNeed NeedOf(ResourceNeed n, string row, Order order)
    {
        var units = UnitsWith(n.Skill);
        if (units.IsEmpty)
            Tell(row, "needs", PlanRules.NeedUnmet, $"A step of order '{order.Id}' needs '{n.Skill}', which nobody and nothing has; add a person, tool or fixture with it.", order.Id, detail: "skill");
        return new(n.Skill, units, n.RunOnly);
    }

    private int MaterialOf(ItemId item, string row, Order order)
    {
        var at = _materials.FindIndex(m => m.Id == item.Value);
        if (at >= 0) return at;
        Tell(row, "takes", PlanRules.NameUnknown, $"A step of order '{order.Id}' takes '{item}', which is not among the materials; add its stock and arrivals.", order.Id);
        _materials.Add(new(item.Value, false, []));
        return _materials.Count - 1;
    }

    /// <summary>Where the plan in force had everything, for stability, repair and the frozen zone.</summary>
    private ImmutableArray<FactorySlot> StandingOf(ImmutableArray<FactoryOrder> orders)
    {
        if (_request.Parent is not { } parent) return [];
        var orderAt = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < orders.Length; i++) orderAt.TryAdd(orders[i].Id, i);
        var unitAt = _units.Select((u, i) => (u.Id, i)).DistinctBy(u => u.Id).ToDictionary(u => u.Id, u => u.i);
        var slots = ImmutableArray.CreateBuilder<FactorySlot>();
        foreach (var p in parent.Operations)
        {
            if (!orderAt.TryGetValue(p.Order.Value, out var o)) continue;
            var name = p.Routing.ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (orders[o].Routings.Select((r, i) => (r, i)).FirstOrDefault(r => r.r.Id == name) is not { r: not null } way) continue;
            var operations = way.r.Operations;
            for (var k = 0; k < operations.Length; k++)
            {
                var x = operations[k];
                if (x.Number != p.Step || x.Done) continue;
                for (var m = 0; m < x.Modes.Length; m++)
                    if (_ids[x.Modes[m].Machine] == p.Machine)
                        slots.Add(new(o, way.i, k, m, Down(p.Start), Down(p.RunStart), Up(p.End), [.. p.With.Select(w => unitAt.GetValueOrDefault(w, -1))]));
            }
        }
        return slots.DrainToImmutable();
    }
}
