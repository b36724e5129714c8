using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Ieum.Model;

namespace Ieum.Node.Exchange;

/// <summary>Rows of routings: one row for each machine that can do a step, for a wait, or for a transport. An item in the file replaces its routing as a whole, so a wrong row leaves the item as it was.</summary>
/// <remarks>A column that the file does not have at all says nothing: what the step of that number had there before stays, and so do the other ways to make the item.</remarks>
internal static class RoutingImport
{
    private const int MostWays = 20;
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1), MostSetUp = TimeSpan.FromHours(10_000), MostPiece = TimeSpan.FromHours(10_000), MostWait = TimeSpan.FromDays(731);
    private static readonly string[] Run = ["run", "가공", "加工"];

    public static Incoming<Product> Read(TableIn table, ExchangeState state, List<ExchangeProblem> problems)
    {
        var there = state.Products.ToDictionary(p => p.Id);
        var (read, left) = (new List<Product>(), 0);
        foreach (var group in table.Rows.GroupBy(r => r.Values.GetValueOrDefault("item", "").Trim(), StringComparer.Ordinal))
        {
            var before = problems.Count;
            var was = Identifier.IsValid(group.Key) ? there.GetValueOrDefault(new(group.Key)) : null;
            var (ways, name, saysWay) = (new SortedDictionary<int, SortedDictionary<int, StepRows>>(), "", false);
            foreach (var row in group)
            {
                var f = new RowFields(row, problems);
                f.Sound();
                saysWay |= f.Has("way");
                Take(f, ways, state);
                if (f.Text("itemName") is { Length: > 0 } said) name = said;
            }
            var routings = problems.Skip(before).Any(p => !p.Warning) ? null : RoutingsOf(group.Key, ways, was, group.First(), problems);
            if (routings is null)
            {
                left++;
                if (was is not null)
                    problems.Add(ExchangeProblem.Of(group.First().Line, "item", group.Key, ExchangeRules.ItemLeft, $"The routing of '{group.Key}' stays as it was, because a row of it is wrong. Mend the rows told above and hand the file in again.", warning: true));
                continue;
            }
            read.Add(new(new(group.Key), RowFields.NameOf(name, was?.Name) ?? LocalName.Same(group.Key), routings[0]) { Alternatives = saysWay ? [.. routings.Skip(1)] : was?.Alternatives ?? [] });
        }
        return Incoming<Product>.Of(read, there, p => p.Id, left);
    }

    private static void Take(RowFields f, SortedDictionary<int, SortedDictionary<int, StepRows>> ways, ExchangeState state)
    {
        var (item, way, number) = (f.Name("item", true), f.Whole("way", false, 1, MostWays) ?? 1, f.Whole("step", true, 1, 100_000));
        var (machine, service) = (f.Name("machine", false), f.Name("transport", false));
        var (setUp, perPiece) = (f.Duration("setUp", false, Minute, MostSetUp), f.Duration("perPiece", false, Minute, MostPiece));
        var (wait, most) = (f.Duration("wait", false, Minute, MostWait), f.Duration("waitMost", false, Minute, MostWait));
        var (transfer, load, after, unbroken) = (f.Whole("transfer", false, 0, 10_000_000), f.Whole("load", false, 1, 1_000_000), AfterOf(f), f.Flag("unbroken"));
        if (item is null || number is null) return;
        if (!ways.TryGetValue(way, out var steps)) ways[way] = steps = [];
        if (!steps.TryGetValue(number.Value, out var step)) steps[number.Value] = step = new(number.Value, f.Line);
        if (f.Text("stepName") is { Length: > 0 } name)
        {
            if (step.Name.Length > 0 && step.Name != name) f.Tell("stepName", ExchangeRules.Contradicts, $"Row {step.Line} calls step {number} '{step.Name}'. Give both rows one name.");
            step.Name = name;
        }
        if (f.Has("family")) step.Family = f.Text("family") is { Length: > 0 } family ? family : step.Family ?? "";
        if (f.Has("recipe")) step.Recipe = f.Name("recipe", false) ?? step.Recipe ?? "";
        if (f.Has("transfer")) step.Transfer = transfer ?? step.Transfer ?? 0;
        if (f.Has("needs")) step.Needs = NeedsOf(f, state) is { Length: > 0 } needs ? needs : step.Needs ?? [];
        if (f.Has("takes")) step.Takes = TakesOf(f, state) is { Length: > 0 } takes ? takes : step.Takes ?? [];
        step.Load = load ?? step.Load;
        step.After = after ?? step.After;
        step.SaysName |= f.Has("stepName");
        step.SaysWaitMost |= f.Has("waitMost");
        step.SaysTransport |= f.Has("transport");
        if (wait is not null || most is not null || service is not null)
        {
            if (machine is not null || step.Options.Count > 0 || service is not null && (wait ?? most) is not null || step.Wait is not null || step.Service is not null)
                f.Tell(service is not null ? "transport" : "wait", ExchangeRules.Contradicts, $"Step {number} is two things. A step is work, a wait or a transport: give each a step of its own.");
            if (most < (wait ?? TimeSpan.Zero)) f.Tell("waitMost", ExchangeRules.OutOfRange, $"The longest wait is shorter than the shortest. Correct one of them.");
            if (service is not null && state.Factory.Transport.All(t => t.Id != service))
                f.Tell("transport", ExchangeRules.UnknownName, $"There is no transport '{service}'. Add it first, or correct the name. Known: {OrderImport.Some(state.Factory.Transport.Select(t => t.Id))}.");
            (step.Wait, step.Most, step.Service) = (service is null ? wait ?? TimeSpan.Zero : null, most, service);
            return;
        }
        if (machine is null)
        {
            if (!f.Broken) f.Tell("machine", ExchangeRules.NoMachine, $"Step {number} of '{item}' names no machine that can do it. Fill in a machine, a wait or a transport.");
            return;
        }
        if (!state.Machines.Contains(new(machine)))
        {
            f.Tell("machine", ExchangeRules.UnknownMachine, $"There is no machine '{machine}'. Register it first, or correct the name. Known: {OrderImport.Some(state.Machines.Select(m => m.Value))}.");
            return;
        }
        if (!state.Opens(new(machine)))
            f.Tell("machine", ExchangeRules.CalendarNeverOpens, $"The calendar of '{machine}' does not open within two years. Give it shifts, or name another machine.");
        if (step.Wait is not null || step.Service is not null) f.Tell("machine", ExchangeRules.Contradicts, $"Row {step.Line} says that step {number} waits or travels. A step is work, a wait or a transport: give each a step of its own.");
        if (step.Options.Any(o => o.Machine.Value == machine)) f.Tell("machine", ExchangeRules.Twice, $"Machine '{machine}' stands twice in step {number} of '{item}'. Remove one row.");
        if (perPiece is null && setUp is null && !f.Broken) f.Tell("perPiece", ExchangeRules.Empty, $"Neither a time for a piece nor a set-up stands here. Fill in at least one.");
        if (!f.Broken) step.Options.Add(new(new(machine), f.Has("setUp") ? setUp ?? TimeSpan.Zero : null, f.Has("perPiece") ? perPiece ?? TimeSpan.Zero : null, f.Has("unbroken") ? unbroken ?? false : null));
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

    /// <summary><c>turner; fixture:run</c>: skills of people, tools and fixtures, with <c>:run</c> those that the set-up does not need.</summary>
    private static ImmutableArray<ResourceNeed> NeedsOf(RowFields f, ExchangeState state)
    {
        var needs = ImmutableArray.CreateBuilder<ResourceNeed>();
        foreach (var part in Parts(f.Text("needs")))
        {
            var colon = part.LastIndexOf(':');
            var runOnly = colon > 0 && Run.Contains(part[(colon + 1)..].Trim(), StringComparer.OrdinalIgnoreCase);
            var skill = runOnly ? part[..colon].Trim() : part;
            if (state.Factory.Resources.Any(r => r.Skills.Contains(skill))) needs.Add(new(skill, runOnly));
            else f.Tell("needs", ExchangeRules.UnknownName, $"Nobody and nothing has the skill '{skill}'. Add it to a person, tool or fixture, or correct the name. Known: {OrderImport.Some(state.Factory.Resources.SelectMany(r => r.Skills).Distinct())}.");
        }
        return needs.ToImmutable();
    }

    /// <summary><c>SUS304-D60:1.2; NUT-M8:4</c>: materials with the amount for one piece; without a number 1.</summary>
    private static ImmutableArray<MaterialUse> TakesOf(RowFields f, ExchangeState state)
    {
        var takes = ImmutableArray.CreateBuilder<MaterialUse>();
        foreach (var part in Parts(f.Text("takes")))
        {
            var (item, amount) = (part, 1.0);
            if (part.LastIndexOf(':') is > 0 and var colon && double.TryParse(part.AsSpan(colon + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var said)) (item, amount) = (part[..colon].Trim(), said);
            if (!Identifier.IsValid(item)) f.Tell("takes", ExchangeRules.NotAName, $"'{item}' cannot be a name. Use 1 to {Identifier.MaxLength} characters without '/'.");
            else if (amount is not (>= 1e-9 and <= 1e9)) f.Tell("takes", ExchangeRules.OutOfRange, $"{amount} of '{item}' for a piece is not from 0.000000001 to 1000000000. Correct the amount.");
            else
            {
                // Stock may come with the next file, so this is told and taken.
                if (state.Factory.Materials.All(m => m.Item.Value != item)) f.Tell("takes", ExchangeRules.UnknownName, $"No stock of '{item}' is known. Orders of this item are planned once its stock is handed in.", warning: true);
                takes.Add(new(new(item), amount));
            }
        }
        return takes.ToImmutable();
    }

    private static string[] Parts(string text) => text.Normalize(NormalizationForm.FormKC).Split([';', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <returns>The usual way first; null when something is wrong, which is told.</returns>
    private static List<Routing>? RoutingsOf(string item, SortedDictionary<int, SortedDictionary<int, StepRows>> ways, Product? was, SourceRow first, List<ExchangeProblem> problems)
    {
        if (!ways.ContainsKey(1))
        {
            problems.Add(ExchangeProblem.Of(first.Line, "way", first.Values.GetValueOrDefault("way", ""), ExchangeRules.Empty, $"'{item}' has no rows of routing 1, the usual one. Add them, or number the routings from 1."));
            return null;
        }
        List<Routing> routings = [];
        foreach (var (way, steps) in ways)
        {
            var former = way == 1 ? was?.Routing : was?.Alternatives.ElementAtOrDefault(way - 2);
            if (former is not null) Keep(steps, former);
            if (RoutingOf(item, steps, former, problems) is { } routing) routings.Add(routing);
            else return null;
        }
        return routings;
    }

    /// <summary>A file without the column for transports says nothing of them: they stay where work, or nothing, follows.</summary>
    private static void Keep(SortedDictionary<int, StepRows> steps, Routing former)
    {
        if (steps.Values.Any(s => s.SaysTransport || s.After is not null)) return;
        foreach (var t in former.Steps.OfType<RoutingStep.Transport>())
            if (!steps.ContainsKey(t.Number) && steps.Values.FirstOrDefault(s => s.Number > t.Number) is null or { Options.Count: > 0 })
                steps[t.Number] = new(t.Number, 0) { Name = t.Name, SaysName = true, Service = t.Service };
    }

    /// <summary>The steps in an order that keeps every "after"; where a row says nothing, the step with the next smaller number comes before.</summary>
    private static Routing? RoutingOf(string item, SortedDictionary<int, StepRows> steps, Routing? former, List<ExchangeProblem> problems)
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
                    problems.Add(ExchangeProblem.Of(s.Line, "after", unknown.ToString(CultureInfo.InvariantCulture), ExchangeRules.StepUnknown, $"Step {s.Number} of '{item}' waits for step {unknown}, which there is not. Correct the number, or add the step."));
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
                problems.Add(ExchangeProblem.Of(open[0].Line, "after", "", ExchangeRules.Circle, $"Steps {string.Join(", ", open.Select(s => s.Number))} of '{item}' wait for each other in a circle. Remove one of them from the column 'after'."));
                return null;
            }
        }
        if (ordered.Zip(ordered.Skip(1)).FirstOrDefault(p => p.First.Service is not null && p.Second.Options.Count == 0).Second is { } idle)
        {
            problems.Add(ExchangeProblem.Of(idle.Line, "transport", "", ExchangeRules.Contradicts, $"Step {idle.Number} of '{item}' follows a transport and is no work. Put waits before the transport, and write two journeys as one service."));
            return null;
        }
        var renumber = ordered.Zip(ordered.Skip(1)).Any(p => p.Second.Number <= p.First.Number);
        return new(new(item), [.. ordered.Select((s, i) => s.ToStep(renumber ? (i + 1) * 10 : s.Number, former?.Steps.FirstOrDefault(x => x.Number == s.Number)))]);
    }

    /// <summary>What the rows of one step say; null where the file has no such column.</summary>
    private sealed class StepRows(int number, int line)
    {
        public int Number => number;
        public int Line => line;
        public string Name { get; set; } = "";
        public string? Family { get; set; }
        public string? Recipe { get; set; }
        public string? Service { get; set; }
        public int? Transfer { get; set; }
        public int? Load { get; set; }
        public TimeSpan? Wait { get; set; }
        public TimeSpan? Most { get; set; }
        public bool SaysName { get; set; }
        public bool SaysWaitMost { get; set; }
        public bool SaysTransport { get; set; }
        public List<int>? After { get; set; }
        public ImmutableArray<ResourceNeed>? Needs { get; set; }
        public ImmutableArray<MaterialUse>? Takes { get; set; }
        public List<OptionRow> Options { get; } = [];

        public RoutingStep ToStep(int position, RoutingStep? former)
        {
            var name = SaysName ? Name : former?.Name ?? Name;
            if (Service is { } service) return new RoutingStep.Transport(position, name, service);
            if (Wait is { } wait) return new RoutingStep.Wait(position, name, wait, SaysWaitMost ? Most : former is RoutingStep.Wait { Most: { } kept } && kept >= wait ? kept : null);
            var work = former as RoutingStep.Work;
            return new RoutingStep.Work(position, name, [.. Options.Select(o => o.Over(work?.Options.FirstOrDefault(x => x.Machine == o.Machine)))])
            {
                Family = Family ?? work?.Family ?? "", Transfer = Transfer ?? work?.Transfer ?? 0, Needs = Needs ?? work?.Needs ?? [], Takes = Takes ?? work?.Takes ?? [],
                Batch = Recipe is null ? work?.Batch : Recipe.Length > 0 ? new(Recipe, Load ?? (work?.Batch?.Recipe == Recipe ? work.Batch.Load : 1)) : null,
            };
        }
    }

    /// <summary>What a row says of a machine; null where the file has no such column.</summary>
    private sealed record OptionRow(MachineId Machine, TimeSpan? SetUp, TimeSpan? PerPiece, bool? Unbroken)
    {
        public MachineOption Over(MachineOption? former) =>
            new(Machine, SetUp ?? former?.SetUp ?? TimeSpan.Zero, PerPiece ?? former?.PerPiece ?? TimeSpan.Zero) { Unbroken = Unbroken ?? former?.Unbroken ?? false };
    }
}
