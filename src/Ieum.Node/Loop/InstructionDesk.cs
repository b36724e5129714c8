using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Store;
using Ieum.Node.Views;

namespace Ieum.Node.Loop;

/// <summary>Work instructions as one document each kind of thing: the instructions together, every picture on its own.</summary>
internal sealed class InstructionDesk(DocumentStore documents, PlanDesk plans, QualityDesk quality) : IInstructionDesk, IDisposable
{
    private const string Key = "instructions", PictureKey = "picture/";
    private const int LargestPicture = 4 * 1024 * 1024;
    private readonly SemaphoreSlim _saving = new(1, 1);
    private ImmutableDictionary<(ItemId, int), WorkInstruction> _all = ImmutableDictionary<(ItemId, int), WorkInstruction>.Empty;

    private sealed record Picture(string ContentType, string Base64);

    public event Action? Changed;

    public async Task LoadAsync(CancellationToken cancel) =>
        _all = (await documents.FindAsync<WorkInstruction[]>(Key, cancel) ?? []).ToImmutableDictionary(i => (i.Item, i.Step));

    public WorkInstruction? For(ItemId item, int step) => _all.GetValueOrDefault((item, step));

    public (WorkInstruction? Instruction, string Lot)? Of(OperationId operation)
    {
        var id = Cluster.OrderGrain.OrderOf(operation);
        if (plans.Orders.FirstOrDefault(o => o.Id == id) is not { } order) return null;
        var step = order.Routings.SelectMany(r => r.WorkSteps).FirstOrDefault(s => OperationId.Of(order.Id, s.Number) == operation);
        var lot = plans.Actuals.FirstOrDefault(a => a.Operation == operation)?.Lot ?? order.OwnLot;
        return step is null ? null : (For(order.Item, step.Number), lot.Value);
    }

    public async Task SaveAsync(WorkInstruction instruction, string by, CancellationToken cancel)
    {
        if (instruction.Inspection.FirstOrDefault(p => string.IsNullOrWhiteSpace(p.Name) || p.Every < 1 || p.Lower > p.Upper) is { } wrong)
            throw new ArgumentException($"Characteristic '{wrong.Name}' needs a name, limits that do not cross, and a piece count of 1 or more.");
        if (instruction.Inspection.GroupBy(p => p.Name).FirstOrDefault(g => g.Count() > 1) is { } twice) throw new ArgumentException($"Characteristic '{twice.Key}' stands twice.");
        foreach (var picture in instruction.Lines.Select(l => l.Picture).OfType<string>())
            if (await PictureAsync(picture, cancel) is null) throw new ArgumentException($"There is no picture '{picture}'. Hand it in first.");
        await _saving.WaitAsync(cancel);
        try
        {
            var next = _all.SetItem((instruction.Item, instruction.Step), instruction);
            await documents.SaveAsync(Key, next.Values.OrderBy(i => i.Item.Value, StringComparer.Ordinal).ThenBy(i => i.Step).ToArray(), by, cancel);
            _all = next;
        }
        finally
        {
            _saving.Release();
        }
        Changed?.Invoke();
    }

    public async Task<string> AddPictureAsync(ReadOnlyMemory<byte> bytes, string by, CancellationToken cancel)
    {
        if (bytes.Length > LargestPicture) throw new ArgumentException($"The picture is larger than {LargestPicture / 1_048_576} MiB. Make it smaller.");
        // Told by content: a name can say anything, and a browser must never run what is shown as a picture.
        var kind = bytes.Span is [0x89, (byte)'P', (byte)'N', (byte)'G', ..] ? "image/png" : bytes.Span is [0xFF, 0xD8, 0xFF, ..] ? "image/jpeg"
            : bytes.Span is [(byte)'R', (byte)'I', (byte)'F', (byte)'F', _, _, _, _, (byte)'W', (byte)'E', (byte)'B', (byte)'P', ..] ? "image/webp"
            : throw new ArgumentException("The file is no PNG, JPEG or WebP picture.");
        var id = Convert.ToHexStringLower(SHA256.HashData(bytes.Span))[..32];
        await documents.SaveAsync(PictureKey + id, new Picture(kind, Convert.ToBase64String(bytes.Span)), by, cancel);
        return id;
    }

    public async Task<(byte[] Bytes, string ContentType)?> PictureAsync(string id, CancellationToken cancel) =>
        id.Length == 32 && id.All(char.IsAsciiHexDigitLower) && await documents.FindAsync<Picture>(PictureKey + id, cancel) is { } p ? (Convert.FromBase64String(p.Base64), p.ContentType) : null;

    public async Task<MeasurementAnswer> MeasureAsync(LotMeasurement measurement, string by, CancellationToken cancel)
    {
        if (Of(measurement.Operation) is not { } of) return No(InstructionRules.UnknownOperation);
        if (measurement.Values.IsEmpty) return No(InstructionRules.Nothing);
        if (measurement.Piece < 1 || measurement.Values.Values.Any(v => !double.IsFinite(v))) return No(InstructionRules.NotANumber);
        var plan = of.Instruction?.Inspection.ToDictionary(p => p.Name, StringComparer.Ordinal) ?? [];
        if (measurement.Values.Keys.Any(k => !plan.ContainsKey(k))) return No(InstructionRules.UnknownCharacteristic);
        if (measurement.Lot is { } named && LotBook.IsOfAnother(plans.Orders, Cluster.OrderGrain.OrderOf(measurement.Operation), named)) return No(InstructionRules.LotOfAnother);
        var lot = measurement.Lot?.Value ?? of.Lot;
        var values = of.Instruction!.Inspection.Where(p => measurement.Values.ContainsKey(p.Name)).Select(p => new GaugeValue(
            string.Create(CultureInfo.InvariantCulture, $"{lot}#{measurement.Piece}"), $"{of.Instruction.Item} {p.Name}", measurement.At, measurement.Values[p.Name], p.Lower, p.Upper, p.Unit)).ToImmutableArray();
        await quality.AddMeasuredAsync(measurement.Id, values, by, cancel);
        return new(true, null, "Taken.", [.. values.Where(v => !v.IsGood).Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Characteristic} {v.Value} {v.Unit} ({v.Lower} … {v.Upper})"))]);
    }

    private static MeasurementAnswer No(string rule) => new(false, rule, InstructionRules.All[rule], []);

    public void Dispose() => _saving.Dispose();
}
