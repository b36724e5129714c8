using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>Overtime that a promise rests on; offered to every plan until it has passed.</summary>
internal sealed record AgreedOvertime(OrderId Order, OvertimeOffer Offer);

/// <summary>Reservations and agreed overtime, kept in the database; every plan counts with them.</summary>
internal sealed class ReservationBook(DocumentStore documents, Clocks clocks) : KeptDocument<ReservationBook.Book>(documents, DocumentStore.Reservations, new([], []))
{
    internal sealed record Book(Reservation[] Held, AgreedOvertime[] Overtime);

    public ImmutableArray<Reservation> Held => [.. Kept.Held.OrderBy(r => r.Until)];

    public ImmutableArray<Order> Orders => [.. Kept.Held.Select(r => r.Order)];

    public Task AddAsync(Reservation r) => ChangeAsync(r.By, b => b with { Held = [.. b.Held, r] });

    /// <summary>What is agreed already is not agreed twice.</summary>
    public Task AgreeAsync(OrderId order, IEnumerable<OvertimeOffer> overtime, string by) => ChangeAsync(by, b =>
    {
        AgreedOvertime[] more = [.. overtime.Select(o => new AgreedOvertime(order, o)).Except(b.Overtime)];
        return more.Length == 0 ? b : b with { Overtime = [.. b.Overtime, .. more] };
    });

    /// <returns>What was taken out.</returns>
    public async Task<ImmutableArray<Reservation>> TakeAsync(Func<Reservation, bool> which, string by)
    {
        var taken = ImmutableArray<Reservation>.Empty;
        await ChangeAsync(by, b =>
        {
            taken = [.. b.Held.Where(which)];
            return taken.IsEmpty ? b : b with { Held = [.. b.Held.Where(r => !which(r))] };
        });
        return taken;
    }

    /// <summary>The factory with the overtime that was agreed and lies ahead.</summary>
    public FactoryData With(FactoryData factory)
    {
        var (book, now) = (Kept, clocks.Factory.GetUtcNow());
        var agreed = book.Overtime.Select(a => a.Offer).Concat(book.Held.SelectMany(r => r.Overtime)).Where(o => o.Range.To > now)
            .Where(o => !factory.Overtime.Any(x => x.Machine == o.Machine && x.Range.From < o.Range.To && o.Range.From < x.Range.To)).DistinctBy(o => (o.Machine, o.Range.From));
        return factory with { Overtime = [.. factory.Overtime, .. agreed] };
    }

    /// <summary>Tells in a plan what is only held, so that nobody is told to do it.</summary>
    public PlanOutcome Mark(PlanOutcome outcome)
    {
        var held = Kept.Held;
        return outcome is PlanOutcome.Planned p && held.Length > 0
            ? p with { Plan = p.Plan with { Reserved = [.. held.Select(r => r.Order.Id).Where(id => p.Plan.Promises.Any(x => x.Order == id))] } } : outcome;
    }
}
