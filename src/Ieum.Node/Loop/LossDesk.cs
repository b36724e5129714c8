using System.Collections.Immutable;
using System.Globalization;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>Stops with their reasons, indicators, bottleneck and energy for pages and routes. Reasons are kept per machine and month.</summary>
internal sealed class LossDesk(
    IAnalyst analyst, PlanDesk plans, FactoryState factory, DocumentStore documents, IOptions<LossOptions> options, Clocks clocks) : ILossDesk, IDisposable
{
    private const string ReasonList = "stop-reasons";
    private const int MostShifts = 400;
    private readonly SemaphoreSlim _saving = new(1, 1);

    public event Action? Changed;

    /// <summary>What small shops answer most; a company puts its own words in their place.</summary>
    internal static ImmutableArray<StopReasonChoice> Defaults { get; } =
        [.. new[] { "material", "tool", "breakdown", "quality", "setup", "program", "operator", "maintenance", "meeting", "other" }.Select(k => new StopReasonChoice(k))];

    public TimeSpan AskAfter => options.Value.AskAfter;
    public ImmutableArray<StopReasonChoice> Reasons { get; private set; } = Defaults;

    public async Task LoadAsync(CancellationToken cancel)
    {
        if (await documents.FindAsync<StopReasonChoice[]>(ReasonList, cancel) is { Length: > 0 } own) Reasons = [.. own];
    }

    public async Task SaveReasonsAsync(ImmutableArray<StopReasonChoice> reasons, string by, CancellationToken cancel)
    {
        if (reasons.IsDefaultOrEmpty || reasons.Length > 40 || reasons.Any(r => !Identifier.IsValid(r.Key)) || reasons.DistinctBy(r => r.Key).Count() != reasons.Length)
            throw new ArgumentException("1 to 40 reasons, each with its own key of 1 to 128 characters without '/'.", nameof(reasons));
        await documents.SaveAsync(ReasonList, reasons.ToArray(), by, cancel);
        Reasons = reasons;
        Changed?.Invoke();
    }

    public async Task<ImmutableArray<ExplainedStop>> StopsAsync(MachineId machine, TimeRange range, CancellationToken cancel)
    {
        var stops = await analyst.StopsAsync(machine, range, factory.CalendarOf(machine), Work(machine, range), TimeSpan.Zero, cancel);
        var reasons = new List<StopReason>();
        for (var month = new DateTimeOffset(range.From.UtcDateTime.Year, range.From.UtcDateTime.Month, 1, 0, 0, 0, TimeSpan.Zero); month < range.To; month = month.AddMonths(1))
            reasons.AddRange(await documents.FindAsync<StopReason[]>(KeyOf(machine, month), cancel) ?? []);
        return StopLosses.Explain(stops, reasons);
    }

    public async Task<bool> ExplainAsync(StopReason reason, CancellationToken cancel)
    {
        if (!Reasons.Any(r => r.Key == reason.Reason)) return false;
        var key = KeyOf(reason.Machine, reason.At);
        await _saving.WaitAsync(cancel);
        try
        {
            var known = await documents.FindAsync<StopReason[]>(key, cancel) ?? [];
            if (known.Any(r => r.Id == reason.Id)) return true;
            await documents.SaveAsync(key, (StopReason[])[.. known, reason], reason.By, cancel);
        }
        finally
        {
            _saving.Release();
        }
        Changed?.Invoke();
        return true;
    }

    public Task<KpiAnswer> KpisAsync(MachineId machine, TimeRange range, CancellationToken cancel) =>
        analyst.KpisAsync(machine, range, factory.CalendarOf(machine), Work(machine, range), cancel);

    public Task<BottleneckAnswer> BottleneckAsync(TimeRange range, string? line, CancellationToken cancel) =>
        analyst.BottleneckAsync([.. from s in factory.Company.Sites from a in s.Areas from l in a.Lines where line is null || l.Id == line from m in l.Machines select m.Id], range, cancel);

    public Task<EnergyAnswer> EnergyAsync(MachineId machine, TimeRange range, CancellationToken cancel) =>
        analyst.EnergyAsync(machine, range, factory.CalendarOf(machine), Work(machine, range),
            options.Value.GridFactor is { } own ? new(factory.Company.Country, range.To.Year, own, "ieum.json", true) : GridFactors.Find(factory.Company.Country, range.To.Year), cancel);

    public ImmutableArray<TimeRange> ShiftsOf(MachineId machine, TimeRange range)
    {
        var calendar = factory.CalendarOf(machine);
        var shifts = ImmutableArray.CreateBuilder<TimeRange>();
        for (var day = DateOnly.FromDateTime(range.From.ToOffset(calendar.Offset).DateTime); shifts.Count < MostShifts; day = day.AddDays(1))
        {
            var midnight = new DateTimeOffset(day.ToDateTime(TimeOnly.MinValue), calendar.Offset);
            if (midnight >= range.To) break;
            foreach (var shift in calendar.ShiftsOn(day))
                if (range.Contains(midnight + shift.From)) shifts.Add(new(midnight + shift.From, midnight + shift.To));
        }
        return shifts.ToImmutable();
    }

    private ImmutableArray<OrderWork> Work(MachineId machine, TimeRange range) =>
        ShopWork.At(machine, range, clocks.Factory.GetUtcNow(), plans.Orders, plans.Actuals);

    private static string KeyOf(MachineId machine, DateTimeOffset at) =>
        string.Create(CultureInfo.InvariantCulture, $"stops/{machine}/{at.UtcDateTime:yyyy-MM}");

    public void Dispose() => _saving.Dispose();
}
