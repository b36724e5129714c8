using Ieum.Connect.OpcUa.Server;
using Ieum.Model;

namespace Ieum.Connect.OpcUa.Door;

/// <summary>The recorded past of one signal, read a page at a time.</summary>
internal sealed class RecordedHistory(SignalNumber signal, BuiltInType type, IMeasurementHistory history) : IValueHistory
{
    private static readonly TimeSpan FirstStep = TimeSpan.FromHours(1);
    private static readonly long FirstTicks = new DateTimeOffset(1970, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;
    private static readonly long LastTicks = new DateTimeOffset(9000, 1, 1, 0, 0, 0, TimeSpan.Zero).UtcTicks;

    /// <summary>The recorder keeps what arrives; nothing is kept here.</summary>
    public void Add(in DataValue value, long serial) { }

    public async ValueTask<HistoryPage> ReadAsync(HistoryQuestion question, CancellationToken cancel)
    {
        var q = question with { From = Math.Clamp(question.From, FirstTicks, LastTicks), To = Math.Clamp(question.To, FirstTicks, LastTicks) };
        var found = q.Backward ? await BackwardAsync(q, cancel).ConfigureAwait(false) : await ForwardAsync(q, cancel).ConfigureAwait(false);
        var (page, next) = HistoryPaging.Cut([.. found], s => s.SourceTicks, q);
        return new([.. page.Select(s => DoorValues.Of(s, type))], next);
    }

    private async Task<List<Sample>> ForwardAsync(HistoryQuestion q, CancellationToken cancel)
    {
        var found = new List<Sample>();
        var from = q.After?.Ticks ?? q.From;
        if (q.Bounds && q.After is null && await history.BeforeAsync(signal, At(from), cancel).ConfigureAwait(false) is { } before) found.Add(before);
        // One more than the page tells whether something is left; those told already at the first instant come on top.
        var enough = q.Most + (q.After?.Told ?? 0) + found.Count + 2;
        // The end is exclusive; a range of one instant, and the bound after the end, lie behind it.
        var to = q.Bounds ? LastTicks : q.From == q.To ? q.To + 1 : q.To;
        await foreach (var s in history.RangeAsync(signal, new(At(from), At(Math.Max(to, from + 1))), cancel).ConfigureAwait(false))
        {
            found.Add(s);
            if (found.Count >= enough || s.SourceTicks > q.To) break;
        }
        return found;
    }

    /// <summary>Goes back in steps that grow, because the store reads forward and a range may reach back for years.</summary>
    private async Task<List<Sample>> BackwardAsync(HistoryQuestion q, CancellationToken cancel)
    {
        var found = new List<Sample>();
        var end = (q.After?.Ticks ?? q.From) + 1;
        var enough = q.Most + (q.After?.Told ?? 0) + 2;
        if (q.Bounds && q.After is null)
            await foreach (var s in history.RangeAsync(signal, new(At(end), At(LastTicks)), cancel).ConfigureAwait(false))
            {
                found.Add(s);
                break;
            }
        for (var step = FirstStep.Ticks; end > q.To && found.Count < enough; step *= 4)
        {
            var begin = Math.Max(q.To, end - step);
            var piece = new List<Sample>();
            await foreach (var s in history.RangeAsync(signal, new(At(begin), At(end)), cancel).ConfigureAwait(false))
            {
                piece.Add(s);
                // Only the newest of the piece can be in the page; half is let go at a time to keep the cost per value flat.
                if (piece.Count >= 2 * enough) piece.RemoveRange(0, piece.Count - enough);
            }
            found.InsertRange(0, piece);
            end = begin;
        }
        if (q.Bounds && found.Count < enough && await history.BeforeAsync(signal, At(q.To), cancel).ConfigureAwait(false) is { } before) found.Insert(0, before);
        return found;
    }

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
