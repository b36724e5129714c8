using System.Collections.Immutable;

namespace Ieum.Analyze;

/// <summary>What a machine did during one recording.</summary>
/// <param name="File">The path as it was asked for.</param>
/// <param name="Machine">Name of the machine, from the file name.</param>
/// <param name="From">Stamp of the first event; of the newest snapshot line when nothing happened.</param>
/// <param name="To">Stamp of the last event.</param>
/// <param name="Seconds">Together they are <paramref name="To"/> minus <paramref name="From"/>.</param>
/// <param name="ActiveTransitions">How often execution became ACTIVE from another word.</param>
/// <param name="Faults">How often an alarm went to fault level; an alarm repeated while it is on counts once.</param>
/// <param name="PartCount">Parts made: the sum of all rises of the counter.</param>
/// <param name="Lines">Lines that were read, broken ones included; comments and assets not.</param>
/// <param name="SnapshotLines">Of these, lines at the head that tell how things stood before the recording began.</param>
/// <param name="BrokenLines">Of these, lines that could not be used.</param>
/// <param name="Problems">Broken rules, each once with its count.</param>
public sealed record RecordingStates(
    string File, string Machine, DateTimeOffset From, DateTimeOffset To, StateSeconds Seconds,
    int ActiveTransitions, int Faults, long PartCount,
    long Lines, long SnapshotLines, long BrokenLines, ImmutableArray<RecordingProblem> Problems);

/// <summary>Seconds in each state.</summary>
public sealed record StateSeconds(double Running, double Idle, double Stopped, double Offline, double Unknown);

/// <param name="Rule">One of <see cref="AnalyzeRules"/>.</param>
/// <param name="FirstLine">Where it was broken first; 1 is the first line of the file, 0 the file as a whole.</param>
public sealed record RecordingProblem(string Rule, long Count, long FirstLine, string Message);

/// <summary>A file that could not be analysed at all.</summary>
/// <param name="Rule">One of <see cref="AnalyzeRules"/>.</param>
/// <param name="Message">What is wrong and what to do.</param>
public sealed record RecordingError(string File, string Rule, string Message);

/// <summary>The answer of <c>analyze states</c>: one entry per file that could be read, in the order asked.</summary>
public sealed record RecordingReport(ImmutableArray<RecordingStates> Files, ImmutableArray<RecordingError> Errors)
{
    /// <summary>The JSON document of <c>analyze states --json</c>: camelCase, times in UTC as ISO 8601.</summary>
    public string ToJson() => System.Text.Json.JsonSerializer.Serialize(this, RecordingJson.Context.RecordingReport);
}
