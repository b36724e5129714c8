using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Connect.Manual;

/// <summary>How a person gives a value.</summary>
public enum ManualKind : byte { Number = 0, Choice = 1, Text = 2, Count = 3, State = 4 }

/// <summary>One thing that people enter at a machine.</summary>
/// <param name="Choices">Words to choose from; of a state: the reasons of a stop.</param>
/// <param name="Unit">Symbol beside a number; may be empty.</param>
public sealed record ManualPoint(string Name, ManualKind Kind, ImmutableArray<string> Choices, string Unit, string Description);

/// <summary>One value as it was entered.</summary>
/// <param name="Id">Made where it was entered; the same id counts once, however often it is sent.</param>
/// <param name="Value">As text: a number, a word, a count, <c>running</c> or <c>stopped</c>.</param>
/// <param name="Reason">Of a stop; null without.</param>
/// <param name="At">When it was entered.</param>
/// <param name="By">Who entered it.</param>
public sealed record ManualEntry(Guid Id, string Point, string Value, string? Reason, DateTimeOffset At, string By);

/// <param name="Rule">What was broken; null when it was taken.</param>
public sealed record ManualAnswer(bool Accepted, string? Rule, string Message);

/// <summary>Takes what people enter by phone and hands it to the machine's source.</summary>
public interface IManualEntries
{
    /// <summary>What can be entered at a machine; empty when it has no connection of the protocol <c>manual</c>.</summary>
    ImmutableArray<ManualPoint> PointsOf(MachineId machine);

    /// <summary>Completes when the entry stands in the node's queue, so that a phone may forget it.</summary>
    Task<ManualAnswer> EnterAsync(MachineId machine, ManualEntry entry, CancellationToken cancel);
}
