using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;

namespace Ieum.Node.Cluster;

/// <summary>The machine as the node knows it now; one grain per machine id.</summary>
internal interface IMachineTwin : IGrainWithStringKey
{
    /// <summary>Takes what a source delivered; one call per batch, never per sample.</summary>
    Task IngestAsync([Immutable] SampleBatch batch);

    ValueTask<TwinView> ViewAsync();

    /// <summary>Told when <see cref="TwinView.Due"/> has come and nothing was heard.</summary>
    Task PassAsync(DateTimeOffset now);
}

/// <summary>A picture of a machine, never changed after it was taken.</summary>
/// <param name="Since">When state and overlay became what they are.</param>
/// <param name="LastData">Newest receive time of any sample; null before the first.</param>
/// <param name="Samples">Samples taken in since the node started.</param>
/// <param name="Past">Finished stretches of the last eight hours, oldest first.</param>
/// <param name="Cause">The word that set the present state.</param>
/// <param name="Due">When the state may change by time alone; null when it does not.</param>
internal sealed record TwinView(
    MachineId Machine, MachineState State, MachineOverlay Overlay, DateTimeOffset Since, string Cause, DateTimeOffset? LastData,
    long Samples, string? Program, long? PartCount, ImmutableArray<StateSpan> Past, DateTimeOffset? Due = null);

/// <summary>Where twins hang out their newest picture, so that pages read memory and no grain.</summary>
internal sealed class TwinBoard
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<MachineId, TwinView> _views = [];
    private long _version;

    /// <summary>Rises with every new picture.</summary>
    public long Version => Interlocked.Read(ref _version);

    public TwinView? Find(MachineId machine) => _views.GetValueOrDefault(machine);

    public void Hang(TwinView view)
    {
        _views[view.Machine] = view;
        Interlocked.Increment(ref _version);
    }
}
