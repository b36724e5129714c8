namespace Ieum.Plan;

/// <summary>A job shop file breaks the rules of its format. Nothing of it is used.</summary>
/// <param name="rule">Stable id, one of <see cref="PlanRules"/>.</param>
/// <param name="line">Line from 1; 0 where the whole file is meant.</param>
/// <param name="message">File, line, what stands there, what the format asks for.</param>
public sealed class JobShopFileException(string rule, int line, string message) : Exception(message)
{
    public string Rule { get; } = rule;
    public int Line { get; } = line;
}
