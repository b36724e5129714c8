using Ieum.Model;

namespace Ieum.Act;

/// <summary>How far a loop may act, and what it has to show for more.</summary>
/// <param name="Start">The level the settings give it.</param>
/// <param name="Most">The level it cannot pass: what a person said last, else what the settings say; <paramref name="Start"/> when that is higher.</param>
/// <param name="Benefits">Accepted advices with measured benefit since the level changed last, none of them a breach.</param>
/// <param name="Needed">Of these for the next level.</param>
/// <param name="Changed">When and why it changed last; null when never.</param>
public sealed record LoopStanding(string Loop, AutonomyLevel Level, AutonomyLevel Start, AutonomyLevel Most, int Benefits, int Needed, LoopEntry? Changed)
{
    public bool IsAtTop => Level >= Most;
}

/// <summary>The rule by which levels move: up by measured benefit, down by one breach. Pure.</summary>
internal static class LoopLevels
{
    public const string Model = "level rule 1";

    /// <param name="oldestFirst">The loop's entries; those before the last change of level may be missing.</param>
    public static LoopStanding Of(string loop, AutonomyLevel start, ActOptions options, IEnumerable<LoopEntry> oldestFirst)
    {
        var (level, benefits, changed, most) = (start, 0, (LoopEntry?)null, options.MostLevel > start ? options.MostLevel : start);
        foreach (var e in oldestFirst)
        {
            if (e.Change is { Most: { } said })
            {
                // Said after the settings were written, or against them: the later word counts, but no level that the settings give is taken by it alone.
                if (e.Change.Start == start) most = said;
            }
            // Whoever writes another level into the settings has decided anew; what was earned before counts no more.
            else if (e.Change is { } change) (level, benefits, changed) = change.Start == start ? (change.To, 0, e) : (start, 0, null);
            else if (e.Effect is { IsBenefit: true } && BreachOf(e) is null) benefits++;
        }
        return new(loop, level, start, most, benefits, options.RiseAfter, changed);
    }

    /// <summary>What an entry broke, a key of <c>breach.*</c>; null for nothing.</summary>
    public static string? BreachOf(LoopEntry e) => e switch
    {
        { Change: not null } => null,
        { Undo.Done: true } => "undone",
        { Effect.IsHarm: true } => "harm",
        // Somebody stopped what the loop was about to do by itself.
        { ActsAt: not null, Decision: { Accepted: false, By: not (LoopDecision.NobodyAnswered or LoopDecision.NewFacts) } } => "veto",
        { Level: >= AutonomyLevel.ActInsideLimits, Receipt: { Done: false } r } when !IsInterrupted(r.What) => "failed",
        _ => null,
    };

    /// <summary>The node was stopped, or lost its power, before the loop had done anything: that says nothing about the loop.</summary>
    private static bool IsInterrupted(string what) => LoopText.TryParse(what, out var text) && text.Key == LoopTexts.ReceiptInterrupted;

    /// <summary>The change that an entry which has just grown leads to; null when none.</summary>
    public static LoopLevelChange? After(LoopStanding standing, LoopEntry before, LoopEntry grown)
    {
        // One entry costs one level, also when its harm is measured first and taken back then.
        if (BreachOf(before) is not null) return null;
        if (BreachOf(grown) is not null)
            return standing.Level > AutonomyLevel.Advise ? new(standing.Level, standing.Level - 1, standing.Start) : null;
        return standing.Benefits >= standing.Needed && !standing.IsAtTop && grown.Effect is { IsBenefit: true }
            ? new(standing.Level, standing.Level + 1, standing.Start) : null;
    }
}
