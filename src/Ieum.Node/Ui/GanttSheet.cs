using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Node.Ui;

/// <summary>A plan as the script of the Gantt reads it. Times are milliseconds since 1970 UTC.</summary>
/// <param name="Frozen">End of the frozen zone; 0 without one.</param>
/// <param name="Edit">The reader may move work.</param>
/// <param name="Calendars">Closed stretches inside <paramref name="Range"/>, each as begin and end; machines share them.</param>
public sealed record GanttSheet(long Now, long Frozen, bool Edit, long[] Range, GanttRow[] Rows, long[][] Calendars, GanttOrder[] Orders, GanttBar[] Operations)
{
    // A year of shifts is as far as a planner looks and as much as a page should carry.
    private static readonly TimeSpan Before = TimeSpan.FromDays(8), After = TimeSpan.FromDays(21), Longest = TimeSpan.FromDays(400);

    public static GanttSheet Of(PlanVersion plan, IReadOnlyList<Machine> machines, IReadOnlyDictionary<OperationId, OperationActual> actuals, IEnumerable<Order> orders,
        IEnumerable<OperationLock> locks, Func<MachineId, WorkCalendar> calendarOf, Func<Machine, string> nameOf, DateTimeOffset now, DateTimeOffset? frozenUntil, bool edit, IReadOnlySet<OrderId>? fragile = null)
    {
        var from = plan.Operations.Select(o => o.Start).Append(now).Min() - Before;
        var to = plan.Operations.Select(o => o.End).Append(now).Max() + After;
        var range = new TimeRange(from, to - from > Longest ? from + Longest : to);
        var calendars = new List<(WorkCalendar Calendar, long[] Closed)>();
        var rows = machines.Select(m => new GanttRow(m.Id.Value, nameOf(m), CalendarAt(calendarOf(m.Id)))).ToArray();
        var rowOf = machines.Select((m, i) => (m.Id, i)).ToDictionary(m => m.Id, m => m.i);
        var book = orders.ToDictionary(o => o.Id);
        var held = locks.Where(l => l.Machine is not null || l.Start is not null).Select(l => l.Operation).ToHashSet();
        var promises = plan.Promises.ToDictionary(p => p.Order);
        var lines = plan.Operations.Select(o => o.Order).Distinct().ToImmutableArray();
        var lineOf = lines.Select((o, i) => (o, i)).ToDictionary(o => o.o, o => o.i);
        return new(Ms(now), frozenUntil is { } f ? Ms(f) : 0, edit, [Ms(range.From), Ms(range.To)], rows, [.. calendars.Select(c => c.Closed)],
            [.. lines.Select(o => LineOf(o, book.GetValueOrDefault(o), promises.GetValueOrDefault(o), plan.Reserved.Contains(o), fragile?.Contains(o) == true))],
            [.. plan.Operations.Where(o => rowOf.ContainsKey(o.Machine)).Select(o => BarOf(o, book.GetValueOrDefault(o.Order)?.StepOf(o.Step, o.Routing)))]);

        int CalendarAt(WorkCalendar calendar)
        {
            var at = calendars.FindIndex(c => ReferenceEquals(c.Calendar, calendar));
            if (at >= 0) return at;
            var closed = Closed(calendar, range);
            // Machines read from one file share a calendar by its hours, not always by the object.
            at = calendars.FindIndex(c => c.Closed.AsSpan().SequenceEqual(closed));
            if (at >= 0) return at;
            calendars.Add((calendar, closed));
            return calendars.Count - 1;
        }

        GanttBar BarOf(PlannedOperation o, RoutingStep.Work? step) => new(o.Operation.Value, lineOf[o.Order], o.Step, step?.Name ?? "", rowOf[o.Machine], Ms(o.Start), Ms(o.End), Ms(o.RunStart),
            o.Quantity, (int)(actuals.GetValueOrDefault(o.Operation)?.Status ?? OperationStatus.Waiting), held.Contains(o.Operation),
            [.. (step?.Options.Select(x => x.Machine) ?? []).Append(o.Machine).Distinct().Where(rowOf.ContainsKey).Select(m => rowOf[m])]);
    }

    private static GanttOrder LineOf(OrderId id, Order? order, OrderPromise? promise, bool held, bool fragile) =>
        new(id.Value, order?.Item.Value ?? "", Ms(promise?.Due ?? order?.Due ?? default), Ms(promise?.Finish ?? default), promise?.IsLate ?? false, order is null ? 0 : Ms(order.Release), held, fragile);

    /// <summary>Begin and end of every stretch of the range in which the calendar does not work.</summary>
    public static long[] Closed(WorkCalendar calendar, TimeRange range)
    {
        var closed = new List<long>();
        var at = range.From;
        foreach (var work in calendar.WorkingTime(range))
        {
            if (work.From > at) closed.AddRange([Ms(at), Ms(work.From)]);
            at = work.To;
        }
        if (at < range.To) closed.AddRange([Ms(at), Ms(range.To)]);
        return [.. closed];
    }

    private static long Ms(DateTimeOffset at) => at.ToUnixTimeMilliseconds();
}

/// <param name="Calendar">Index of the sheet's calendars.</param>
public sealed record GanttRow(string Id, string Name, int Calendar);

/// <param name="Fragile">Planned in time, and late rather often when it is simulated.</param>
/// <param name="Held">Its capacity is only reserved: drawn dashed.</param>
public sealed record GanttOrder(string Id, string Item, long Due, long Finish, bool Late, long Release, bool Held, bool Fragile = false);

/// <param name="Order">Index of the sheet's orders.</param>
/// <param name="Row">Index of the sheet's rows.</param>
/// <param name="Run">End of the set-up.</param>
/// <param name="State">Number of the <see cref="OperationStatus"/>.</param>
/// <param name="Can">Rows that can do it.</param>
public sealed record GanttBar(string Id, int Order, int Step, string Name, int Row, long Start, long End, long Run, int Pieces, int State, bool Lock, int[] Can);

/// <summary>What the script is told of a move: where others go, and in words what it means.</summary>
/// <param name="Worse">An order becomes late by it.</param>
public sealed record GanttAnswer(bool Accepted, string Text, bool Worse, GanttMove[] Moves);

public sealed record GanttMove(string Id, int Row, long Start, long End, bool Late);
