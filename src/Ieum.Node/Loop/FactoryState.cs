using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Store.Config;

namespace Ieum.Node.Loop;

/// <summary>The company with its calendars, in memory; changes go through here to the database.</summary>
internal sealed class FactoryState(NodeConfig config, DocumentStore documents) : IDisposable
{
    private readonly SemaphoreSlim _saving = new(1, 1);

    public event Action? Changed;

    public Company Company { get; private set; } = config.Company;

    public WorkCalendar CalendarOf(MachineId machine) => config.CalendarOf(machine);

    /// <summary>The company's own calendar; gives the day its begin.</summary>
    public WorkCalendar Calendar => config.Calendar;

    /// <summary>Products of the configuration file, and over them those that were handed in.</summary>
    public ImmutableArray<Product> Products { get; private set; } = config.Products;

    /// <summary>What planning knows besides machines, calendars and orders.</summary>
    public FactoryData Planning { get; private set; } = config.Planning;

    public PlanGoal Goal => config.Goal;

    public async Task LoadAsync(CancellationToken cancel)
    {
        Company = await documents.FindAsync<Company>(DocumentStore.Company, cancel) ?? config.Company;
        Products = Over(Products, await documents.FindAsync<Product[]>(DocumentStore.Products, cancel) ?? [], p => p.Id);
        Planning = Planning with
        {
            Materials = Over(Planning.Materials, await documents.FindAsync<MaterialStock[]>(DocumentStore.Materials, cancel) ?? [], m => m.Item),
            SetUpTables = Over(Planning.SetUpTables, await documents.FindAsync<SetUpTable[]>(DocumentStore.SetUpTables, cancel) ?? [], t => t.Id),
            Machines = Over(Planning.Machines, await documents.FindAsync<MachineRules[]>(DocumentStore.MachineRules, cancel) ?? [], m => m.Machine),
        };
    }

    /// <summary>Adds or replaces products; orders that were taken keep the routing they were taken with.</summary>
    public Task SaveProductsAsync(IReadOnlyCollection<Product> changed, string by, CancellationToken cancel) => KeepAsync(DocumentStore.Products, changed, p => p.Id, all => Products = Over(Products, all, p => p.Id), by, cancel);

    public Task SaveStockAsync(IReadOnlyCollection<MaterialStock> changed, string by, CancellationToken cancel) =>
        KeepAsync(DocumentStore.Materials, changed, m => m.Item, all => Planning = Planning with { Materials = Over(Planning.Materials, all, m => m.Item) }, by, cancel);

    /// <param name="uses">Machines that are set up by a table from now on.</param>
    public async Task SaveSetUpsAsync(IReadOnlyCollection<SetUpTable> changed, IReadOnlyCollection<(MachineId Machine, string Table)> uses, string by, CancellationToken cancel)
    {
        await KeepAsync(DocumentStore.SetUpTables, changed, t => t.Id, all => Planning = Planning with { SetUpTables = Over(Planning.SetUpTables, all, t => t.Id) }, by, cancel);
        var rules = uses.Select(u => (Planning.Machines.FirstOrDefault(m => m.Machine == u.Machine) ?? new MachineRules(u.Machine)) with { SetUpTable = u.Table }).ToList();
        await KeepAsync(DocumentStore.MachineRules, rules, m => m.Machine, all => Planning = Planning with { Machines = Over(Planning.Machines, all, m => m.Machine) }, by, cancel);
    }

    /// <summary>Writes what was handed in so far together with what changed; the file's own things are not copied, so that it can still change them.</summary>
    private async Task KeepAsync<T, TId>(string key, IReadOnlyCollection<T> changed, Func<T, TId> idOf, Action<T[]> take, string by, CancellationToken cancel) where T : class where TId : notnull
    {
        if (changed.Count == 0) return;
        await _saving.WaitAsync(cancel);
        try
        {
            T[] all = [.. Over([.. await documents.FindAsync<T[]>(key, cancel) ?? []], changed, idOf)];
            await documents.SaveAsync(key, all, by, cancel);
            take(all);
        }
        finally
        {
            _saving.Release();
        }
        Changed?.Invoke();
    }

    private static ImmutableArray<T> Over<T, TId>(ImmutableArray<T> under, IEnumerable<T> over, Func<T, TId> idOf) where TId : notnull
    {
        var by = over.ToDictionary(idOf);
        return [.. under.Select(u => by.Remove(idOf(u), out var o) ? o : u), .. by.Values];
    }

    /// <summary>Midnight of the local day in which <paramref name="now"/> lies.</summary>
    public DateTimeOffset DayBegin(DateTimeOffset now)
    {
        var local = now.ToOffset(Calendar.Offset);
        return new(local.Date, local.Offset);
    }

    /// <summary>Puts a machine at a line, which is made when new; a machine that stood elsewhere moves.</summary>
    public async Task SaveMachineAsync(string site, string area, string line, Machine machine, string by, CancellationToken cancel)
    {
        foreach (var name in (string[])[site, area, line])
            if (!Identifier.IsValid(name)) throw new ArgumentException($"'{name}' cannot name a site, area or line: 1 to {Identifier.MaxLength} characters, no '/', no blanks at the ends.");
        await _saving.WaitAsync(cancel);
        try
        {
            var next = Place(Company, site, area, line, machine);
            await documents.SaveAsync(DocumentStore.Company, next, by, cancel);
            Company = next;
        }
        finally
        {
            _saving.Release();
        }
        Changed?.Invoke();
    }

    internal static Company Place(Company company, string site, string area, string line, Machine machine)
    {
        var without = company.Sites.Select(s => s with
        {
            Areas = [.. s.Areas.Select(a => a with { Lines = [.. a.Lines.Select(l => l with { Machines = Keep(l, s.Id == site && a.Id == area && l.Id == line) })] })],
        }).ToImmutableArray();
        return new(company.Id, company.Name, company.Country, Into(without, s => s.Id == site, () => new Site(site, LocalName.Same(site), []),
            s => s with
            {
                Areas = Into(s.Areas, a => a.Id == area, () => new Area(area, LocalName.Same(area), []),
                    a => a with
                    {
                        Lines = Into(a.Lines, l => l.Id == line, () => new ProductionLine(line, LocalName.Same(line), []),
                            l => l with { Machines = Into(l.Machines, m => m.Id == machine.Id, () => machine, _ => machine) }),
                    }),
            }));

        // In its own line the machine keeps its place; everywhere else it goes.
        ImmutableArray<Machine> Keep(ProductionLine l, bool own) => own ? l.Machines : l.Machines.RemoveAll(m => m.Id == machine.Id);
    }

    private static ImmutableArray<T> Into<T>(ImmutableArray<T> list, Func<T, bool> which, Func<T> made, Func<T, T> changed)
    {
        for (var i = 0; i < list.Length; i++)
            if (which(list[i])) return list.SetItem(i, changed(list[i]));
        return list.Add(changed(made()));
    }

    public void Dispose() => _saving.Dispose();
}
