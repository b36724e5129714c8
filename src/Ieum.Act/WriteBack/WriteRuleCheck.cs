using Ieum.Model;

namespace Ieum.Act;

/// <summary>Whether a line may stand on the allow list.</summary>
public static class WriteRuleCheck
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    /// <summary>What is wrong with it, and by which rule; null when it can stand.</summary>
    /// <param name="signal">The signal as it is known now; null before it was first seen.</param>
    public static (string Rule, string Message)? Wrong(WriteRule r, Signal? signal, string address)
    {
        if (ControllerCommands.Why(r.Signal, signal?.Role ?? SignalRole.None, address) is { } why)
            return (WriteBackRules.Command, why + " Commands of a controller cannot be listed.");
        var wrong = Sentence(r, signal);
        return wrong is null ? null : (WriteBackRules.RuleWrong, $"'{r.Signal}': {wrong}");
    }

    private static string? Sentence(WriteRule r, Signal? signal) => r switch
    {
        { Signal.Name: null or { Length: 0 or > 512 } } => "the name of the signal must have 1 to 512 characters.",
        _ when !Unit.TryFind(r.Unit, out _) => $"'{r.Unit}' is not a common code of UN/ECE Recommendation 20 that this product knows.",
        _ when signal is not null && signal.Unit.Code != r.Unit => $"the signal is in {signal.Unit.Code} ({signal.Unit}); the limits must be in the same unit, not in {r.Unit}.",
        _ when r.Min is { } min && !double.IsFinite(min) || r.Max is { } max && !double.IsFinite(max) => "limits must be finite numbers.",
        _ when r.Min is null != r.Max is null => "lower and upper limit belong together; give both.",
        _ when r.Min > r.Max => $"the lower limit {r.Min} lies above the upper limit {r.Max}.",
        _ when r.MaxStep is { } step && !(step > 0 && double.IsFinite(step)) => "the greatest step must be greater than zero.",
        _ when r.Words.IsDefault || r.Words.Length > 100 || r.Words.Any(w => w.Length > 256) => "at most 100 words of at most 256 characters.",
        _ when signal is { Kind: ValueKind.Real or ValueKind.Integer } && r.Min is null => "a number needs a lower and an upper limit.",
        _ when signal is { Kind: ValueKind.Text } && r.Words.IsEmpty => "a text needs the words that may be written.",
        _ when r.Writes is < 1 or > 1000 => "1 to 1,000 writes.",
        _ when r.Per < TimeSpan.FromSeconds(1) || r.Per > Day => "the time of the rate is one second to one day.",
        _ when r.Role is not (PersonRole.Operator or PersonRole.Planner or PersonRole.Owner) => "the role is operator, planner or owner.",
        _ when r.ApproveWithin < TimeSpan.FromSeconds(10) || r.ApproveWithin > Day => "the time for approval is ten seconds to one day.",
        _ when !Enum.IsDefined(r.Hours) => "the hours are working, always or between.",
        _ when r.Hours == WriteHours.Between && (r.From == r.To || r.From < TimeSpan.Zero || r.To < TimeSpan.Zero || r.From > Day || r.To > Day) => "begin and end lie between 0:00 and 24:00 and differ.",
        _ when r.States.IsDefaultOrEmpty || r.States.Any(s => !Enum.IsDefined(s)) => "name at least one state of the machine.",
        _ when !(r.Tolerance >= 0 && double.IsFinite(r.Tolerance)) => "the tolerance must not be negative.",
        _ when r.UndoWithin < TimeSpan.Zero || r.UndoWithin > Day => "the time to take back is zero to one day.",
        _ => null,
    };
}
