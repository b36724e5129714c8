using Ieum.Node.Security;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <summary>How the record is doing, and what of it is damaged.</summary>
internal static class RecordRoutes
{
    public static void Map(RouteGroupBuilder api) => api.MapGet("/record/damage", async (int? most, IRecordDesk desk, CancellationToken cancel) =>
        new DamageDto(desk.Damaged, desk.Rescued is { } r ? new(Path.GetFileName(r.KeptAs), r.Rows, r.Stretches, r.Blocks) : null,
            [.. (await desk.DamageAsync(Math.Clamp(most ?? 1000, 1, 10_000), cancel)).Select(l => new DamageLineDto(l.Damage.Found, WriteCheckDto.Word(l.Damage.Part),
                l.Signal?.Id.Machine.Value, l.Signal?.Id.Name, l.Damage.Range?.From, l.Damage.Range?.To, l.Damage.Row, l.Damage.Bytes, l.Damage.Reason))]))
        .RequireAuthorization(Policies.CanView).WithTags("history");
}

/// <param name="Damaged">How much is known to be damaged since the start.</param>
/// <param name="Rescued">What was saved of a damaged file at this start; null when it was in order.</param>
internal sealed record DamageDto(long Damaged, RescueDto? Rescued, DamageLineDto[] Lines);

/// <param name="KeptAs">Name of the damaged file in the data folder.</param>
internal sealed record RescueDto(string KeptAs, long Rows, int Stretches, int Blocks);

/// <param name="Part"><c>block</c>, <c>openSamples</c> or <c>page</c>.</param>
/// <param name="To">First instant after the lost samples.</param>
internal sealed record DamageLineDto(DateTimeOffset? Found, string Part, string? Machine, string? Signal, DateTimeOffset? From, DateTimeOffset? To, long Row, int Bytes, string Reason);
