using System.Collections.Immutable;

namespace Ieum.Model;

/// <summary>When a signal may be written.</summary>
public enum WriteHours : byte
{
    /// <summary>While the machine's calendar works.</summary>
    Working = 0,
    /// <summary>At any time.</summary>
    Always = 1,
    /// <summary>Every day between <see cref="WriteRule.From"/> and <see cref="WriteRule.To"/>.</summary>
    Between = 2,
}

/// <summary>One line of the allow list: a signal that may be written, and within which bounds. What is not listed cannot be written.</summary>
/// <remarks>Every default is the careful one; whoever lists a signal has to loosen it knowingly.</remarks>
public sealed record WriteRule(SignalId Signal)
{
    /// <summary>UN/ECE common code that the limits are given in; must be the signal's unit when it is judged. <c>C62</c> for plain numbers, words and switches.</summary>
    public string Unit { get; init; } = "C62";

    /// <summary>Least value, in <see cref="Unit"/>. A number is writable only when both limits stand.</summary>
    public double? Min { get; init; }

    /// <summary>Greatest value, in <see cref="Unit"/>.</summary>
    public double? Max { get; init; }

    /// <summary>Greatest change against the value the machine holds, in <see cref="Unit"/>; null: within the limits any.</summary>
    public double? MaxStep { get; init; }

    /// <summary>Texts that may be written; a text is writable only when it stands here. <c>true</c> and <c>false</c> bound a switch.</summary>
    public ImmutableArray<string> Words { get; init; } = [];

    /// <summary>Writes that may be sent in any stretch of <see cref="Per"/>, 1 to 1,000.</summary>
    public int Writes { get; init; } = 6;

    /// <summary>One second to one day.</summary>
    public TimeSpan Per { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Least role of the person who asks, and of the one who approves; operator or higher.</summary>
    public PersonRole Role { get; init; } = PersonRole.Planner;

    /// <summary>Another person than the asker has to approve.</summary>
    public bool SecondPerson { get; init; } = true;

    /// <summary>How long a request waits for the second person, 10 s to 1 d.</summary>
    public TimeSpan ApproveWithin { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>A loop of the node may ask too; people approve as for a person.</summary>
    public bool Automatic { get; init; }

    public WriteHours Hours { get; init; } = WriteHours.Working;

    /// <summary>Time since local midnight; read with <see cref="WriteHours.Between"/>. A begin after the end passes midnight.</summary>
    public TimeSpan From { get; init; }
    public TimeSpan To { get; init; }

    /// <summary>States in which the machine may be written; at least one.</summary>
    public ImmutableArray<MachineState> States { get; init; } = [MachineState.Idle];

    /// <summary>Greatest difference between value sent and value read back that still counts as confirmed, in <see cref="Unit"/>.</summary>
    public double Tolerance { get; init; }

    /// <summary>How long after its receipt a write may be taken back, zero (never) to 1 d.</summary>
    public TimeSpan UndoWithin { get; init; } = TimeSpan.FromMinutes(10);

    public bool Equals(WriteRule? other) => other is not null && Signal == other.Signal && Unit == other.Unit && Min == other.Min && Max == other.Max
        && MaxStep == other.MaxStep && Words.SequenceEqual(other.Words) && Writes == other.Writes && Per == other.Per && Role == other.Role
        && SecondPerson == other.SecondPerson && ApproveWithin == other.ApproveWithin && Automatic == other.Automatic && Hours == other.Hours
        && From == other.From && To == other.To && States.SequenceEqual(other.States) && Tolerance == other.Tolerance && UndoWithin == other.UndoWithin;

    public override int GetHashCode() => HashCode.Combine(Signal, Unit, Min, Max, Role, SecondPerson);
}
