using System.Collections.Concurrent;
using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Connect.Manual;

/// <summary>The running manual sources, by machine.</summary>
internal sealed class ManualDesk : IManualEntries
{
    private readonly ConcurrentDictionary<MachineId, ManualSource> _sources = [];

    public void Open(ManualSource source) => _sources[source.Settings.Machine] = source;
    public void Close(ManualSource source) => _sources.TryRemove(new(source.Settings.Machine, source));

    public ImmutableArray<ManualPoint> PointsOf(MachineId machine) => _sources.TryGetValue(machine, out var source) ? source.Points : [];

    public Task<ManualAnswer> EnterAsync(MachineId machine, ManualEntry entry, CancellationToken cancel) =>
        _sources.TryGetValue(machine, out var source) ? source.EnterAsync(entry, cancel)
        : Task.FromResult(new ManualAnswer(false, ManualRules.NotRunning, $"No manual connection of machine '{machine}' is running."));
}
