namespace Ieum.Model;

/// <summary>How far a loop may act by itself.</summary>
public enum AutonomyLevel : byte
{
    /// <summary>It watches and records.</summary>
    Watch = 0,
    /// <summary>It advises; a person does it.</summary>
    Advise = 1,
    /// <summary>It asks; a person presses yes.</summary>
    Ask = 2,
    /// <summary>It acts inside limits.</summary>
    ActInsideLimits = 3,
    /// <summary>It acts and reports.</summary>
    ActAndReport = 4,
}

/// <summary>One turn of one loop: what was found, what was advised, who decided, what was done, what came of it.</summary>
/// <remarks>Later parts are null until they happen. An entry is replaced as a whole and only ever grows.</remarks>
/// <param name="Loop">Which loop, a stable key: <c>replan</c>, <c>learned-time</c>.</param>
/// <param name="Finding">What was seen, with figures.</param>
/// <param name="Advice">What should be done.</param>
/// <param name="Model">What gave the advice, with version and data window.</param>
/// <param name="Confidence">0 to 1.</param>
public sealed record LoopEntry(
    long Number, string Loop, DateTimeOffset At, AutonomyLevel Level,
    string Finding, string Advice, string Model, double Confidence,
    LoopDecision? Decision = null, LoopReceipt? Receipt = null, LoopEffect? Effect = null);

/// <param name="By">User name, or <c>level 3</c> when the autonomy level decided.</param>
public sealed record LoopDecision(bool Accepted, string By, DateTimeOffset At, string? Note);

/// <param name="What">What was done, for example the plan version put into force.</param>
public sealed record LoopReceipt(bool Done, string What, DateTimeOffset At);

/// <param name="Measure">Name of the figure, for example <c>tardiness h</c>.</param>
public sealed record LoopEffect(string Measure, double Before, double After, DateTimeOffset At);
