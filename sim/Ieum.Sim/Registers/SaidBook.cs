namespace Ieum.Sim.Registers;

/// <summary>When a machine that is asked gave its answers, and how many values it sent in each: the newest answers only.</summary>
/// <remarks>Safe for several threads; answers to several clients are given one after the other, so that each value stands in one answer.</remarks>
internal sealed class SaidBook
{
    /// <summary>Three hours at ten answers a second, 1.6 MB.</summary>
    private const int Kept = 100_000;

    private readonly Lock _gate = new();
    private readonly Queue<(long Ticks, long Values)> _answers = new();

    /// <summary>Gives an answer and keeps how many values went with it.</summary>
    /// <param name="ticks">Factory time, UTC ticks.</param>
    /// <param name="sent">Values sent so far.</param>
    public void Note(long ticks, Action answer, Func<long> sent)
    {
        lock (_gate)
        {
            var before = sent();
            answer();
            _answers.Enqueue((ticks, sent() - before));
            if (_answers.Count > Kept) _answers.Dequeue();
        }
    }

    /// <summary>Values in answers after <paramref name="from"/> and before the last answer that is not later than <paramref name="to"/>: that one ended the silence, so it was heard.</summary>
    public long Between(long from, long to)
    {
        lock (_gate)
        {
            long values = 0, last = 0;
            foreach (var (ticks, count) in _answers)
            {
                if (ticks <= from) continue;
                if (ticks > to) break;
                (values, last) = (values + count, count);
            }
            return values - last;
        }
    }
}
