using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Node.Town;

/// <summary>What one company of the network has to do: its legs of the shared order, and its own private orders.</summary>
internal static class TownLegs
{
    /// <summary>The trade of a machine, by the part of its id after the company.</summary>
    private static readonly Dictionary<string, (string Ko, string Ja, string En, string Kind)> Machines = new()
    {
        ["B-MC1"] = ("머시닝센터 1호", "マシニングセンタ1号機", "Machining centre 1", "milling"),
        ["B-MC2"] = ("머시닝센터 2호", "マシニングセンタ2号機", "Machining centre 2", "milling"),
        ["B-L1"] = ("CNC 선반", "CNC旋盤", "CNC lathe", "turning"),
        ["B-HON"] = ("호닝기", "ホーニング盤", "Honing machine", "honing"),
        ["D-OD1"] = ("원통 연삭기", "円筒研削盤", "Cylindrical grinder", "grinding"),
        ["D-CL1"] = ("센터리스 연삭기", "センタレス研削盤", "Centreless grinder", "grinding"),
        ["D-BENCH"] = ("수작업 검사대", "手作業検査台", "Bench inspection", "inspection"),
        ["D-GAUGE"] = ("치수 측정대", "寸法測定台", "Gauging station", "inspection"),
    };

    /// <summary>A machine that can take over the own small series of another at the same pace.</summary>
    private static readonly Dictionary<string, string> StandIns = new() { ["B-MC1"] = "B-MC2" };

    private static readonly Dictionary<string, LocalName> Lines = new()
    {
        ["milling"] = new("밀링", "フライス加工", "Milling"),
        ["turning"] = new("선삭", "旋削", "Turning"),
        ["honing"] = new("호닝", "ホーニング", "Honing"),
        ["grinding"] = new("연삭", "研削", "Grinding"),
        ["inspection"] = new("검사", "検査", "Inspection"),
    };

    /// <summary>The equipment hierarchy of a company: one site, one hall, a line per trade.</summary>
    public static Company CompanyOf(TownScenario scenario, string company)
    {
        var c = scenario.Companies[company];
        var lines = scenario.Machines.Keys.Where(m => m.StartsWith(company + "-", StringComparison.Ordinal)).Union(TownMachine.Beside(company)).Order(StringComparer.Ordinal)
            .Select(MachineOf).GroupBy(m => m.Kind)
            .Select(g => new ProductionLine(g.Key, Lines.GetValueOrDefault(g.Key, LocalName.Same(g.Key)), [.. g])).ToImmutableArray();
        return new Company(c.Id, c.Name, c.Country,
            [new Site(c.Place, LocalName.Same(c.Place), [new Area("hall-1", new("1공장", "第1工場", "Hall 1"), lines)])]);
    }

    private static Machine MachineOf(string id) => Machines.TryGetValue(id, out var m)
        ? new Machine(new MachineId(id), new LocalName(m.Ko, m.Ja, m.En), m.Kind)
        : new Machine(new MachineId(id), LocalName.Same(id), "other");

    /// <summary>All orders of a company: the legs of every lot, released at the baseline's hand-over dates, and its private work.</summary>
    public static ImmutableArray<Order> OrdersOf(TownScenario scenario, string company)
    {
        var baseline = TownBaseline.Of(scenario);
        var legs = from item in scenario.Routings.Keys.Order(StringComparer.Ordinal)
                   from lot in scenario.Order.Lots
                   from leg in LegsOf(scenario, baseline, company, item, lot)
                   select leg;
        return [.. legs, .. PrivateOf(scenario, company)];
    }

