using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Node.Views;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>One instruction for the first step of valve bodies: two lines, a bore and a length to measure.</summary>
internal sealed class FakeInstructions(FakePlan plan) : IInstructionDesk
{
    private static readonly WorkInstruction Body = new(new("VLV-BODY-20A"), 10, "SB-1104", "C",
        [new(new("척에 물리고 조 3개를 고르게 조입니다.", "チャックに取り付け、爪3本を均等に締めます。", "Chuck the body and tighten the three jaws evenly.")), new(new("내경을 끝까지 다듬습니다.", "内径を最後まで仕上げます。", "Finish the bore to its end."))],
        [new("bore", 20, 20.021, "mm", 5), new("length", null, 84.5, "mm", 10)]);

    public event Action? Changed;
    public List<LotMeasurement> Measured { get; } = [];
    public List<WorkInstruction> Saved { get; } = [];

    public WorkInstruction? For(ItemId item, int step) => Saved.LastOrDefault(i => i.Item == item && i.Step == step) ?? (item == Body.Item && step == Body.Step ? Body : null);

    public (WorkInstruction? Instruction, string Lot)? Of(OperationId operation)
    {
        var at = operation.Value.LastIndexOf('.');
        return plan.Orders.FirstOrDefault(o => o.Id.Value == operation.Value[..at]) is { } order
            ? (For(order.Item, int.Parse(operation.Value[(at + 1)..], System.Globalization.CultureInfo.InvariantCulture)), order.Id.Value) : null;
    }

    public Task SaveAsync(WorkInstruction instruction, string by, CancellationToken cancel)
    {
        Saved.Add(instruction);
        Changed?.Invoke();
        return Task.CompletedTask;
    }

    public Task<string> AddPictureAsync(ReadOnlyMemory<byte> bytes, string by, CancellationToken cancel) => Task.FromResult(new string('a', 32));
    public Task<(byte[] Bytes, string ContentType)?> PictureAsync(string id, CancellationToken cancel) => Task.FromResult<(byte[], string)?>(null);

    public Task<MeasurementAnswer> MeasureAsync(LotMeasurement measurement, string by, CancellationToken cancel)
    {
        Measured.Add(measurement);
        return Task.FromResult(new MeasurementAnswer(true, null, "", ImmutableArray<string>.Empty));
    }
}
