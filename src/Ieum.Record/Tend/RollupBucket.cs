using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Query;

namespace Ieum.Record.Tend;

/// <summary>
/// Everything about one step of one signal that can be added up again exactly: count, sum, least, greatest and last number,
/// and for state-like signals how long each word held from the step's first sample to its end.
/// </summary>
/// <remarks>
/// What held before the first sample is not in it: whoever adds steps up knows the word that came before. So a late
/// sample changes only the step it falls into.
/// </remarks>
internal sealed class RollupBucket(long start, long end)
{
    /// <summary>More words than that in a step are no states (a counter, a reading); such steps keep no times.</summary>
    public const int MostWords = 32;

    public long Start => start;
    public long End => end;
    public long Count, Bad, LastTicks = long.MinValue;
    public double Sum, Min = double.PositiveInfinity, Max = double.NegativeInfinity, Last = double.NaN;
    /// <summary>Source time of the first sample of any kind.</summary>
    public long FirstTicks = long.MaxValue;
    public string FirstWord = "", LastWord = "";
    /// <summary>Per word the time it held and how often it was entered after the first sample; null when the step keeps no states.</summary>
    public List<RollupState>? States = [];

    private long _since;

    public void Add(SampleColumns samples, int i)
    {
        var ticks = samples.Source[i];
        var number = samples.Quality[i] <= (byte)Quality.Uncertain ? samples.Value(i).Number : double.NaN;
        if (double.IsNaN(number))
        {
            Bad++;
        }
        else
        {
            Count++;
            Sum += number;
            Min = Math.Min(Min, number);
            Max = Math.Max(Max, number);
            (Last, LastTicks) = (number, ticks);
        }
        if (States is null || samples.Kind[i] == (byte)ValueKind.Real)
        {
            FirstTicks = Math.Min(FirstTicks, ticks);
            States = null;
            return;
        }
        var word = StateClock.WordOf(samples, i);
        if (FirstTicks == long.MaxValue)
        {
            (FirstTicks, FirstWord, LastWord, _since) = (ticks, word, word, ticks);
            return;
        }
        if (string.Equals(word, LastWord, StringComparison.Ordinal)) return;
        Hold(LastWord, ticks - _since, 0);
        Hold(word, 0, 1);
        (LastWord, _since) = (word, ticks);
    }

    /// <summary>No more samples: the last word holds to the end of the step.</summary>
    public void Close()
    {
        if (States is not null && FirstTicks != long.MaxValue) Hold(LastWord, end - _since, 0);
    }

    /// <summary>A closed step of finer width that follows all added before.</summary>
    public void Add(RollupBucket finer)
    {
        Count += finer.Count;
        Bad += finer.Bad;
        Sum += finer.Sum;
        Min = Math.Min(Min, finer.Min);
        Max = Math.Max(Max, finer.Max);
        if (finer.Count > 0) (Last, LastTicks) = (finer.Last, finer.LastTicks);
        if (finer.States is null) States = null;
        if (States is null)
        {
            FirstTicks = Math.Min(FirstTicks, finer.FirstTicks);
            return;
        }
        if (FirstTicks == long.MaxValue)
        {
            (FirstTicks, FirstWord) = (finer.FirstTicks, finer.FirstWord);
        }
        else
        {
            Hold(LastWord, finer.FirstTicks - _since, 0);
            if (!string.Equals(finer.FirstWord, LastWord, StringComparison.Ordinal)) Hold(finer.FirstWord, 0, 1);
        }
        foreach (var s in finer.States ?? []) Hold(s.Word, s.Ticks, s.Entries);
        (LastWord, _since) = (finer.LastWord, finer.End);
    }

    private void Hold(string word, long ticks, int entries)
    {
        if (States is null) return;
        for (var i = 0; i < States.Count; i++)
            if (string.Equals(States[i].Word, word, StringComparison.Ordinal))
            {
                States[i] = new(word, States[i].Ticks + ticks, States[i].Entries + entries);
                return;
            }
        if (States.Count == MostWords) States = null; else States.Add(new(word, ticks, entries));
    }
}

/// <param name="Ticks">How long the word held, in ticks.</param>
/// <param name="Entries">How often it was entered, the step's first sample not counted.</param>
internal readonly record struct RollupState(string Word, long Ticks, int Entries);