    private static IEnumerable<Order> LegsOf(TownScenario scenario, IReadOnlyList<TownStay> baseline, string company, string item, TownLot lot)
    {
        var steps = scenario.Routings[item];
        var quantity = item == "SPOOL" ? scenario.SpoolsStartedPerLot : lot.Quantity;
        var leg = 0;
        for (var first = 0; first < steps.Length; first++)
        {
            if (steps[first].Company != company || (first > 0 && steps[first - 1].Company == company)) continue;
            var last = first;
            while (last + 1 < steps.Length && steps[last + 1].Company == company) last++;
            var numbers = Enumerable.Range(first + 1, last - first + 1).ToHashSet();
            var stays = baseline.Where(s => s.Item == item && s.Lot == lot.Number && numbers.Contains(s.Step)).OrderBy(s => s.Step).ToList();
            var work = numbers.Select(n => (RoutingStep)WorkOf(n, steps[n - 1], company));
            // A lot that comes back from another company is another order, of another stage of the item.
            var again = ++leg == 1 ? "" : FormattableString.Invariant($"-{leg}");
            yield return new Order(
                new OrderId($"{scenario.Order.Id}-{lot.Number}-{item}{again}"),
                new Routing(new ItemId($"{scenario.Order.Item}-{item}{again}"), [.. work]),
                quantity, stays[0].Arrival, HandOver(stays[^1].End), weight: 3,
                lot: new LotId($"{item}-{lot.Number}"));
        }
    }

    /// <summary>A furnace that takes two lots hardens them in one load, unbroken.</summary>
    private static RoutingStep.Work WorkOf(int number, TownStep step, string company) => step.BatchLots > 1
        ? new(number * 10, KindOf(step.Machine), [.. OptionsOf(step, company).Select(o => o with { Unbroken = true })]) { Batch = new(step.Machine, 1) }
        : new(number * 10, KindOf(step.Machine), OptionsOf(step, company));

    /// <summary>How many lots each furnace of a company takes at once.</summary>
    public static IEnumerable<(string Machine, int Lots)> FurnacesOf(TownScenario scenario, string company) =>
        scenario.Routings.Values.SelectMany(r => r).Where(s => s.Company == company && s.BatchLots > 1).Select(s => (s.Machine, s.BatchLots)).Distinct();

    private static string KindOf(string machine) => Machines.TryGetValue(machine, out var m) ? m.Kind : machine;

    private static ImmutableArray<MachineOption> OptionsOf(TownStep step, string company) =>
        [new(new MachineId(step.Machine), step.Fixed, step.PerPiece),
         .. step.Alternatives.Where(a => a.Machine.Value.StartsWith(company + "-", StringComparison.Ordinal))];

    /// <summary>The lot must be on the truck that the baseline takes: 16:00 of the first weekday after it is done.</summary>
    private static DateTimeOffset HandOver(DateTimeOffset done)
    {
        var cutOff = new DateTimeOffset(done.Date, done.Offset).AddHours(16);
        while (cutOff < done || cutOff.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) cutOff = cutOff.AddDays(1);
        return cutOff;
    }

    /// <summary>A company's own work, cut into jobs of half a shift: the scenario states hours, a machine shop takes in jobs.</summary>
    private static IEnumerable<Order> PrivateOf(TownScenario scenario, string company)
    {
        var calendar = scenario.CalendarOf(company);
        foreach (var (machine, loads) in scenario.PrivateLoad.Where(l => l.Key.StartsWith(company + "-", StringComparison.Ordinal)).OrderBy(l => l.Key, StringComparer.Ordinal))
            for (var i = 0; i < loads.Length; i++)
            {
                var jobs = Math.Max(1, (int)Math.Round(loads[i].Work / TimeSpan.FromHours(4)));
                var each = loads[i].Work / jobs;
                // Small series of twenty minutes a piece.
                var pieces = Math.Max(1, (int)Math.Round(each / TimeSpan.FromMinutes(20)));
                var option = new MachineOption(new MachineId(machine), TimeSpan.Zero, each / pieces);
                var step = new RoutingStep.Work(10, KindOf(machine), StandIns.TryGetValue(machine, out var other) && scenario.Machines.ContainsKey(other)
                    ? [option, option with { Machine = new(other) }] : [option]);
                for (var job = 1; job <= jobs; job++)
                {
                    var done = calendar.AddWorking(loads[i].From, each * job)
                        ?? throw new TownScenarioException("town-never-works", $"Company '{company}' never works; its private load on '{machine}' cannot be done.");
                    // A day of grace: the scenario states when the work begins and how long it takes, not when its customer wants it.
                    yield return new Order(new OrderId($"{machine}-own-{i + 1}-{job}"), new Routing(new ItemId($"own-{machine}-{i + 1}"), [step]),
                        pieces, loads[i].From, done.AddDays(1), weight: 2, isPrivate: true);
                }
            }
    }
}
