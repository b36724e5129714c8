using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Node.Store.Config;

/// <summary>Reads <c>products</c> with their routings, and <c>orders</c>.</summary>
internal static class OrderSection
{
    public static ImmutableArray<Product> ReadProducts(ConfigObject root, HashSet<MachineId> machines)
    {
        var products = new Dictionary<ItemId, Product>();
        foreach (var p in root.Children("products"))
        {
            var item = p.Need<string?>("item", Config.Read.Id);
            var name = p.Optional("name", LocalName.Same(item ?? "?"), Config.Read.Name);
            var own = RoutingOf(p, item, machines);
            var others = p.Children("alternatives").Select(a => { var r = RoutingOf(a, item, machines); a.Close(); return r; }).OfType<Routing>().ToImmutableArray();
            p.Close();
            if (item is null || own is null) continue;
            if (!products.TryAdd(new(item), new(new(item), name, own) { Alternatives = others }))
                p.Tell(p.PathOf("item"), ConfigRules.WrongValue, $"item '{item}' stands twice.");
        }
        return [.. products.Values];
    }

    private static Routing? RoutingOf(ConfigObject p, string? item, HashSet<MachineId> machines)
    {
        var steps = p.Children("steps").Select(s => StepOf(s, machines)).OfType<RoutingStep>().ToImmutableArray();
        var wrong = steps.Length == 0 ? "a product needs at least one step."
            : steps.Zip(steps.Skip(1)).Any(pair => pair.Second.Number <= pair.First.Number) ? "step numbers must rise: 10, 20, 30 …"
            : steps.Zip(steps.Skip(1)).Any(pair => pair.First is RoutingStep.Transport && pair.Second is not RoutingStep.Work) ? "only work may follow a transport; put waits before it, and write two journeys as one service." : null;
        if (wrong is not null) p.Tell(p.PathOf("steps"), ConfigRules.WrongValue, wrong);
        return wrong is null && item is not null ? new(new(item), steps) : null;
    }

    private static RoutingStep? StepOf(ConfigObject s, HashSet<MachineId> machines)
    {
        var number = s.Need<int?>("step", Config.Read.Whole(1, 100_000));
        var name = s.Optional("name", "", Config.Read.Text);
        var wait = s.Optional<TimeSpan?>("wait", null, Config.Read.Duration);
        var isWait = s.Has("wait");
        var most = s.Optional<TimeSpan?>("most", null, Config.Read.Duration);
        var service = s.Optional<string?>("transport", null, Config.Read.Id);
        var family = s.Optional("family", "", Config.Read.Text);
        var batch = BatchOf(s);
        var needs = s.Children("needs").Select(NeedOf).OfType<ResourceNeed>().ToImmutableArray();
        var takes = s.Children("takes").Select(TakeOf).OfType<MaterialUse>().ToImmutableArray();
        var transfer = s.Optional<int?>("transfer", 0, Config.Read.Whole(0, 10_000_000)) ?? 0;
        var options = ImmutableArray.CreateBuilder<MachineOption>();
        foreach (var o in s.Children("machines"))
        {
            var machine = o.Need<string?>("machine", Config.Read.Id);
            var setUp = o.Optional<TimeSpan?>("setUp", TimeSpan.Zero, Config.Read.Duration);
            var perPiece = o.Optional<TimeSpan?>("perPiece", TimeSpan.Zero, Config.Read.Duration);
            var unbroken = o.Optional("unbroken", false, Config.Read.Flag);
            o.Close();
            if (machine is null || setUp is null || perPiece is null) continue;
            if (!machines.Contains(new(machine)))
                o.Tell(o.PathOf("machine"), ConfigRules.UnknownName, $"machine '{machine}' does not stand in company. {CalendarSection.Known(machines)}");
            else if (options.Any(x => x.Machine.Value == machine))
                o.Tell(o.PathOf("machine"), ConfigRules.WrongValue, $"machine '{machine}' stands twice in one step.");
            else options.Add(new(new(machine), setUp.Value, perPiece.Value) { Unbroken = unbroken });
        }
        s.Close();
        if (number is null) return null;
        if (isWait && options.Count > 0)
            s.Tell(s.Path, ConfigRules.WrongValue, "a step either waits or names machines, not both.");
        if (service is not null && (isWait || options.Count > 0))
            s.Tell(s.Path, ConfigRules.WrongValue, "a step is a transport, a wait or work, not two of them.");
        if (service is not null) return new RoutingStep.Transport(number.Value, name, service);
        if (most < wait) s.Tell(s.PathOf("most"), ConfigRules.OutOfRange, "the longest wait is shorter than the shortest.");
        if (isWait) return wait is { } w ? new RoutingStep.Wait(number.Value, name, w, most < w ? null : most) : null;
        if (options.Count > 0)
            return new RoutingStep.Work(number.Value, name, options.ToImmutable()) { Family = family ?? "", Batch = batch, Needs = needs, Takes = takes, Transfer = transfer };
        if (!s.Broken) s.Tell(s.Path, ConfigRules.MissingKey, "the step names none of \"machines\", \"wait\" and \"transport\".");
        return null;
    }

