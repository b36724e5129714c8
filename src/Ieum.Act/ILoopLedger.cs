using Ieum.Model;

namespace Ieum.Act;

/// <summary>The loop ledger: every advice, what was decided, what was done, what came of it.</summary>
public interface ILoopLedger
{
    Task<LoopEntry> AdviseAsync(string loop, AutonomyLevel level, string finding, string advice, string model, double confidence, CancellationToken cancel);

    /// <exception cref="InvalidOperationException">Unknown number, or already decided.</exception>
    Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, CancellationToken cancel);
    Task<LoopEntry> ReceiptAsync(long number, bool done, string what, CancellationToken cancel);
    Task<LoopEntry> EffectAsync(long number, string measure, double before, double after, CancellationToken cancel);

    /// <summary>Newest first.</summary>
    Task<IReadOnlyList<LoopEntry>> ListAsync(int most, CancellationToken cancel);
}
