namespace Ieum.Record.Tend;

/// <summary>How long upkeep rests between two pieces, so that it keeps up with an import and yet stays behind writes and questions.</summary>
internal static class TendPace
{
    /// <summary>Until the next look when everything is in order.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    // A quarter of one core beside an import, half of one beside a question, all of one otherwise: a backlog may grow while much is
    // written, and is worked off afterwards without a pause. An import of a billion samples left it at half before (docs/record.md).
    private const int BesideWriting = 3, BesideAsking = 1;

    /// <param name="took">How long the last piece took, from the look at what is due to its commit.</param>
    /// <param name="more">Whether it did anything; if not, everything is in order.</param>
    /// <param name="writing">Samples wait for a write worth its own transaction, or are being sealed.</param>
    /// <param name="asking">A question is being answered.</param>
    /// <returns>Zero to <see cref="Every"/>.</returns>
    public static TimeSpan Rest(TimeSpan took, bool more, bool writing, bool asking)
    {
        if (!more) return Every;
        var rest = took * (writing ? BesideWriting : asking ? BesideAsking : 0);
        return rest < Every ? rest : Every;
    }
}
