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
            var steps = p.Children("steps").Select(s => StepOf(s, machines)).OfType<RoutingStep>().ToImmutableArray();
            p.Close();
            if (item is null) continue;
            var wrong = steps.Length == 0 ? "a product needs at least one step."
                : steps.Zip(steps.Skip(1)).Any(pair => pair.Second.Number <= pair.First.Number) ? "step numbers must rise: 10, 20, 30 …" : null;
            if (wrong is not null) p.Tell(p.PathOf("steps"), ConfigRules.WrongValue, wrong);
            else if (!products.TryAdd(new(item), new(new(item), name, new(new(item), steps))))
                p.Tell(p.PathOf("item"), ConfigRules.WrongValue, $"item '{item}' stands twice.");
        }
        return [.. products.Values];
    }

    private static RoutingStep? StepOf(ConfigObject s, HashSet<MachineId> machines)
    {
        var number = s.Need<int?>("step", Config.Read.Whole(1, 100_000));
        var name = s.Optional("name", "", Config.Read.Text);
        var wait = s.Optional<TimeSpan?>("wait", null, Config.Read.Duration);
        var isWait = s.Has("wait");
        var options = ImmutableArray.CreateBuilder<MachineOption>();
        foreach (var o in s.Children("machines"))
        {
            var machine = o.Need<string?>("machine", Config.Read.Id);
            var setUp = o.Optional<TimeSpan?>("setUp", TimeSpan.Zero, Config.Read.Duration);
            var perPiece = o.Optional<TimeSpan?>("perPiece", TimeSpan.Zero, Config.Read.Duration);
            o.Close();
            if (machine is null || setUp is null || perPiece is null) continue;
            if (!machines.Contains(new(machine)))
                o.Tell(o.PathOf("machine"), ConfigRules.UnknownName, $"machine '{machine}' does not stand in company. {CalendarSection.Known(machines)}");
            else if (options.Any(x => x.Machine.Value == machine))
                o.Tell(o.PathOf("machine"), ConfigRules.WrongValue, $"machine '{machine}' stands twice in one step.");
            else options.Add(new(new(machine), setUp.Value, perPiece.Value));
        }
        s.Close();
        if (number is null) return null;
        if (isWait && options.Count > 0)
            s.Tell(s.Path, ConfigRules.WrongValue, "a step either waits or names machines, not both.");
        if (isWait) return wait is { } w ? new RoutingStep.Wait(number.Value, name, w) : null;
        if (options.Count > 0) return new RoutingStep.Work(number.Value, name, options.ToImmutable());
        if (!s.Broken) s.Tell(s.Path, ConfigRules.MissingKey, "the step names neither \"machines\" nor \"wait\".");
        return null;
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
            else if (!orders.TryAdd(new(id), new(new(id), product.Routing, quantity.Value, release.Value, due.Value, weight ?? 1, hidden, lot is null ? null : new LotId(lot))))
                o.Tell(o.PathOf("id"), ConfigRules.WrongValue, $"order '{id}' stands twice.");
        }
        return [.. orders.Values];
    }
}
