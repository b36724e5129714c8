using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Node.Views;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>Two corrections, one of a set point that may not be written; judged as the real desk judges.</summary>
internal sealed class FakeCorrections(FakeFloor floor) : ICorrectionDesk
{
    private readonly List<SettingsChange> _changes = [];

    public event Action? Changed;

    public ImmutableArray<Correction> All { get; private set; } = floor.Company.Machines.Any() ?
    [
        new("cooling", new(new("B-L1"), "spindleTemp"), new(new("B-L1"), "coolantFlow"), 14, 45) { When = CorrectionTrigger.Above, Limit = 60, For = TimeSpan.FromMinutes(2), Settle = TimeSpan.FromMinutes(10) },
        new("quieter", new(new("B-MC3"), "Sload"), new(new("B-MC3"), "S1temp"), 80, 40),
    ] : [];

    public bool FromFile => _changes.Count == 0;

    public Task<IReadOnlyList<CorrectionFault>> SaveAsync(Correction correction, bool replace, string by, CancellationToken cancel)
    {
        var faults = CorrectionRules.Wrong(correction, [.. floor.Company.Machines.Select(m => m.Id)]);
        if (!replace && All.Any(c => c.Id == correction.Id)) faults = [.. faults, new(CorrectionRules.Taken, "id", "")];
        if (faults.Count == 0) Use([.. All.Where(c => c.Id != correction.Id), correction], correction.Id, by);
        return Task.FromResult(faults);
    }

    public Task<IReadOnlyList<CorrectionFault>> RemoveAsync(string id, string by, CancellationToken cancel)
    {
        Use([.. All.Where(c => c.Id != id)], id, by);
        return Task.FromResult<IReadOnlyList<CorrectionFault>>([]);
    }

    public Task<ImmutableArray<SettingsChange>> ChangesAsync(int most, CancellationToken cancel) => Task.FromResult(_changes.Take(most).ToImmutableArray());

    private void Use(ImmutableArray<Correction> next, string id, string by)
    {
        _changes.Insert(0, new(_changes.Count + 1, floor.Now, by, [new(id, "", next.FirstOrDefault(c => c.Id == id)?.Watch.ToString() ?? "")]));
        All = next;
        Changed?.Invoke();
    }
}
