using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;

namespace Ieum.Node.Exchange;

/// <summary>Rows of routings: one row for each machine that can do a step, or for a wait. An item in the file replaces its routing as a whole, so a wrong row leaves the item as it was.</summary>
internal static class RoutingImport
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), MostSetUp = TimeSpan.FromHours(10_000), MostPiece = TimeSpan.FromHours(10_000);

    private sealed class StepRows(int number, int line)
    {
        public int Number => number;
        public int Line => line;
        public string Name = "", Family = "";
        public int Transfer;
        public TimeSpan? Wait;
        public List<int>? After;
        public List<MachineOption> Options { get; } = [];
    }

    public static Incoming<Product> Read(TableIn table, ExchangeState state, List<ExchangeProblem> problems)
    {
        var there = state.Products.ToDictionary(p => p.Id);
        var (read, left) = (new List<Product>(), 0);
        foreach (var group in table.Rows.GroupBy(r => r.Values.GetValueOrDefault("item", "").Trim(), StringComparer.Ordinal))
        {
            var before = problems.Count;
            var (steps, name) = (new SortedDictionary<int, StepRows>(), "");
            foreach (var row in group)
            {
                var f = new RowFields(row, problems);
                f.Sound();
                Take(f, steps, state);
                if (f.Text("itemName") is { Length: > 0 } said) name = said;
            }
            var wrong = problems.Skip(before).Any(p => !p.Warning);
            var routing = wrong ? null : RoutingOf(group.Key, steps, problems);
            if (routing is null)
            {
                left++;
                if (Identifier.IsValid(group.Key) && there.ContainsKey(new(group.Key)))
                    problems.Add(new(group.First().Line, "item", group.Key, ExchangeRules.ItemLeft, $"The routing of '{group.Key}' stays as it was, because a row of it is wrong. Mend the rows told above and hand the file in again.", Warning: true));
                continue;
            }
            var was = there.GetValueOrDefault(routing.Item);
            read.Add(new(routing.Item, name.Length > 0 ? was is not null && was.Name == LocalName.Same(name) ? was.Name : LocalName.Same(name) : was?.Name ?? LocalName.Same(group.Key), routing) { Alternatives = was?.Alternatives ?? [] });
        }
        return Incoming<Product>.Of(read, there, p => p.Id, left);
    }

    private static void Take(RowFields f, SortedDictionary<int, StepRows> steps, ExchangeState state)
    {
        var (item, number) = (f.Name("item", true), f.Whole("step", true, 1, 100_000));
        var (machine, setUp, perPiece, wait) = (f.Name("machine", false), f.Duration("setUp", false, Minute, MostSetUp), f.Duration("perPiece", false, Minute, MostPiece), f.Duration("wait", false, Minute, TimeSpan.FromDays(731)));
        var (transfer, after) = (f.Whole("transfer", false, 0, 10_000_000), AfterOf(f));
        if (item is null || number is null) return;
        if (!steps.TryGetValue(number.Value, out var step)) steps[number.Value] = step = new(number.Value, f.Line);
        if (f.Text("stepName") is { Length: > 0 } name)
        {
            if (step.Name.Length > 0 && step.Name != name) f.Tell("stepName", ExchangeRules.Contradicts, $"Row {step.Line} calls step {number} '{step.Name}'. Give both rows one name.");
            step.Name = name;
        }
        if (f.Text("family") is { Length: > 0 } family) step.Family = family;
        step.Transfer = transfer ?? step.Transfer;
        step.After = after ?? step.After;
        if (wait is { } w)
        {
            if (machine is not null || step.Options.Count > 0) f.Tell("wait", ExchangeRules.Contradicts, $"Step {number} waits and names a machine. A step does one of both: give the wait a step of its own.");
            step.Wait = w;
            return;
        }
        if (machine is null)
        {
            if (!f.Broken) f.Tell("machine", ExchangeRules.NoMachine, $"Step {number} of '{item}' names no machine that can do it. Fill in a machine, or a wait.");
            return;
        }
        if (!state.Machines.Contains(new(machine)))
        {
            f.Tell("machine", ExchangeRules.UnknownMachine, $"There is no machine '{machine}'. Register it first, or correct the name. Known: {OrderImport.Some(state.Machines.Select(m => m.Value))}.");
            return;
        }
        if (!state.Opens(new(machine)))
            f.Tell("machine", ExchangeRules.CalendarNeverOpens, $"The calendar of '{machine}' does not open within two years. Give it shifts, or name another machine.");
        if (step.Wait is not null) f.Tell("machine", ExchangeRules.Contradicts, $"Row {step.Line} says that step {number} waits. A step does one of both: give the wait a step of its own.");
        if (step.Options.Any(o => o.Machine.Value == machine)) f.Tell("machine", ExchangeRules.Twice, $"Machine '{machine}' stands twice in step {number} of '{item}'. Remove one row.");
        if (perPiece is null && setUp is null && !f.Broken) f.Tell("perPiece", ExchangeRules.Empty, $"Neither a time for a piece nor a set-up stands here. Fill in at least one.");
        if (!f.Broken) step.Options.Add(new(new(machine), setUp ?? TimeSpan.Zero, perPiece ?? TimeSpan.Zero));
    }

    private static List<int>? AfterOf(RowFields f)
    {
        var text = f.Text("after");
        if (text.Length == 0) return null;
        var numbers = new List<int>();
        foreach (var part in text.Split([',', ';', ' ', '、', '，'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var n)) numbers.Add(n);
            else f.Tell("after", ExchangeRules.NotANumber, $"'{part}' is not a step number. Write the numbers of the steps that come before, separated by blanks.");
        }
        return numbers;
    }

    /// <summary>The steps in an order that keeps every "after"; where a row says nothing, the step with the next smaller number comes before.</summary>
    private static Routing? RoutingOf(string item, SortedDictionary<int, StepRows> steps, List<ExchangeProblem> problems)
    {
        var explicitly = steps.Values.Any(s => s.After is not null);
        List<StepRows> ordered = explicitly ? [] : [.. steps.Values];
        if (explicitly)
        {
            var numbers = steps.Keys.ToList();
            var before = steps.Values.ToDictionary(s => s.Number, s => s.After ?? (numbers.IndexOf(s.Number) is > 0 and var i ? [numbers[i - 1]] : []));
            foreach (var s in steps.Values)
                if (before[s.Number].FirstOrDefault(n => !steps.ContainsKey(n)) is > 0 and var unknown)
                {
                    problems.Add(new(s.Line, "after", unknown.ToString(CultureInfo.InvariantCulture), ExchangeRules.StepUnknown, $"Step {s.Number} of '{item}' waits for step {unknown}, which there is not. Correct the number, or add the step."));
                    return null;
                }
            var open = steps.Values.ToList();
            while (open.Count > 0)
            {
                if (open.Find(s => before[s.Number].All(n => ordered.Exists(o => o.Number == n))) is { } next)
                {
                    ordered.Add(next);
                    open.Remove(next);
                    continue;
                }
                problems.Add(new(open[0].Line, "after", "", ExchangeRules.Circle, $"Steps {string.Join(", ", open.Select(s => s.Number))} of '{item}' wait for each other in a circle. Remove one of them from the column 'after'."));
                return null;
            }
        }
        var renumber = ordered.Zip(ordered.Skip(1)).Any(p => p.Second.Number <= p.First.Number);
        return new(new(item), [.. ordered.Select((s, i) => StepOf(s, renumber ? (i + 1) * 10 : s.Number))]);
    }

    private static RoutingStep StepOf(StepRows s, int number) => s.Wait is { } wait ? new RoutingStep.Wait(number, s.Name, wait)
        : new RoutingStep.Work(number, s.Name, [.. s.Options]) { Family = s.Family, Transfer = s.Transfer };
}
