using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Store;

namespace Ieum.Node.Exchange;

/// <summary>What is there before a table comes in.</summary>
/// <param name="Opens">Whether a machine's calendar opens at all within two years.</param>
/// <param name="Begun">Whether work on an order has begun.</param>
/// <param name="Offset">Of the factory's local time from UTC.</param>
internal sealed record ExchangeState(
    ImmutableHashSet<MachineId> Machines, Func<MachineId, bool> Opens, ImmutableArray<Product> Products, ImmutableArray<Order> Orders, FactoryData Factory,
    Func<OrderId, bool> Begun, DateTimeOffset Now, TimeSpan Offset);

/// <summary>What a table brings: things that are new or different, and how many are neither.</summary>
internal sealed record Incoming<T>(ImmutableArray<T> Created, ImmutableArray<T> Updated, int Unchanged, int LeftOut)
{
    public static Incoming<T> Of<TId>(IEnumerable<T> read, IReadOnlyDictionary<TId, T> there, Func<T, TId> idOf, int leftOut) where TId : notnull
    {
        var (created, updated, same) = (ImmutableArray.CreateBuilder<T>(), ImmutableArray.CreateBuilder<T>(), 0);
        foreach (var x in read)
            if (!there.TryGetValue(idOf(x), out var was)) created.Add(x);
            // As they stand in the database: two values that are written alike are alike.
            else if (DomainJson.Write(was) == DomainJson.Write(x)) same++;
            else updated.Add(x);
        return new(created.ToImmutable(), updated.ToImmutable(), same, leftOut);
    }
}

/// <summary>Rows of orders.</summary>
internal static class OrderImport
{
    private static readonly TimeSpan Longest = TimeSpan.FromDays(731);

    public static Incoming<Order> Read(TableIn table, ExchangeState state, List<ExchangeProblem> problems)
    {
        var (products, there) = (state.Products.ToDictionary(p => p.Id), state.Orders.ToDictionary(o => o.Id));
        var (read, first, left) = (new List<Order>(), new Dictionary<string, int>(StringComparer.Ordinal), 0);
        foreach (var row in table.Rows)
        {
            var f = new RowFields(row, problems);
            var order = f.Sound() ? OrderOf(f, products, there, state) : null;
            if (order is not null && !first.TryAdd(order.Id.Value, f.Line))
            {
                f.Tell("order", ExchangeRules.Twice, $"Order '{order.Id}' stands in row {first[order.Id.Value]} already; that row counts. Give this one its own number, or remove it.");
                order = null;
            }
            if (order is null) left++;
            else read.Add(order);
        }
        return Incoming<Order>.Of(read, there, o => o.Id, left);
    }

    private static Order? OrderOf(RowFields f, Dictionary<ItemId, Product> products, Dictionary<OrderId, Order> there, ExchangeState state)
    {
        var (id, item, quantity) = (f.Name("order", true), f.Name("item", true), f.Whole("quantity", true, 1, 10_000_000));
        var (due, release, deadline) = (f.Instant("due", true, state.Offset, true), f.Instant("release", false, state.Offset, false), f.Instant("deadline", false, state.Offset, true));
        var (weight, lot, hidden) = (f.Whole("weight", false, 1, 100), f.Name("lot", false), f.Flag("private"));
        if (f.Broken || id is null || item is null || quantity is null || due is null) return null;
        if (!products.TryGetValue(new(item), out var product))
        {
            f.Tell("item", ExchangeRules.UnknownItem, $"Item '{item}' has no routing. Hand in its routing first, or correct the item. Known: {Some(products.Keys.Select(p => p.Value))}.");
            return null;
        }
        var was = there.GetValueOrDefault(new(id));
        // What the file does not say stays as it was; a new order without a release may begin now, to the minute, as files write it.
        var now = new DateTimeOffset(state.Now.Ticks - state.Now.Ticks % TimeSpan.TicksPerMinute, state.Now.Offset);
        var begin = release ?? was?.Release ?? (now < due ? now : due.Value);
        if (due < begin)
        {
            f.Tell("due", ExchangeRules.DueBeforeRelease, $"The due date {due:yyyy-MM-dd HH:mm} lies before the release {begin.ToOffset(state.Offset):yyyy-MM-dd HH:mm}. Correct one of them.");
            return null;
        }
        if (deadline < due)
        {
            f.Tell("deadline", ExchangeRules.DueBeforeRelease, $"The latest date lies before the due date. Correct one of them.");
            return null;
        }
        var begun = was is not null && state.Begun(was.Id);
        if (begun && was!.Item != product.Id)
        {
            f.Tell("item", ExchangeRules.Begun, $"Work on '{id}' has begun with item '{was.Item}'. Make a new order for '{item}'.");
            return null;
        }
        var routing = begun ? was!.Routing : product.Routing;
        foreach (var step in routing.WorkSteps.Where(s => s.Batch is null && s.Options.All(o => o.SetUp.TotalDays + o.PerPiece.TotalDays * quantity.Value > Longest.TotalDays)))
        {
            f.Tell("quantity", ExchangeRules.TooLong, $"Step {step.Number} of {quantity} pieces would take longer than two years of work on every machine. Correct the quantity, or the time of a piece in the routing.");
            return null;
        }
        // The same instant written with another offset is no change.
        if (was is not null) (due, deadline) = (was.Due == due ? was.Due : due, was.Deadline == deadline ? was.Deadline : deadline);
        if (was?.Release == begin) begin = was.Release;
        return new(new(id), routing, quantity.Value, begin, due.Value, weight ?? was?.Weight ?? 1, hidden ?? was?.IsPrivate ?? false,
            lot is not null ? new LotId(lot) : was?.Lot, f.Has("deadline") ? deadline : was?.Deadline, begun ? was!.Alternatives : product.Alternatives);
    }

