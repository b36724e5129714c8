using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Node.Views;

/// <summary>How one step of an item is done and checked.</summary>
/// <param name="Drawing">Number of the drawing; empty when there is none.</param>
/// <param name="Revision">Revision of the drawing that is in force.</param>
/// <param name="Lines">In the order in which they are done.</param>
/// <param name="Inspection">What is measured; names are unique.</param>
public sealed record WorkInstruction(ItemId Item, int Step, string Drawing, string Revision, ImmutableArray<InstructionLine> Lines, ImmutableArray<InspectionPoint> Inspection)
{
    public static WorkInstruction Empty(ItemId item, int step) => new(item, step, "", "", [], []);
}

/// <param name="Picture">Id of a picture of <see cref="IInstructionDesk.PictureAsync"/>; null without one.</param>
public sealed record InstructionLine(LocalName Text, string? Picture = null);

/// <param name="Lower">Lower limit in <paramref name="Unit"/>; null without one.</param>
/// <param name="Upper">Upper limit; null without one, else not below <paramref name="Lower"/>.</param>
/// <param name="Every">Every how many pieces it is measured; 1 or more.</param>
public sealed record InspectionPoint(string Name, double? Lower, double? Upper, string Unit, int Every);

/// <summary>What was measured on one piece of a lot.</summary>
/// <param name="Id">Made by the sender; the same id twice counts once.</param>
/// <param name="Piece">Number of the piece in its lot, from 1.</param>
/// <param name="Lot">Null: the lot that is being worked on, at first the order's own.</param>
public sealed record LotMeasurement(Guid Id, OperationId Operation, int Piece, ImmutableDictionary<string, double> Values, DateTimeOffset At, LotId? Lot = null);

/// <param name="Rule">One of <see cref="InstructionRules"/>; null when accepted.</param>
/// <param name="Outside">Characteristics outside their limits, in words with value and limit.</param>
public sealed record MeasurementAnswer(bool Accepted, string? Rule, string Message, ImmutableArray<string> Outside);

/// <summary>Work instructions with pictures, and the measurements taken by them.</summary>
public interface IInstructionDesk
{
    event Action? Changed;

    /// <summary>Null while none was written.</summary>
    WorkInstruction? For(ItemId item, int step);

    /// <summary>The instruction of an operation, with the lot that is being worked on; null when the operation is in no order.</summary>
    (WorkInstruction? Instruction, string Lot)? Of(OperationId operation);

    /// <exception cref="ArgumentException">Names stand twice, limits cross, or a picture is unknown; nothing was changed.</exception>
    Task SaveAsync(WorkInstruction instruction, string by, CancellationToken cancel);

    /// <summary>Keeps a picture (PNG, JPEG or WebP, at most 4 MiB) and gives its id; the same bytes have the same id.</summary>
    /// <exception cref="ArgumentException">It is no such picture.</exception>
    Task<string> AddPictureAsync(ReadOnlyMemory<byte> bytes, string by, CancellationToken cancel);

    Task<(byte[] Bytes, string ContentType)?> PictureAsync(string id, CancellationToken cancel);

    /// <summary>Takes a measurement in; it goes on into the control charts under its lot.</summary>
    Task<MeasurementAnswer> MeasureAsync(LotMeasurement measurement, string by, CancellationToken cancel);
}

/// <summary>Why a measurement is not taken; the pages translate them by <c>rule.&lt;id&gt;</c>.</summary>
public static class InstructionRules
{
    public const string UnknownOperation = "measure-unknown-operation";
    public const string UnknownCharacteristic = "measure-unknown-characteristic";
    public const string NotANumber = "measure-not-a-number";
    public const string Nothing = "measure-nothing";
    public const string LotOfAnother = "measure-lot-of-another";

    /// <summary>Every rule with its English text.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [UnknownOperation] = "The operation is in no order.",
        [UnknownCharacteristic] = "The inspection plan does not have this characteristic.",
        [NotANumber] = "A measured value is not a finite number, or the piece is below 1.",
        [Nothing] = "No value was measured.",
        [LotOfAnother] = "The lot belongs to another order.",
    };
}
