namespace Ieum.Record;

/// <summary>The recorder could not do what was asked. Nothing acknowledged before is touched by it.</summary>
/// <param name="rule">Stable id out of <see cref="RecordRules"/>; also the key of the translated text on the pages.</param>
/// <param name="message">What happened, to which file, and what the reader can do.</param>
public sealed class RecordException(string rule, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Rule { get; } = rule;
}
