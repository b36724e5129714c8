using System.Collections.Immutable;

namespace Ieum.Plan.Across;

/// <summary>What throws a running plan over.</summary>
internal abstract record Disruption
{
    private Disruption() { }
    /// <summary>A machine stands from now until then.</summary>
    internal sealed record Breakdown(int Company, int Machine, int Until) : Disruption;
    internal sealed record RushOrder(FedOrder Order) : Disruption;
    /// <summary>The order's next operation cannot begin before.</summary>
    internal sealed record LatePart(int Order, int Until) : Disruption;
    /// <summary>A company does nothing more for the others. What it has begun is finished.</summary>
    internal sealed record DropsOut(int Company) : Disruption;
}

/// <summary>What is left to plan at a moment, and the plan that stood for it.</summary>
/// <param name="Standing">Per operation of <paramref name="Instance"/>: company and finish in the plan so far; −1 where that cannot be kept.</param>
/// <param name="Order">Order of the running plan behind each order left; −1 for a new one.</param>
internal sealed record Remainder(FedInstance Instance, ImmutableArray<(int Company, long Finish)> Standing, ImmutableArray<int> Order);

/// <summary>Cuts a running plan at a moment: what has begun stays as it is, the rest is a new instance with the parts where they are.</summary>
internal static class Cut
{
    /// <summary>Weight of time that is taken: no order is worth moving it.</summary>
    private const int Taken = 100_000;

    /// <exception cref="AcrossException">After a drop-out nobody can do an operation that is left.</exception>
    public static Remainder At(FedInstance instance, FedSchedule running, int now, Disruption what)
    {
        var slots = running.Shared.ToLookup(s => s.Order);
        List<FedOrder> orders = [];
        List<int> from = [];
        List<(int, long)> standing = [];
        var gone = what is Disruption.DropsOut d ? d.Company : -1;
        for (var j = 0; j < instance.Orders.Length; j++)
        {
            var order = instance.Orders[j];
            var begun = slots[j].Where(s => s.Start < now).OrderBy(s => s.Operation).ToList();
            if (begun.Count == order.Operations.Length) continue;
            var release = Math.Max(now, order.Release);
            if (begun.Count > 0) release = (int)Math.Max(now, begun[^1].End);
            if (what is Disruption.LatePart late && late.Order == j) release = Math.Max(release, late.Until);
            ImmutableArray<ImmutableArray<FedOption>> rest = [.. order.Operations.Skip(begun.Count).Select((x, i) => Able(x, $"operation {begun.Count + i + 1} of order '{order.Id}'"))];
            // A part already under way has left its company: what is left of the way is not shorter than what the plan gave it.
            orders.Add(order with { Release = release, Operations = rest, Origin = begun.Count > 0 ? begun[^1].Company : order.Origin });
            from.Add(j);
            foreach (var s in slots[j].Where(s => s.Start >= now).OrderBy(s => s.Operation)) standing.Add(s.Company == gone ? (-1, 0) : (s.Company, s.End));
        }
        if (what is Disruption.RushOrder rush)
        {
            orders.Add(rush.Order);
            from.Add(-1);
            standing.AddRange(Enumerable.Repeat((-1, 0L), rush.Order.Operations.Length));
        }
        var companies = instance.Companies.Select((c, i) => c with { Private = [.. Left(c, i)] });
        return new(instance with { Name = $"{instance.Name}-at{now}", Companies = [.. companies], Orders = [.. orders] }, [.. standing], [.. from]);

        ImmutableArray<FedOption> Able(ImmutableArray<FedOption> options, string where)
        {
            ImmutableArray<FedOption> able = [.. options.Where(o => o.Company != gone)];
            return able.Length > 0 ? able : throw new AcrossException(AcrossRules.NobodyCan, $"Without company '{instance.Companies[gone].Id}', {where} can be done by nobody: find another company for it.");
        }

        IEnumerable<PrivateOrder> Left(FedCompany company, int c)
        {
            // Private orders not begun, and what holds machines: begun work of any kind, and the breakdown.
            foreach (var p in running.Private.Where(p => p.Company == c && p.Start >= now))
                yield return company.Private[p.Index] with { Release = Math.Max(now, company.Private[p.Index].Release) };
            foreach (var s in running.Shared.Where(s => s.Company == c && s.Start < now && s.End > now)) yield return Held(s.Machine, s.End);
            foreach (var p in running.Private.Where(p => p.Company == c && p.Start < now && p.End > now)) yield return Held(company.Private[p.Index].Machine, p.End);
            if (what is Disruption.Breakdown b && b.Company == c)
            {
                var busy = running.Shared.Where(s => s.Company == c && s.Machine == b.Machine && s.Start < now && s.End > now).Select(s => s.End)
                    .Concat(running.Private.Where(p => p.Company == c && company.Private[p.Index].Machine == b.Machine && p.Start < now && p.End > now).Select(p => p.End)).DefaultIfEmpty(now).Max();
                if (b.Until > busy) yield return new($"{company.Id}-down", b.Machine, (int)(b.Until - busy), (int)busy, b.Until, Taken);
            }
        }

        PrivateOrder Held(int machine, long until) => new($"held-{machine}-{until}", machine, (int)(until - now), now, (int)until, Taken);
    }
}
