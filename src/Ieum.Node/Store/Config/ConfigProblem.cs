using System.Collections.Immutable;

namespace Ieum.Node.Store.Config;

/// <summary>One thing that is wrong in a configuration file.</summary>
/// <param name="Path">Where: a JSON path such as <c>$.company.sites[0].id</c>.</param>
/// <param name="Rule">Stable id of the rule, one of <see cref="ConfigRules"/>.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record ConfigProblem(string Path, string Rule, string Message);

/// <summary>A configuration file that cannot be used. Nothing was started and nothing was changed.</summary>
public sealed class ConfigException(string file, ImmutableArray<ConfigProblem> problems)
    : Exception(string.Join(Environment.NewLine, problems.Select(p => $"{file}: {p.Path}: {p.Message} [{p.Rule}]")))
{
    public string File { get; } = file;
    public ImmutableArray<ConfigProblem> Problems { get; } = problems;
}

/// <summary>Rules of the configuration file.</summary>
public static class ConfigRules
{
    public const string Unreadable = "config-unreadable";
    public const string BrokenJson = "config-broken-json";
    public const string UnknownKey = "config-unknown-key";
    public const string DoubleKey = "config-double-key";
    public const string MissingKey = "config-missing-key";
    public const string WrongType = "config-wrong-type";
    public const string WrongUnit = "config-wrong-unit";
    public const string WrongValue = "config-wrong-value";
    public const string OutOfRange = "config-out-of-range";
    public const string UnknownName = "config-unknown-name";

    public const string NewerFile = "config-newer-file";
    public const string OtherFile = "config-other-file";

    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [Unreadable] = "The configuration file cannot be read.",
        [BrokenJson] = "The configuration file is not JSON.",
        [UnknownKey] = "The configuration names a key that does not exist.",
        [DoubleKey] = "The configuration names a key twice in one object.",
        [MissingKey] = "The configuration lacks a required key.",
        [WrongType] = "A value of the configuration has the wrong JSON type.",
        [WrongUnit] = "A duration of the configuration lacks its unit or has a wrong one.",
        [WrongValue] = "A value of the configuration cannot be read.",
        [OutOfRange] = "A value of the configuration lies outside its range.",
        [NewerFile] = "The file was written by a newer version of the program.",
        [OtherFile] = "The file is of another kind than the one that is expected here.",
        [UnknownName] = "The configuration refers to a machine or item that it does not define.",
    };
}
