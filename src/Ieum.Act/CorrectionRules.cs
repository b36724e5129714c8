using System.Collections.Frozen;
using Ieum.Model;

namespace Ieum.Act;

/// <summary>What is wrong with a correction as somebody wrote it.</summary>
/// <param name="Rule">One of <see cref="CorrectionRules"/>.</param>
/// <param name="Field">As in <c>ieum.json</c>.</param>
public sealed record CorrectionFault(string Rule, string Field, string Message);

/// <summary>What a correction must keep to, wherever it is written; the pages translate the rules by <c>rule.&lt;id&gt;</c>.</summary>
public static class CorrectionRules
{
    public const string Name = "correction-name";
    public const string Taken = "correction-taken";
    public const string Machine = "correction-machine";
    public const string Signal = "correction-signal";
    public const string Itself = "correction-itself";
    public const string Number = "correction-number";
    public const string Limit = "correction-limit";
    public const string Target = "correction-target";
    public const string For = "correction-for";
    public const string Settle = "correction-settle";

    private const double Largest = 1e12;
    private static readonly TimeSpan Day = TimeSpan.FromDays(1), Least = TimeSpan.FromSeconds(10);

    /// <summary>Every rule with its English text.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [Name] = "A correction needs a name of 1 to 128 characters without '/'.",
        [Taken] = "Another correction has this name.",
        [Machine] = "The company has no such machine.",
        [Signal] = "The watched signal and the set point need a name of 1 to 512 characters.",
        [Itself] = "A signal cannot be corrected by itself.",
        [Number] = "Set value and target are numbers between -1e12 and 1e12.",
        [Limit] = "Above and below need a limit.",
        [Target] = "The target lies past the limit: reaching it would set the correction off again.",
        [For] = "The time past the limit lies between 0 s and 1 d.",
        [Settle] = "The time to settle lies between 10 s and 1 d.",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Everything that is wrong with it; empty when it may stand.</summary>
    /// <param name="c">A limit that was not given is <see cref="double.NaN"/>.</param>
    public static IReadOnlyList<CorrectionFault> Wrong(Correction c, IReadOnlyCollection<MachineId> machines)
    {
        ArgumentNullException.ThrowIfNull(c);
        ArgumentNullException.ThrowIfNull(machines);
        var (limited, faults) = (c.When != CorrectionTrigger.Anomaly, new List<CorrectionFault>());
        Check(Identifier.IsValid(c.Id), Name, "id", $"'{c.Id}' cannot name a correction: 1 to {Identifier.MaxLength} characters, no '/'.");
        Check(machines.Contains(c.Set.Machine), Machine, "machine", $"machine '{c.Set.Machine}' does not stand in company.");
        Check(IsName(c.Watch.Name), Signal, "watch", "watch names the signal that is looked at.");
        Check(IsName(c.Set.Name), Signal, "set", "set names the set point that is written.");
        Check(c.Watch != c.Set, Itself, "set", $"'{c.Set.Name}' would be corrected by itself; watch another signal.");
        Check(IsNumber(c.To), Number, "to", "to is a number between -1e12 and 1e12.");
        Check(IsNumber(c.Target), Number, "target", "target is a number between -1e12 and 1e12.");
        Check(!limited || IsNumber(c.Limit), Limit, "limit", "\"above\" and \"below\" need a limit.");
        Check(!limited || !c.IsPast(c.Target), Target, "target", $"target {FormattableString.Invariant($"{c.Target} lies past the limit {c.Limit}")}: reaching it would set the correction off again.");
        Check(c.For >= TimeSpan.Zero && c.For <= Day, For, "for", "for lies between 0 s and 1 d.");
        Check(c.Settle >= Least && c.Settle <= Day, Settle, "settle", "settle lies between 10 s and 1 d.");
        return faults;

        void Check(bool fits, string rule, string field, string message)
        {
            if (!fits) faults.Add(new(rule, field, message));
        }
    }

    private static bool IsName(string name) => name.Trim().Length is > 0 and <= 512;
    private static bool IsNumber(double value) => double.IsFinite(value) && Math.Abs(value) <= Largest;
}
