using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Model;
using Ieum.Node.Cluster;
using Ieum.Node.Store;
using Ieum.Node.Views;

namespace Ieum.Node.Loop;

/// <summary>The ledger for people: read, decide, and have the decision carried out.</summary>
internal sealed class LoopDesk(ILoopLedger ledger, LoopStore store, PlanDesk plans, AnomalyWatch anomalies, BreakdownLoop breakdowns, CorrectionLoop corrections, IWriteDesk writes) : ILoopDesk
{
    public event Action? Changed
    {
        add => store.Changed += value;
        remove => store.Changed -= value;
    }

    public Task<IReadOnlyList<LoopEntry>> ListAsync(int most, CancellationToken cancel) => ledger.ListAsync(most, cancel);

    public Task<IReadOnlyList<LoopStanding>> StandingsAsync(CancellationToken cancel) => ledger.StandingsAsync(cancel);
    public Task<LoopStanding> LowerAsync(string loop, string by, CancellationToken cancel) => ledger.LowerAsync(loop, by, cancel);
    public Task<AuditVerdict> VerifyAsync(CancellationToken cancel) => ledger.VerifyAsync(cancel);
    public Task<LoopStanding> AllowAsync(string loop, AutonomyLevel most, string by, CancellationToken cancel) => ledger.AllowAsync(loop, most, by, cancel);

    public async Task<LoopEntry> UndoAsync(long number, string by, CancellationToken cancel) =>
        await ledger.FindAsync(number, cancel) is { Loop: CorrectionWatch.Loop } ? await corrections.UndoAsync(number, by, cancel) : await breakdowns.UndoAsync(number, by, cancel);

    public async Task<LoopEntry> VetoAsync(long number, string by, string? note, CancellationToken cancel) =>
        await ledger.FindAsync(number, cancel) is { ActsAt: not null, Decision: null }
            ? await DecideAsync(number, false, by, note, null, cancel) : throw new LoopRefusedException(LoopRules.NoVeto);

    public async Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, string? way, CancellationToken cancel)
    {
        var open = await ledger.FindAsync(number, cancel);
        if (open?.Loop == BreakdownWatch.Loop) return await breakdowns.DecideAsync(number, accepted, by, note, way, cancel);
        if (way is not null) throw new LoopRefusedException(LoopRules.NoWay, way);
        if (open?.Loop == CorrectionWatch.Loop) return await corrections.DecideAsync(number, accepted, by, note, cancel);
        if (accepted && open?.Loop is PlanDesk.ReplanLoop or PlanDesk.LearnedTimeLoop && writes.Stop is { } stop) throw new LoopRefusedException(LoopRules.Stopped, $"{stop.By}: {stop.Reason}");
        var entry = await ledger.DecideAsync(number, accepted, by, note, cancel);
        if (entry.Loop == AnomalyWatch.Loop)
        {
            await anomalies.SettledAsync(number, accepted, by);
            return await store.FindAsync(number, cancel) ?? entry;
        }
        if (!accepted)
        {
            await plans.SettledAsync(number);
            return entry;
        }
        // Without its times a plan would be made as if nothing had been learned, and the receipt would say otherwise.
        if (entry.Loop == PlanDesk.LearnedTimeLoop && !plans.Proposes(number))
            return await ledger.ReceiptAsync(number, false, LoopText.Of(LoopTexts.ReceiptTimesGone).ToString(), CancellationToken.None);
        // The world has moved on since the advice: it is planned from what is known now, for the advised reason.
        await plans.CarryOutAsync(number, entry.Loop == PlanDesk.LearnedTimeLoop ? "learned-time" : "late-operation");
        return await store.FindAsync(number, cancel) ?? entry;
    }
}

/// <summary>Reports from the shop floor, from the operator page and the API alike.</summary>
internal sealed class OperatorDesk(IDispatcher dispatcher, IGrainFactory grains, PlanDesk plans) : IOperatorDesk
{
    public event Action? Changed
    {
        add => plans.Changed += value;
        remove => plans.Changed -= value;
    }

    public ImmutableArray<Dispatch> For(MachineId machine) => dispatcher.For(machine);

    public ImmutableArray<LotChoice> LotsOf(OperationId operation) => ShopWork.LotsOf(operation, plans.Orders, dispatcher.Actuals);

    public async Task<ShopAnswer> ReportAsync(ShopEvent e, CancellationToken cancel)
    {
        var answer = await grains.GetGrain<IOrderTwin>(OrderGrain.OrderOf(e.Operation).Value).ReportAsync(e).WaitAsync(cancel);
        if (answer is { Accepted: true, Repeated: false }) plans.Told(e);
        return answer;
    }
}

/// <summary>The settings pages' hand on company, machines and connections.</summary>
internal sealed class SettingsDesk : ISettingsDesk
{
    private readonly FactoryState _factory;
    private readonly Intake _intake;
    private readonly Connect.IConnectRoom _connect;

    private readonly TemplateShelf _templates;

    public SettingsDesk(FactoryState factory, Intake intake, Connect.IConnectRoom connect, TemplateShelf templates, Connect.ICertificateTrust certificates)
    {
        (_factory, _intake, _connect, _templates, Certificates) = (factory, intake, connect, templates, certificates);
        factory.Changed += () => Changed?.Invoke();
        intake.Changed += () => Changed?.Invoke();
    }

    public event Action? Changed;

    public Company Company => _factory.Company;
    public ImmutableArray<ConnectionSettings> Connections => _intake.Connections;
    public IReadOnlyCollection<string> Protocols => _connect.Protocols;
    public SourceHealth? HealthOf(SourceId source) => _intake.HealthOf(source);

    /// <summary>Ten seconds of real time: long enough for a slow controller, short enough to wait for.</summary>
    public Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel) =>
        _connect.TestAsync(settings, TimeSpan.FromSeconds(10), cancel);

    public bool TakesPoints(string protocol) => _connect.TakesPoints(protocol);

    public async Task<IReadOnlyList<ScanHit>> ScanAsync(string addresses, string? protocol, IProgress<Connect.ScanProgress>? progress, CancellationToken cancel) =>
        await _connect.ScanAsync(await Connect.AddressRange.ReadAsync(addresses, cancel), protocol, progress, cancel);

    public Task<BrowseAnswer> BrowseAsync(ConnectionSettings settings, string? address, CancellationToken cancel) =>
        _connect.BrowseAsync(settings, address, TimeSpan.FromSeconds(15), cancel);

    /// <summary>Eight seconds: every polled value comes within one or two, most subscriptions within one.</summary>
    public Task<Connect.PreviewAnswer> PreviewAsync(ConnectionSettings settings, CancellationToken cancel) =>
        _connect.PreviewAsync(settings, TimeSpan.FromSeconds(8), cancel);

    public IReadOnlyList<ConnectionTemplate> Templates => _templates.All();
    public Connect.ICertificateTrust Certificates { get; }

    public Task SaveAsync(ConnectionSettings settings, string by, CancellationToken cancel) =>
        _factory.Company.Machines.Any(m => m.Id == settings.Machine)
            ? _intake.SaveAsync(settings, by, cancel)
            : throw new Connect.ConnectionSettingsException("connection-unknown-machine",
                $"Connection '{settings.Source}' names machine '{settings.Machine}', which the company does not have. Add the machine first.");

    public Task RemoveAsync(SourceId source, string by, CancellationToken cancel) => _intake.RemoveAsync(source, by, cancel);

    public Task SaveMachineAsync(string site, string area, string line, Machine machine, string by, CancellationToken cancel) =>
        _factory.SaveMachineAsync(site, area, line, machine, by, cancel);
}
