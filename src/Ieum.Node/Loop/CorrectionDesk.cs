using System.Collections.Immutable;
using System.Text.Json;
using Ieum.Act;
using Ieum.Node.Store;
using Ieum.Node.Views;

namespace Ieum.Node.Loop;

/// <summary>The corrections: those of <c>ieum.json</c> until somebody changes one here, then those of the database.</summary>
/// <remarks>Every change stands in the audit of writes before it holds: who says what is written when decides what a machine does.</remarks>
internal sealed class CorrectionDesk(CorrectionLoop loop, FactoryState factory, DocumentStore documents, IWriteDesk writes) : ICorrectionDesk, IDisposable
{
    public const string Audited = "corrections";
    private readonly SemaphoreSlim _saving = new(1, 1);

    public event Action? Changed;

    public ImmutableArray<Correction> All => loop.Corrections;
    public bool FromFile { get; private set; } = true;

    public async Task LoadAsync(CancellationToken cancel)
    {
        if (await documents.FindAsync<Correction[]>(DocumentStore.Corrections, cancel) is not { } kept) return;
        FromFile = false;
        loop.Begin([.. kept]);
    }

    public Task<IReadOnlyList<CorrectionFault>> SaveAsync(Correction correction, bool replace, string by, CancellationToken cancel) => ChangeAsync(correction.Id, by, all =>
    {
        var faults = CorrectionRules.Wrong(correction, [.. factory.Company.Machines.Select(m => m.Id)]);
        var at = all.FindIndex(c => c.Id == correction.Id);
        if (at >= 0 && !replace) return (all, [.. faults, new(CorrectionRules.Taken, "id", $"'{correction.Id}' is there already.")]);
        var kept = correction.When == CorrectionTrigger.Anomaly ? correction with { Limit = 0 } : correction;
        return (faults.Count > 0 ? all : at < 0 ? all.Add(kept) : all.SetItem(at, kept), faults);
    }, cancel);

    public Task<IReadOnlyList<CorrectionFault>> RemoveAsync(string id, string by, CancellationToken cancel) =>
        ChangeAsync(id, by, all => (all.RemoveAll(c => c.Id == id), []), cancel);

    public Task<ImmutableArray<SettingsChange>> ChangesAsync(int most, CancellationToken cancel) => SettingsAudit.ReadAsync(writes, Audited, most, cancel);

    public void Dispose() => _saving.Dispose();

    private async Task<IReadOnlyList<CorrectionFault>> ChangeAsync(string id, string by, Func<ImmutableList<Correction>, (ImmutableList<Correction> Next, IReadOnlyList<CorrectionFault> Faults)> change, CancellationToken cancel)
    {
        await _saving.WaitAsync(cancel);
        try
        {
            var all = loop.Corrections.ToImmutableList();
            var (next, faults) = change(all);
            if (faults.Count > 0 || next.SequenceEqual(all)) return faults;
            if (await writes.NoteSettingsAsync(Audited, Facts(id, all), Facts(id, next), by, cancel) is { Ok: false } refused)
                return [new(refused.Rule ?? WriteBackRules.AuditClosed, "", refused.Message)];
            await documents.SaveAsync(DocumentStore.Corrections, next.ToArray(), by, CancellationToken.None);
            FromFile = false;
            await loop.UseAsync([.. next]);
        }
        finally
        {
            _saving.Release();
        }
        Changed?.Invoke();
        return [];
    }

    /// <summary>One correction as the audit keeps it: by its name, in one line without words of a language; empty where there is none.</summary>
    private static JsonElement Facts(string id, ImmutableList<Correction> all) =>
        JsonSerializer.SerializeToElement(new Dictionary<string, string> { [id] = all.Find(c => c.Id == id) is { } c ? Line(c) : "" }, DomainJson.Options);

    private static string Line(Correction c) => FormattableString.Invariant(
        $"{c.Watch} {c.When switch { CorrectionTrigger.Above => FormattableString.Invariant($"> {c.Limit} ({c.For})"), CorrectionTrigger.Below => FormattableString.Invariant($"< {c.Limit} ({c.For})"), _ => "!" }} → {c.Set.Name} = {c.To}; {c.Watch.Name} → {c.Target} ({c.Settle})");
}
