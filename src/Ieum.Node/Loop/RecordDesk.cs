using System.Collections.Immutable;
using Ieum.Node.Views;
using Ieum.Record;

namespace Ieum.Node.Loop;

/// <summary>The record seen by people; what is damaged is told until somebody says to have seen it.</summary>
internal sealed class RecordDesk(IRecorder recorder, IRecordHealth health, Intake intake, ILogger<RecordDesk> log) : IRecordDesk
{
    private long _seen;

    public RecordHealth Now => health.Now;
    public long Damaged => health.Damaged;
    public bool IsNew => Damaged > Interlocked.Read(ref _seen);
    public string? Trouble => intake.Trouble;
    public RecordRescue? Rescued => health.Rescued;

    public async Task<ImmutableArray<DamageLine>> DamageAsync(int most, CancellationToken cancel) =>
        [.. (await health.DamageAsync(most, cancel)).Select(d => new DamageLine(d, d.Signal is { } number ? recorder.Find(number) : null))];

    public void Seen(string by)
    {
        var now = Damaged;
        if (Interlocked.Exchange(ref _seen, now) != now) Log.DamageSeen(log, by, now);
    }
}
