using Ieum.Model;
using Ieum.Record.Blocks;
using Ieum.Record.Tend;

namespace Ieum.Record.Query;

/// <summary>Adds up how long each word held.</summary>
internal sealed class StateClock(long from, long to)
{
    private sealed class Held { public long Ticks; public int Entries; }

    private readonly Dictionary<string, Held> _words = new(StringComparer.Ordinal);
    private string? _word;
    private long _since = from;

    /// <summary>The word that held when the range began; not counted as an entry, since it was entered before.</summary>
    public void Begin(SampleValue value, Quality quality) => Begin(WordOf(value, quality));

    public void Begin(string word) => _word = word;

    public void Add(SampleColumns samples)
    {
        for (var i = 0; i < samples.Count; i++)
        {
            var word = WordOf(samples, i);
            if (string.Equals(word, _word, StringComparison.Ordinal)) continue;
            Close(samples.Source[i]);
            _word = word;
            Of(word).Entries++;
        }
    }

    /// <summary>A whole step whose samples were added up before; it follows all added so far.</summary>
    public void Add(RollupBucket step)
    {
        if (step.FirstTicks == long.MaxValue) return;
        Close(step.FirstTicks);
        if (step.States is null)
        {
            // Readings, whose samples are gone: nobody knows what held, so the time is nobody's.
            (_word, _since) = (null, step.End);
            return;
        }
        if (!string.Equals(step.FirstWord, _word, StringComparison.Ordinal)) Of(step.FirstWord).Entries++;
        foreach (var (word, ticks, entries) in step.States)
        {
            var held = Of(word);
            held.Ticks += ticks;
            held.Entries += entries;
        }
        (_word, _since) = (step.LastWord, step.End);
    }

    public IReadOnlyList<StateDuration> End()
    {
        Close(to);
        return [.. _words.OrderByDescending(w => w.Value.Ticks).ThenBy(w => w.Key, StringComparer.Ordinal)
            .Select(w => new StateDuration(w.Key, new(w.Value.Ticks), w.Value.Entries))];
    }

    private void Close(long until)
    {
        var end = Math.Min(until, to);
        if (_word is not null && end > _since) Of(_word).Ticks += end - _since;
        _since = Math.Max(_since, end);
    }

    private Held Of(string word)
    {
        if (!_words.TryGetValue(word, out var held)) _words.Add(word, held = new());
        return held;
    }

    public static string WordOf(SampleColumns samples, int i)
    {
        var kept = samples.Text?[i];
        // The common case, a text, needs no look-up.
        return kept is not null && samples.Quality[i] <= (byte)Quality.Uncertain ? kept
            : samples.Kind[i] == (byte)ValueKind.Boolean && samples.Quality[i] <= (byte)Quality.Uncertain ? samples.Bits[i] != 0 ? "true" : "false"
            : WordOf(samples.Value(i), (Quality)samples.Quality[i]);
    }

    private static string WordOf(SampleValue value, Quality quality) =>
        quality is Quality.Good or Quality.Uncertain && value.Kind != ValueKind.None ? value.ToString() : RecordWords.Unavailable;
}
