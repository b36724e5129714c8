using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Record;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>A record with one of each kind of damage, when told so; in order else.</summary>
internal sealed class FakeRecord(FakeFloor floor) : IRecordDesk
{
    private bool _seen;

    public bool IsDamaged { get; set; }

    public RecordHealth Now => new(48_211_004, 12, 340, 18_200, 61, Damaged, 812_400_128);
    public long Damaged => IsDamaged ? 3 : 0;
    public bool IsNew => IsDamaged && !_seen;
    public string? Trouble => null;
    public RecordRescue? Rescued => IsDamaged ? new("/data/measurements.db.damaged-1", 81_233, 1, 1) : null;

    public Task<ImmutableArray<DamageLine>> DamageAsync(int most, CancellationToken cancel)
    {
        if (!IsDamaged) return Task.FromResult(ImmutableArray<DamageLine>.Empty);
        var signal = new Signal(new(new("B-MC1"), "Xload"), Unit.Percent, ValueKind.Real);
        var range = new TimeRange(floor.Now.AddHours(-30), floor.Now.AddHours(-29));
        return Task.FromResult<ImmutableArray<DamageLine>>(
        [
            new(new(floor.Now.AddMinutes(-12), DamagePart.Block, new(6), range, 8123, 4096, "checksum 3F5A21C0 instead of 77E0A1B2"), signal),
            new(new(floor.Now.AddHours(-2), DamagePart.OpenSamples, null, null, 17, 2210, "checksum 00000000 instead of 12FA55C1"), null),
            new(new(null, DamagePart.Page, new(6), range, 7001, 0, "page damaged: signal 6, 2026-11-22T18:00:00.0000000Z to 2026-11-22T19:00:00.0000000Z"), signal),
        ]);
    }

    public void Seen(string by) => _seen = true;
}