    private static BatchLoad? BatchOf(ConfigObject s)
    {
        if (s.Child("batch") is not { } b) return null;
        var recipe = b.Need<string?>("recipe", Config.Read.Id);
        var load = b.Optional<int?>("load", 1, Config.Read.Whole(1, 1_000_000));
        b.Close();
        return recipe is null || load is null ? null : new(recipe, load.Value);
    }

    private static ResourceNeed? NeedOf(ConfigObject n)
    {
        var skill = n.Need<string?>("skill", Config.Read.Id);
        var runOnly = n.Optional("runOnly", false, Config.Read.Flag);
        n.Close();
        return skill is null ? null : new(skill, runOnly);
    }

    private static MaterialUse? TakeOf(ConfigObject t)
    {
        var item = t.Need<string?>("item", Config.Read.Id);
        var per = t.Optional<double?>("perPiece", 1, Config.Read.Number(1e-9, 1e9));
        t.Close();
        return item is null || per is null ? null : new(new(item), per.Value);
    }

    public static ImmutableArray<Order> ReadOrders(ConfigObject root, ImmutableArray<Product> products)
    {
        var orders = new Dictionary<OrderId, Order>();
        foreach (var o in root.Children("orders"))
        {
            var id = o.Need<string?>("id", Config.Read.Id);
            var item = o.Need<string?>("item", Config.Read.Id);
            var quantity = o.Need<int?>("quantity", Config.Read.Whole(1, 10_000_000));
            var release = o.Need<DateTimeOffset?>("release", Config.Read.Instant);
            var due = o.Need<DateTimeOffset?>("due", Config.Read.Instant);
            var deadline = o.Optional<DateTimeOffset?>("deadline", null, Config.Read.Instant);
            var weight = o.Optional<int?>("weight", 1, Config.Read.Whole(1, 100));
            var hidden = o.Optional("private", false, Config.Read.Flag);
            var lot = o.Optional<string?>("lot", null, Config.Read.Id);
            o.Close();
            if (id is null || item is null || quantity is null || release is null || due is null) continue;
            var product = products.FirstOrDefault(p => p.Id.Value == item);
            if (product is null)
                o.Tell(o.PathOf("item"), ConfigRules.UnknownName, $"item '{item}' does not stand in products. Known items: {string.Join(", ", products.Select(p => p.Id))}.");
            else if (due < release)
                o.Tell(o.PathOf("due"), ConfigRules.OutOfRange, "the due date lies before the release.");
            else if (deadline < due)
                o.Tell(o.PathOf("deadline"), ConfigRules.OutOfRange, "the deadline lies before the due date.");
            else if (!orders.TryAdd(new(id), new(new(id), product.Routing, quantity.Value, release.Value, due.Value, weight ?? 1, hidden, lot is null ? null : new LotId(lot), deadline, product.Alternatives)))
                o.Tell(o.PathOf("id"), ConfigRules.WrongValue, $"order '{id}' stands twice.");
        }
        return [.. orders.Values];
    }
}
