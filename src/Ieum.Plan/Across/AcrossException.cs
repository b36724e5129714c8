namespace Ieum.Plan.Across;

/// <summary>An instance, a file or an option that planning across companies refuses.</summary>
/// <param name="rule">Stable id of the rule; a key of <see cref="AcrossRules.All"/>.</param>
/// <param name="message">What is wrong, where, and what to do.</param>
public sealed class AcrossException(string rule, string message) : Exception(message)
{
    public string Rule { get; } = rule;
}
