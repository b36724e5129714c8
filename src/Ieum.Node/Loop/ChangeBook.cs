using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Node.Loop;

/// <summary>What people told about machines, people and material, kept in the database; every plan counts with it until it is over.</summary>
internal sealed class ChangeBook(DocumentStore documents, Clocks clocks) : KeptDocument<ToldChange[]>(documents, DocumentStore.PlanChanges, [])
{
    public ImmutableArray<ToldChange> Told => [.. Open(Kept)];

    public PlanRequest With(PlanRequest request) => request.With(Told.Select(t => t.Change));

    /// <summary>Until when people said that a machine stands; null when nobody did.</summary>
    public DateTimeOffset? StandsUntil(MachineId machine) =>
        Told.Select(t => t.Change).OfType<PlanChange.MachineDown>().Where(d => d.Machine == machine && d.Range.From <= clocks.Factory.GetUtcNow()).Select(d => (DateTimeOffset?)d.Range.To).Max();

    public Task AddAsync(IReadOnlyCollection<ToldChange> more, string by) => more.Count == 0 ? Task.CompletedTask : ChangeAsync(by, told => [.. Open(told), .. more]);

    /// <returns>False when nothing of that name is told.</returns>
    public async Task<bool> EndAsync(string id, string by)
    {
        if (Told.All(t => t.Id != id)) return false;
        await ChangeAsync(by, told => [.. Open(told).Where(t => t.Id != id)]);
        return true;
    }

    /// <summary>What is over goes with the next change.</summary>
    private IEnumerable<ToldChange> Open(ToldChange[] told)
    {
        var now = clocks.Factory.GetUtcNow();
        return told.Where(t => t.Change.Ends() is not { } end || end > now);
    }
}