    internal static string Some(IEnumerable<string> names) => names.Order(StringComparer.Ordinal).Take(8).ToArray() is { Length: > 0 } some ? string.Join(", ", some) : "–";
}

/// <summary>Rows of stock: the amount on hand, and below it what will come in.</summary>
internal static class StockImport
{
    public static Incoming<MaterialStock> Read(TableIn table, ExchangeState state, List<ExchangeProblem> problems)
    {
        var there = state.Factory.Materials.ToDictionary(m => m.Item);
        var (read, left) = (new List<MaterialStock>(), 0);
        foreach (var group in table.Rows.GroupBy(r => r.Values.GetValueOrDefault("item", "").Trim(), StringComparer.Ordinal))
        {
            MaterialStock? stock = null;
            var (arrivals, broken) = (ImmutableArray.CreateBuilder<Supply>(), false);
            foreach (var row in group)
            {
                var f = new RowFields(row, problems);
                f.Sound();
                var (item, name, onHand) = (f.Name("item", true), f.Text("itemName"), f.Number("onHand", stock is null, 0, 1e12));
                var (at, amount, customer) = (f.Instant("arrival", false, state.Offset, false), f.Number("arrivalAmount", false, 0, 1e12), f.Flag("fromCustomer"));
                if (at is null != amount is null && !f.Broken) f.Tell(at is null ? "arrival" : "arrivalAmount", ExchangeRules.Empty, $"An arrival needs a date and an amount. Fill in both, or none.");
                if (stock is not null && onHand is { } other && other != stock.OnHand)
                    f.Tell("onHand", ExchangeRules.Contradicts, $"A row before says {stock.OnHand} on hand. Leave the field empty in rows that only add an arrival.");
                broken |= f.Broken;
                if (f.Broken || item is null) continue;
                var was = there.GetValueOrDefault(new(item));
                stock ??= new(new(item), RowFields.NameOf(name, was?.Name) ?? LocalName.Same(item), onHand ?? 0, customer ?? was?.FromCustomer ?? false, []);
                if (at is { } when && amount is > 0 and var much) arrivals.Add(new(when, much));
            }
            if (broken || stock is null) left++;
            else read.Add(stock with { Arrivals = [.. arrivals.OrderBy(a => a.At)] });
        }
        return Incoming<MaterialStock>.Of(read, there, m => m.Item, left);
    }
}

/// <summary>Rows of set-up times. A table in the file replaces the one of its name.</summary>
internal static class SetUpImport
{
    public static (Incoming<SetUpTable> Tables, ImmutableArray<(MachineId Machine, string Table)> Uses) Read(TableIn table, ExchangeState state, List<ExchangeProblem> problems)
    {
        var there = state.Factory.SetUpTables.ToDictionary(t => t.Id, StringComparer.Ordinal);
        var (read, uses, left) = (new List<SetUpTable>(), ImmutableArray.CreateBuilder<(MachineId, string)>(), 0);
        foreach (var group in table.Rows.GroupBy(r => r.Values.GetValueOrDefault("table", "").Trim(), StringComparer.Ordinal))
        {
            var (times, lines, broken) = (new Dictionary<(string, string), TimeSpan>(), new Dictionary<(string, string), int>(), false);
            foreach (var row in group)
            {
                var f = new RowFields(row, problems);
                f.Sound();
                var (from, to, minutes) = (f.Name("from", true), f.Name("to", true), f.Duration("minutes", true, TimeSpan.FromMinutes(1), TimeSpan.FromHours(1000)));
                f.Name("table", true);
                var machine = f.Name("machine", false);
                if (machine is not null && !state.Machines.Contains(new(machine)))
                    f.Tell("machine", ExchangeRules.UnknownMachine, $"There is no machine '{machine}'. Register it first, or correct the name. Known: {OrderImport.Some(state.Machines.Select(m => m.Value))}.");
                if (!f.Broken && !times.TryAdd((from!, to!), minutes!.Value))
                    f.Tell("to", ExchangeRules.Twice, $"The pair {from} → {to} stands in row {lines[(from!, to!)]} already. Remove one.");
                broken |= f.Broken;
                if (f.Broken) continue;
                lines[(from!, to!)] = f.Line;
                if (machine is not null) uses.Add((new(machine), group.Key));
            }
            if (broken || times.Count == 0)
            {
                left++;
                continue;
            }
            Holes(group.Key, times.Keys, group.First(), problems);
            read.Add(new(group.Key, [.. times.Select(t => new SetUpTime(t.Key.Item1, t.Key.Item2, t.Value)).OrderBy(t => t.From, StringComparer.Ordinal).ThenBy(t => t.To, StringComparer.Ordinal)]));
        }
        return (Incoming<SetUpTable>.Of(read, there, t => t.Id, left), [.. uses.Distinct()]);
    }

    /// <summary>A pair without a time never follows each other; that may be meant, so it is told and taken.</summary>
    private static void Holes(string name, IEnumerable<(string From, string To)> pairs, SourceRow at, List<ExchangeProblem> problems)
    {
        var known = pairs.ToHashSet();
        var families = known.SelectMany(p => new[] { p.From, p.To }).Distinct().Order(StringComparer.Ordinal).ToList();
        var holes = (from a in families from b in families where a != b && !known.Contains((a, b)) select $"{a} → {b}").ToList();
        if (holes.Count > 0)
            problems.Add(ExchangeProblem.Of(at.Line, "to", "", ExchangeRules.MatrixHole,
                $"Table '{name}' has no time for {string.Join(", ", holes.Take(6).Concat(holes.Count > 6 ? ["…"] : []))}. Such work never follows each other; add the rows where it may.", warning: true));
    }
}
