using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>Overtime that a promise rests on; offered to every plan until it has passed.</summary>
internal sealed record AgreedOvertime(OrderId Order, OvertimeOffer Offer);

/// <summary>Reservations and agreed overtime, kept in the database; every plan counts with them.</summary>
internal sealed class ReservationBook(DocumentStore documents, Clocks clocks) : IDisposable
{
    private sealed record Book(Reservation[] Held, AgreedOvertime[] Overtime);

    private readonly SemaphoreSlim _keeping = new(1, 1);
    private Book _book = new([], []);

    public event Action? Changed;

    public ImmutableArray<Reservation> Held => [.. Volatile.Read(ref _book).Held.OrderBy(r => r.Until)];

    public ImmutableArray<Order> Orders => [.. Volatile.Read(ref _book).Held.Select(r => r.Order)];

    public async Task LoadAsync(CancellationToken cancel) => Volatile.Write(ref _book, await documents.FindAsync<Book>(DocumentStore.Reservations, cancel) ?? new([], []));

    public Task AddAsync(Reservation r) => ChangeAsync(r.By, b => b with { Held = [.. b.Held, r] });

    public Task AgreeAsync(OrderId order, IEnumerable<OvertimeOffer> overtime, string by) =>
        ChangeAsync(by, b => b with { Overtime = [.. b.Overtime, .. overtime.Select(o => new AgreedOvertime(order, o))] });

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
        var (book, now) = (Volatile.Read(ref _book), clocks.Factory.GetUtcNow());
        var agreed = book.Overtime.Select(a => a.Offer).Concat(book.Held.SelectMany(r => r.Overtime)).Where(o => o.Range.To > now)
            .Where(o => !factory.Overtime.Any(x => x.Machine == o.Machine && x.Range.From < o.Range.To && o.Range.From < x.Range.To)).DistinctBy(o => (o.Machine, o.Range.From));
        return factory with { Overtime = [.. factory.Overtime, .. agreed] };
    }

    /// <summary>Tells in a plan what is only held, so that nobody is told to do it.</summary>
    public PlanOutcome Mark(PlanOutcome outcome)
    {
        var held = Volatile.Read(ref _book).Held;
        return outcome is PlanOutcome.Planned p && held.Length > 0
            ? p with { Plan = p.Plan with { Reserved = [.. held.Select(r => r.Order.Id).Where(id => p.Plan.Promises.Any(x => x.Order == id))] } } : outcome;
    }

    private async Task ChangeAsync(string by, Func<Book, Book> change)
    {
        await _keeping.WaitAsync(CancellationToken.None);
        try
        {
            var next = change(_book);
            if (next == _book) return;
            await documents.SaveAsync(DocumentStore.Reservations, next, by, CancellationToken.None);
            Volatile.Write(ref _book, next);
        }
        finally
        {
            _keeping.Release();
        }
        Changed?.Invoke();
    }

    public void Dispose() => _keeping.Dispose();
}
