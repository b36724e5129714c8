using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ieum.Connect.Manual;
using Ieum.Model;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>Manual points of every machine, and what was entered; the same id counts once.</summary>
internal sealed class FakeEntries : IManualEntries
{
    public ConcurrentDictionary<Guid, ManualEntry> Entered { get; } = [];

    public ImmutableArray<ManualPoint> PointsOf(MachineId machine) =>
    [
        new("bore diameter", ManualKind.Number, [], "mm", "Measured with the bore gauge"),
        new("good pieces", ManualKind.Count, [], "pcs", ""),
        new("surface", ManualKind.Choice, ["OK", "NG"], "", ""),
        new("note", ManualKind.Text, [], "", ""),
        new("state", ManualKind.State, ["material", "tool change"], "", ""),
    ];

    public Task<ManualAnswer> EnterAsync(MachineId machine, ManualEntry entry, CancellationToken cancel)
    {
        Entered.TryAdd(entry.Id, entry);
        return Task.FromResult(new ManualAnswer(true, null, "Taken."));
    }
}
