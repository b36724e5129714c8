using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Record;

namespace Ieum.Node.Api;

/// <summary>Machines, their signals and their past.</summary>
internal static class MachineRoutes
{
    private const int MostSamples = 50_000;

    public static void Map(RouteGroupBuilder api)
    {
        var g = api.MapGroup("/machines").RequireAuthorization(Security.Policies.CanView).WithTags("machines");
        g.MapGet("/", (IShopFloor floor) => floor.Cards.Select(c => MachineDto.Of(c, floor.Company)).ToArray());
        g.MapGet("/{machine}", (string machine, IShopFloor floor) => Find(floor, machine) is { } c
            ? TypedResults.Ok(MachineDto.Of(c, floor.Company)) : Missing(machine)).Produces<MachineDto>();
        g.MapGet("/{machine}/values", (string machine, IShopFloor floor) => Find(floor, machine) is { } c
            ? TypedResults.Ok(floor.Values(c.Machine.Id).Select(ValueDto.Of).ToArray()) : Missing(machine)).Produces<ValueDto[]>();
        g.MapGet("/{machine}/signals", (string machine, IShopFloor floor, IRecorder recorder) => Find(floor, machine) is { } c
            ? TypedResults.Ok(recorder.Of(c.Machine.Id).Select(s => SignalDto.Of(s.Number, s.Signal)).ToArray()) : Missing(machine)).Produces<SignalDto[]>();
        g.MapGet("/{machine}/timeline", (string machine, DateTimeOffset? from, DateTimeOffset? to, IShopFloor floor, CancellationToken cancel) =>
            Past(floor, machine, from, to, async (id, range) => (await floor.TimelineAsync(id, range, cancel)).Select(SpanDto.Of).ToArray())).Produces<SpanDto[]>();
        g.MapGet("/{machine}/oee", (string machine, DateTimeOffset? from, DateTimeOffset? to, IShopFloor floor, CancellationToken cancel) =>
            Past(floor, machine, from, to, async (id, range) => OeeDto.Of(await floor.OeeAsync(id, range, cancel)))).Produces<OeeDto>();
        g.MapGet("/{machine}/alarms", (string machine, DateTimeOffset? from, DateTimeOffset? to, IShopFloor floor, CancellationToken cancel) =>
            Past(floor, machine, from, to, async (id, range) => (await floor.AlarmsAsync(id, range, cancel)).Select(AlarmDto.Of).ToArray())).Produces<AlarmDto[]>();
        g.MapGet("/{machine}/cycles", (string machine, DateTimeOffset? from, DateTimeOffset? to, IShopFloor floor, CancellationToken cancel) =>
            Past(floor, machine, from, to, async (id, range) => (await floor.CyclesAsync(id, range, cancel)).Select(CycleDto.Of).ToArray())).Produces<CycleDto[]>();

        var s = api.MapGroup("/signals").RequireAuthorization(Security.Policies.CanView).WithTags("signals");
        s.MapGet("/{number:int}/samples", SamplesAsync).Produces<SampleDto[]>();
        s.MapGet("/{number:int}/trend", (int number, DateTimeOffset? from, DateTimeOffset? to, double? stepSeconds, IShopFloor floor, IRecorder recorder, CancellationToken cancel) =>
            TrendAsync(number, from, to, stepSeconds, floor, recorder, cancel)).Produces<BucketDto[]>();
    }

    private static async Task<IResult> SamplesAsync(int number, DateTimeOffset? from, DateTimeOffset? to, IShopFloor floor, IRecorder recorder, CancellationToken cancel)
    {
        if (recorder.Find(new SignalNumber(number)) is null) return Problems.NotFound($"There is no signal {number}.");
        if (!TryRange(floor, from, to, out var range, out var wrong)) return wrong;
        var samples = new List<SampleDto>();
        await foreach (var sample in recorder.RangeAsync(new(number), range, cancel))
        {
            samples.Add(SampleDto.Of(sample));
            if (samples.Count > MostSamples)
                return Problems.Of(400, ApiRules.WrongRange, $"The range holds more than {MostSamples} samples; ask for a shorter one, or for the trend.");
        }
        return TypedResults.Ok(samples.ToArray());
    }

    private static async Task<IResult> TrendAsync(int number, DateTimeOffset? from, DateTimeOffset? to, double? stepSeconds, IShopFloor floor, IRecorder recorder, CancellationToken cancel)
    {
        if (recorder.Find(new SignalNumber(number)) is null) return Problems.NotFound($"There is no signal {number}.");
        if (!TryRange(floor, from, to, out var range, out var wrong)) return wrong;
        var step = stepSeconds ?? Math.Max(1, range.Duration.TotalSeconds / 300);
        if (!(step >= 0.001) || range.Duration.TotalSeconds / step > 10_000)
            return Problems.Of(400, ApiRules.WrongRange, "stepSeconds must be at least 0.001 and give at most 10000 steps.");
        return TypedResults.Ok((await floor.TrendAsync(new(number), range, TimeSpan.FromSeconds(step), cancel)).Select(BucketDto.Of).ToArray());
    }

    internal static async Task<IResult> Past<T>(IShopFloor floor, string machine, DateTimeOffset? from, DateTimeOffset? to, Func<MachineId, TimeRange, Task<T>> ask)
    {
        if (Find(floor, machine) is not { } card) return Missing(machine);
        return TryRange(floor, from, to, out var range, out var wrong) ? TypedResults.Ok(await ask(card.Machine.Id, range)) : wrong;
    }

    /// <summary>The asked range; the last eight hours when nothing is asked; at most 92 days.</summary>
    internal static bool TryRange(IShopFloor floor, DateTimeOffset? from, DateTimeOffset? to, out TimeRange range, out IResult wrong)
    {
        var end = to ?? floor.Now;
        var begin = from ?? end - TimeSpan.FromHours(8);
        (range, wrong) = (default, Results.Empty);
        if (begin > end || end - begin > TimeSpan.FromDays(92))
        {
            wrong = Problems.Of(400, ApiRules.WrongRange, "'from' must lie before 'to', at most 92 days before.");
            return false;
        }
        range = new(begin, end);
        return true;
    }

    internal static MachineCard? Find(IShopFloor floor, string machine) => Identifier.IsValid(machine) ? floor.Card(new(machine)) : null;

    private static IResult Missing(string machine) => Problems.NotFound($"There is no machine '{machine}'.");
}
