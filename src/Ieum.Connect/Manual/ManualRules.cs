using System.Collections.Frozen;

namespace Ieum.Connect.Manual;

/// <summary>Rules about values that people enter.</summary>
public static class ManualRules
{
    public const string NoPoint = "manual-no-point";
    public const string ValueWrong = "manual-value-wrong";
    public const string TimeWrong = "manual-time-wrong";
    public const string NotRunning = "manual-not-running";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [NoPoint] = "The machine has no such point for manual entry.",
        [ValueWrong] = "The entered value does not fit its point.",
        [TimeWrong] = "The entry carries a time before 1990 or more than a day ahead.",
        [NotRunning] = "The connection for manual entry is not running now; the entry is kept on the phone.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
