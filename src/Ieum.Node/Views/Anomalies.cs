using Ieum.Analyze;
using Ieum.Model;

namespace Ieum.Node.Views;

/// <summary>What the anomaly inbox reads and answers; the REST API uses the same desk.</summary>
public interface IAnomalyDesk
{
    event Action? Changed;

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<AnomalyFinding>> ListAsync(int most, CancellationToken cancel);

    /// <summary>Keeps the answer, teaches the detector and closes the entry of the loop ledger.</summary>
    /// <exception cref="InvalidOperationException">There is no such finding, or it is answered already.</exception>
    Task<AnomalyFinding> AnswerAsync(long number, AlarmAnswer answer, string by, CancellationToken cancel);
}

/// <summary>An alarm of a signal, with what raised it and what was said about it.</summary>
/// <param name="From">Begin of the window that the page draws: half an hour before.</param>
/// <param name="To">End of the minute that raised it.</param>
/// <param name="Score">0.5 to 1.</param>
/// <param name="Value">Mean of the minute, in <paramref name="Unit"/>.</param>
/// <param name="Samples">Minutes the detector had learned from.</param>
/// <param name="Confidence">0 to 1; how far the detector can be believed.</param>
/// <param name="Entry">Number in the loop ledger.</param>
/// <param name="More">Further alarms of the machine while this one was open, within half an hour.</param>
/// <param name="FalsePerWeek">False alarms a week of this signal, an upper estimate: those of the last four weeks that nobody called right, by the weeks watched.</param>
public sealed record AnomalyFinding(long Number, MachineId Machine, int Signal, string SignalName, string Unit, DateTimeOffset At, DateTimeOffset From, DateTimeOffset To,
    AnomalyKind Kind, double Score, double Value, long Samples, double Confidence, string Model, string Version, long Entry, int More = 0,
    AlarmAnswer? Answer = null, string? By = null, DateTimeOffset? AnsweredAt = null, double? FalsePerWeek = null);
