using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Model;
using Ieum.Plan;

namespace Ieum.Node.Views;

/// <summary>What the plan page reads and asks for.</summary>
public interface IPlanDesk
{
    /// <summary>Raised after a new plan, an actual or the planning progress changed; on any thread.</summary>
    event Action? Changed;

    PlanVersion? InForce { get; }

    /// <summary>Newest first; at most the last 50.</summary>
    ImmutableArray<PlanVersion> History { get; }
    ImmutableArray<Order> Orders { get; }
    ImmutableArray<OperationActual> Actuals { get; }
    ImmutableArray<LateOperation> Late { get; }

    /// <summary>Where measured times replaced nominal ones in the plan in force.</summary>
    ImmutableArray<TimeUsed> TimesUsed { get; }
    WorkCalendar CalendarOf(MachineId machine);

    /// <summary>What is wrong with the data that the plan in force was made from: row, field, rule and remedy. Kept over a restart.</summary>
    ImmutableArray<PlanConflict> Findings { get; }

    /// <summary>When a solve is under way: since when (factory clock); else null.</summary>
    DateTimeOffset? SolvingSince { get; }

    /// <summary>Plans anew and puts a verified plan into force; every call stands in the loop ledger.</summary>
    Task<PlanOutcome> ReplanAsync(string reason, string by, CancellationToken cancel);

    Task AddOrderAsync(Order order, string by, CancellationToken cancel);
}

/// <summary>What the operator page reads and reports; the REST API uses the same desk.</summary>
public interface IOperatorDesk
{
    event Action? Changed;
    ImmutableArray<Dispatch> For(MachineId machine);

    /// <summary>The lots an operation's pieces may belong to, the order's own first; empty for an operation of no order. Another number may be written as well.</summary>
    ImmutableArray<LotChoice> LotsOf(OperationId operation);
    Task<ShopAnswer> ReportAsync(ShopEvent e, CancellationToken cancel);
}

/// <summary>A lot that work on an operation may be reported for.</summary>
/// <param name="IsCurrent">It is being worked on; before the start the order's own.</param>
/// <param name="Coming">Good pieces that the step before gave of it; null where nothing was counted there.</param>
/// <param name="Good">Good pieces reported of it at this operation.</param>
/// <param name="Scrap">Scrapped pieces reported of it at this operation.</param>
public sealed record LotChoice(LotId Lot, bool IsCurrent, int? Coming, int Good, int Scrap);

/// <summary>What the settings pages read and change.</summary>
public interface ISettingsDesk
{
    event Action? Changed;
    Company Company { get; }
    ImmutableArray<ConnectionSettings> Connections { get; }
    SourceHealth? HealthOf(SourceId source);

    /// <summary>Between which values a signal normally lies, as its connection says; null: not known.</summary>
    ValueRange? RangeOf(SignalId signal) => Connections.Where(c => c.Machine == signal.Machine).SelectMany(c => c.Points).FirstOrDefault(p => p.Name == signal.Name)?.Range;
    IReadOnlyCollection<string> Protocols { get; }
    Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel);

    /// <summary>Whether a protocol is asked point by point.</summary>
    bool TakesPoints(string protocol);

    /// <summary>Looks for counterparts at the addresses a person wrote.</summary>
    /// <exception cref="Connect.ConnectionSettingsException">The addresses cannot be read, or are too many.</exception>
    Task<IReadOnlyList<ScanHit>> ScanAsync(string addresses, string? protocol, IProgress<Connect.ScanProgress>? progress, CancellationToken cancel);
    Task<BrowseAnswer> BrowseAsync(ConnectionSettings settings, string? address, CancellationToken cancel);

    /// <summary>Live values before anything is saved.</summary>
    /// <exception cref="Connect.ConnectionSettingsException">The settings cannot be used.</exception>
    Task<Connect.PreviewAnswer> PreviewAsync(ConnectionSettings settings, CancellationToken cancel);

    /// <summary>Ready settings for kinds of machines: those of the product and those of the data folder's <c>templates</c>.</summary>
    IReadOnlyList<ConnectionTemplate> Templates { get; }

    /// <summary>Certificates of OPC UA counterparts.</summary>
    Connect.ICertificateTrust Certificates { get; }

    /// <summary>Adds or replaces a connection and starts it at once.</summary>
    /// <exception cref="Connect.ConnectionSettingsException">The settings cannot be used; nothing was changed.</exception>
    Task SaveAsync(ConnectionSettings settings, string by, CancellationToken cancel);
    Task RemoveAsync(SourceId source, string by, CancellationToken cancel);

    /// <summary>Adds or renames a machine at a line of the hierarchy (site, area and line are made when new).</summary>
    Task SaveMachineAsync(string site, string area, string line, Machine machine, string by, CancellationToken cancel);
}

/// <summary>A start for a connection, by kind of machine; kept as a file.</summary>
/// <param name="Settings">As they would be saved; machine and source are placeholders, the address an example.</param>
public sealed record ConnectionTemplate(string Id, LocalName Name, LocalName Note, ConnectionSettings Settings);
