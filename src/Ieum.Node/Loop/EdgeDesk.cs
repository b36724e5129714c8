using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Act;
using Ieum.Connect;
using Ieum.Connect.Sparkplug;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Ieum.Record;

namespace Ieum.Node.Loop;

/// <summary>Settings of the edge node: those of <c>ieum.json</c> until somebody changes them here, then those of the database.</summary>
/// <remarks>Every change stands in the audit of writes before it holds: who publishes decides who sees, and who may ask for writes.</remarks>
internal sealed class EdgeDesk(ISparkplugEdge edge, Intake intake, FactoryState factory, IRecorder recorder, DocumentStore documents, IWriteDesk writes, IWriteScene scene) : IEdgeDesk, IDisposable
{
    public const string Audited = "sparkplug-edge";

    private readonly SemaphoreSlim _saving = new(1, 1);

    public event Action? Changed;

    public SparkplugEdgeStatus Status => edge.Status;
    public Task<SparkplugEdgeStatus> CountAsync(CancellationToken cancel) => edge.CountAsync(cancel);
    public SparkplugEdgeSettings Settings => edge.Settings;
    public bool FromFile { get; private set; } = true;

    public async Task LoadAsync(CancellationToken cancel)
    {
        if (await documents.FindAsync<SparkplugEdgeSettings>(DocumentStore.SparkplugEdge, cancel) is not { } kept) return;
        FromFile = false;
        edge.Use(kept);
    }

    public IReadOnlyList<Signal> SignalsOf(MachineId machine) => [.. recorder.Of(machine).Select(s => s.Signal).OrderBy(s => s.Id.Name, StringComparer.Ordinal)];

    public async Task<IReadOnlyList<SparkplugEdgeFault>> SaveAsync(SparkplugEdgeSettings settings, string by, CancellationToken cancel)
    {
        var faults = new List<SparkplugEdgeFault>(SparkplugEdgeCheck.Wrong(settings, [.. factory.Company.Machines.Select(m => m.Id)]));
        if (Taken(settings) is { } taken)
            faults.Add(new(SparkplugRules.EdgeTaken, "node", $"connection '{taken.Source}' reads '{taken.Endpoint}' at the same broker; give this node another group or edge node id."));
        if (settings.WriteAs.Length > 0 && (await scene.RoleOfAsync(settings.WriteAs, cancel) ?? PersonRole.Viewer) < PersonRole.Operator)
            faults.Add(new(SparkplugRules.EdgeAccount, "writeAs", $"'{settings.WriteAs}' is no account that may ask for writes; make one with the role operator, or leave the field empty."));
        if (faults.Count > 0) return faults;
        await _saving.WaitAsync(cancel);
        try
        {
            if (settings == edge.Settings) return [];
            if (await writes.NoteSettingsAsync(Audited, Facts(edge.Settings), Facts(settings), by, cancel) is { Ok: false } refused)
                return [new(refused.Rule ?? WriteBackRules.AuditClosed, "", refused.Message)];
            await documents.SaveAsync(DocumentStore.SparkplugEdge, settings, by, CancellationToken.None);
            FromFile = false;
            edge.Use(settings);
        }
        finally
        {
            _saving.Release();
        }
        Changed?.Invoke();
        return [];
    }

    public Task<ImmutableArray<SettingsChange>> ChangesAsync(int most, CancellationToken cancel) => SettingsAudit.ReadAsync(writes, Audited, most, cancel);

    public void Dispose() => _saving.Dispose();

    /// <summary>The edge node of our own must not be one that we read: at one broker the pair of group and node names one node only (4.1).</summary>
    private ConnectionSettings? Taken(SparkplugEdgeSettings s)
    {
        var own = $"{s.GroupOf(factory.Company.Id)}/{s.Node}";
        return intake.Connections.FirstOrDefault(c => c.Protocol == "sparkplug" && c.Options.GetValueOrDefault("broker", "") == s.Broker
            && string.Join('/', c.Endpoint.Split('/').Take(2)).Equals(own, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>What the audit keeps: everything but the secret.</summary>
    private static JsonElement Facts(SparkplugEdgeSettings s) =>
        JsonSerializer.SerializeToElement(s with { Password = s.Password.Length > 0 ? "***" : "" }, DomainJson.Options);
}
