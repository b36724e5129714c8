using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Node.Ui;

/// <summary>Binding chains, fixes and offers as sentences.</summary>
internal static class WhyWords
{
    private static readonly TimeSpan Shut = TimeSpan.FromDays(7);

    /// <summary>One link: why the operation did not begin earlier, and what stretches it.</summary>
    public static string Sentence(BindingLink l, Func<MachineId, string> name, Texts t)
    {
        var by = l.By?.Value ?? "";
        var text = l.Cause switch
        {
            BindingCause.Begun => t["why.begun", t.Stamp(l.Operation.Start)],
            BindingCause.Now when l.Closed > TimeSpan.Zero => t["why.shut", name(l.Operation.Machine), t.Stamp(l.Operation.Start), t.Span(l.Closed)],
            BindingCause.Now => t["why.now"],
            BindingCause.Release => t["why.release", t.Stamp(l.Ready)],
            BindingCause.Previous => t["why.previous", by.Length > 0 ? by : "–", t.Stamp(l.Ready)],
            BindingCause.Busy => t["why.busy", name(l.Operation.Machine), by, t.Stamp(l.Ready)],
            BindingCause.Material => t["why.material", Thing(l.What, t), t.Stamp(l.Ready)],
            _ => l.By is null ? t["why.absent", l.What, t.Stamp(l.Ready)] : t["why.needs", l.What, by, t.Stamp(l.Ready)],
        };
        // Longer than any weekend with holidays about it: no shift has ended, somebody has closed the machine.
        if (l.Closed >= Shut && l.Cause != BindingCause.Now) text += " " + t["why.shut", name(l.Operation.Machine), t.Stamp(l.Operation.Start), t.Span(l.Closed)];
        else if (l.Closed > TimeSpan.Zero && l.Cause != BindingCause.Now) text += " " + t["why.closed", name(l.Operation.Machine), t.Stamp(l.Operation.Start), t.Span(l.Closed)];
        if (l.Kept > TimeSpan.Zero) text += " " + t["why.kept", t.Span(l.Kept)];
        if (l.Paused > TimeSpan.Zero) text += " " + t["why.paused", t.Span(l.Paused)];
        if (l.Operation.SetUp > TimeSpan.Zero) text += " " + t["why.setup", t.Span(l.Operation.SetUp)];
        return text;
    }

    public static string Fix(PlanFix f, Func<MachineId, string> name, Texts t) => f.Kind switch
    {
        FixKind.Overtime => t["fix.overtime", t.Span(f.Overtime)],
        FixKind.Machine => t["fix.machine", f.Operation?.Value, f.Machine is { } m ? name(m) : ""],
        FixKind.Sooner => t["fix.sooner", Thing(f.What, t), f.Operation?.Value],
        FixKind.Open => t["fix.open", f.Machine is { } m ? name(m) : "", f.Operation?.Value],
        FixKind.Split => t["fix.split", f.Operation?.Value, f.Machine is { } m ? name(m) : ""],
        FixKind.Outside => t["fix.outside", f.Operation?.Value, f.What],
        _ => t["fix.swap", f.Operation?.Value, f.Machine is { } m ? name(m) : ""],
    };

    /// <summary>Material that an order alone waits for has no name of its own.</summary>
    private static string Thing(string? what, Texts t) => what is not null && PlanChanges.OwnMaterialOf(what) is { } order ? t["why.own-material", order] : what ?? "–";

    /// <summary>What a fix costs; who delivers earlier, or closed a machine, has to be asked.</summary>
    public static string Cost(PlanFix f, Texts t) => f.Kind is FixKind.Sooner or FixKind.Open ? t["fix.cost.ask"]
        : f.OutsideCost is { } outside && f.Overtime <= TimeSpan.Zero ? t["fix.cost.outside", t.Number(outside)] : Cost(f.Overtime, f.Cost, t);

    /// <summary>Overtime and its money; a dash without overtime.</summary>
    public static string Cost(TimeSpan overtime, double? cost, Texts t) => overtime <= TimeSpan.Zero ? "–"
        : cost is { } c ? t["promise.cost", t.Span(overtime), t.Number(c)] : t["promise.cost.unknown", t.Span(overtime)];

    /// <summary>Who is finished later, those who become late first.</summary>
    public static string Pushes(IEnumerable<PromiseChange> changes, Texts t)
    {
        var worse = changes.Where(c => c.IsWorse).OrderByDescending(c => c.BecomesLate).ThenByDescending(c => c.After - c.Before).ToArray();
        if (worse.Length == 0) return t["promise.pushes.none"];
        var text = string.Join(", ", worse.Take(4).Select(c => t[c.BecomesLate ? "promise.push.late" : "promise.push", c.Order, t.Span(c.After - c.Before)]));
        return worse.Length > 4 ? text + " " + t["promise.pushes.more", worse.Length - 4] : text;
    }
}
