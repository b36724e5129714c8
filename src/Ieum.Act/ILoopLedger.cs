using Ieum.Model;

namespace Ieum.Act;

/// <summary>
/// The loop ledger: every advice, what was decided, what was done, what came of it; and the level that each loop has earned by it.
/// Every growth is a link of a chain of hashes, so that nothing in it can be changed unseen.
/// </summary>
public interface ILoopLedger
{
    Task<LoopEntry> AdviseAsync(LoopAdvice advice, CancellationToken cancel);

    Task<LoopEntry> AdviseAsync(string loop, AutonomyLevel level, string finding, string advice, string model, double confidence, CancellationToken cancel) =>
        AdviseAsync(new LoopAdvice(loop, level, finding, advice, model, confidence), cancel);

    /// <exception cref="InvalidOperationException">Unknown number, or already decided.</exception>
    Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, CancellationToken cancel) => DecideAsync(number, accepted, by, note, null, cancel);

    /// <param name="way">Kind of the way that is taken, one of the advice's; null where there is no choice.</param>
    Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, string? way, CancellationToken cancel);

    /// <summary>Written before the act itself: after a crash it tells whether the act was done.</summary>
    /// <param name="plan">Number of the plan that is about to be kept; 0 before a write, which carries the number of the entry.</param>
    Task<LoopEntry> ActingAsync(long number, int plan, CancellationToken cancel);
    Task<LoopEntry> ReceiptAsync(long number, bool done, string what, CancellationToken cancel);

    /// <summary>A figure that was only reckoned; it moves no level.</summary>
    Task<LoopEntry> EffectAsync(long number, string measure, double before, double after, CancellationToken cancel) =>
        EffectAsync(number, new LoopEffect(measure, before, after, default), cancel);

    /// <summary>What came of it; its instant is set here.</summary>
    Task<LoopEntry> EffectAsync(long number, LoopEffect effect, CancellationToken cancel);

    /// <summary>A person takes the act back, or tried to.</summary>
    Task<LoopEntry> UndoAsync(long number, bool done, string by, string what, CancellationToken cancel);

    Task<LoopEntry?> FindAsync(long number, CancellationToken cancel);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<LoopEntry>> ListAsync(int most, CancellationToken cancel);

    /// <summary>The loops that have a level, and how far each is on its way.</summary>
    Task<IReadOnlyList<LoopStanding>> StandingsAsync(CancellationToken cancel);

    /// <exception cref="ArgumentException">The loop has no level of its own.</exception>
    Task<LoopStanding> StandingAsync(string loop, CancellationToken cancel);

    /// <summary>A person takes a loop one level back. There is no way to lift it but benefit.</summary>
    /// <exception cref="InvalidOperationException">It watches only already.</exception>
    Task<LoopStanding> LowerAsync(string loop, string by, CancellationToken cancel);

    /// <summary>A person says how far a loop may rise by what it earns; until then <see cref="ActOptions.MostLevel"/> counts. Below its level it falls to it at once.</summary>
    /// <param name="most">Ask, ActInsideLimits or ActAndReport.</param>
    /// <exception cref="ArgumentException">The loop has no level of its own, or that is no level to rise to.</exception>
    Task<LoopStanding> AllowAsync(string loop, AutonomyLevel most, string by, CancellationToken cancel);

    /// <summary>Reads the whole chain, checks every hash, and compares every entry with what the chain says of it.</summary>
    Task<AuditVerdict> VerifyAsync(CancellationToken cancel);
}
