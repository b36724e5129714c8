using System.Collections.Frozen;

namespace Ieum.Plan.Across;

/// <summary>Stable ids of what planning across companies refuses.</summary>
public static class AcrossRules
{
    public const string Companies = "across-companies";
    public const string Unreadable = "across-unreadable";
    public const string NotAnInstance = "across-not-an-instance";
    public const string NobodyCan = "across-nobody-can";
    public const string Transport = "across-transport";
    public const string OutOfRange = "across-out-of-range";
    public const string UnknownMachine = "across-unknown-machine";
    public const string NoPlan = "across-no-plan";

    /// <summary>One English line per rule.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [Companies] = "The number of companies does not fit: from 2 to 26, and not more than there are machines.",
        [Unreadable] = "The file is not there or cannot be read.",
        [NotAnInstance] = "The file is no closed-book instance in the documented JSON format.",
        [NobodyCan] = "An operation can be done by nobody.",
        [Transport] = "Transport times contradict each other.",
        [OutOfRange] = "A number lies outside its range.",
        [UnknownMachine] = "A company or machine is named that does not exist.",
        [NoPlan] = "No plan came about.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
