using System.Collections.Immutable;
using Ieum.Model;
using Ieum.Record;

namespace Ieum.Node.Views;

/// <summary>What the page of the record reads: how storing goes, and what is damaged.</summary>
public interface IRecordDesk
{
    RecordHealth Now { get; }

    /// <summary>How much is known to be damaged, since the start; 0 while all is well. Costs nothing to ask.</summary>
    long Damaged { get; }

    /// <summary>Damage that nobody has said to have seen.</summary>
    bool IsNew { get; }

    /// <summary>Why the store takes nothing now, in words of the log; null when it takes what it is given.</summary>
    string? Trouble { get; }

    /// <summary>What was saved when the file was found damaged at this start; null when it was in order.</summary>
    RecordRescue? Rescued { get; }

    /// <summary>Newest first, at most <paramref name="most"/>.</summary>
    Task<ImmutableArray<DamageLine>> DamageAsync(int most, CancellationToken cancel);

    /// <summary>Somebody has seen what is damaged now: the line on every page goes until there is more.</summary>
    void Seen(string by);
}

/// <param name="Signal">Whose samples; null where that is lost, or the signal is not known any more.</param>
public sealed record DamageLine(Damage Damage, Signal? Signal);
