namespace Ieum.Plan;

/// <summary>Carries the standing plan on: every machine keeps its order of work; new facts, new orders and locks move it.</summary>
internal static class FactoryRepair
{
    /// <remarks>
    /// Work goes in the order of its standing begin. A locked start takes its place in that order, and what would run across it on the same
    /// machine goes behind it; but nothing goes before the step that it waits for. Orders that the standing plan does not know come last, by
    /// due date.
    /// </remarks>
    /// <param name="hold">Nothing begins earlier than it stands, except where it was locked elsewhere.</param>
    public static FactoryVector Carry(FactoryLayout layout, bool hold = false)
    {
        var p = layout.Problem;
        var vector = FactoryVector.Plain(layout);
        var known = new bool[p.Orders.Length];
        foreach (var s in p.Standing)
        {
            vector.Routing[s.Order] = s.Routing;
            known[s.Order] = true;
        }
        var key = new (double Minute, int Step)[layout.Count];
        for (var i = 0; i < layout.Count; i++)
        {
            var standing = layout.Standing[i];
            vector.Held[i] = hold && standing is not null && layout.Operations[i] is { Locked: null, Begun: null };
            if (standing is not null) vector.Mode[i] = layout.Operations[i].Begun?.Mode ?? standing.Mode;
            var begin = layout.Operations[i].Locked ?? standing?.Start ?? layout.Operations[i].Was;
            key[i] = (begin ?? (known[layout.Places[i].Order] ? 0 : p.Horizon * 4 + p.Orders[layout.Places[i].Order].Due), i);
        }
        // Nobody stands waiting at a machine for parts that are not there: the list goes on, and the work comes when it can.
        for (var i = 0; hold && i < layout.Count; i++)
            if (layout.Operations[i] is { Done: false, Begun: null, Locked: null } x)
                key[i].Minute = Math.Max(key[i].Minute, Math.Max(Math.Max(x.Earliest, p.Orders[layout.Places[i].Order].Release), x.Takes.Select(t => SuppliedAt(p.Materials[t.Material], t.Amount)).DefaultIfEmpty(0).Max()));
        // What stood where its machine no longer works goes where it opens again, and lets others pass elsewhere.
        for (var i = 0; i < layout.Count; i++)
            if (layout.Standing[i] is { } s && layout.Operations[i] is { Done: false, Begun: null, Locked: null } && s.Start >= 0
                && p.Machines[layout.Operations[i].Modes[s.Mode].Machine].Open.Next(s.Start) is { } opens && opens > s.Start && !p.Machines[layout.Operations[i].Modes[s.Mode].Machine].Overtime.Any(w => w.From <= s.Start && s.Start < w.To))
                key[i].Minute = opens;
        for (var i = 0; i < layout.Count; i++)
            if (layout.Operations[i] is { Locked: { } at, Done: false, Begun: null } && vector.Mode[i] < layout.Operations[i].Modes.Length)
                foreach (var j in Enumerable.Range(0, layout.Count))
                    if (j != i && layout.Standing[j] is { } other && other.Start < at && other.End > at && layout.Operations[j] is { Locked: null, Begun: null, Done: false } x
                        && vector.Mode[j] < x.Modes.Length && x.Modes[vector.Mode[j]].Machine == layout.Operations[i].Modes[vector.Mode[i]].Machine)
                        key[j].Minute = at + 0.5;
        // A step never goes before what it waits for; flat numbers need not rise along a routing, so until nothing moves.
        for (var moved = true; moved;)
        {
            moved = false;
            for (var i = 0; i < layout.Count; i++)
                foreach (var e in layout.Before[i])
                {
                    if (layout.Operations[e.From].Done) continue;
                    // Behind a step that is late it lets others pass, instead of holding its machine for hours.
                    var length = e.Link.Transfer == 0 && layout.Standing[e.From] is { } before ? before.End - before.Start : 0;
                    var least = (key[e.From].Minute + length, key[e.From].Step);
                    if (key[i].CompareTo(least) >= 0) continue;
                    key[i] = (least.Item1, Math.Max(i, key[e.From].Step + 1));
                    moved = true;
                }
        }
        BuyAgain(layout, vector);
        return vector with { Sequence = [.. Enumerable.Range(0, layout.Count).OrderBy(i => key[i]).ThenBy(i => i)] };
    }

    /// <summary>Minute at which so much of a material has come in; one beyond every plan where it never does.</summary>
    private static double SuppliedAt(FactoryMaterial material, double amount)
    {
        var sum = 0.0;
        foreach (var (minute, more) in material.Supplies)
            if ((sum += more) >= amount - 1e-9) return minute;
        return 1e9;
    }

    /// <summary>Buys again what the standing plan worked in.</summary>
    private static void BuyAgain(FactoryLayout layout, FactoryVector vector)
    {
        for (var m = 0; m < layout.Problem.Machines.Length; m++)
            for (var k = 0; k < layout.Problem.Machines[m].Overtime.Length; k++)
            {
                var w = layout.Problem.Machines[m].Overtime[k];
                vector.Overtime[layout.WindowFrom[m] + k] = layout.Problem.Standing.Any(s =>
                    layout.Problem.Orders[s.Order].Routings[s.Routing].Operations[s.Operation].Modes[s.Mode].Machine == m && s.Start < w.To && w.From < s.End
                    && layout.Problem.Machines[m].Open.Worked(Math.Max(s.Start, w.From), Math.Min(s.End, w.To)) < Math.Min(s.End, w.To) - Math.Max(s.Start, w.From));
            }
    }
}
