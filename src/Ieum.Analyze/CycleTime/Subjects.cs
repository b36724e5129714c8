using System.Collections.Immutable;
using Ieum.Model;

namespace Ieum.Analyze;

/// <summary>What a machine was making at an instant.</summary>
internal sealed class Subjects(Story story, IReadOnlyList<OrderWork> work)
{
    private readonly ImmutableArray<(DateTimeOffset At, string Program)> _programs =
        [.. story.Events.Where(e => e.Role == SignalRole.Program).Select(e => (e.At, Name(e.Sample)))];

    /// <summary>The item of the order that ran then, else the program that was loaded, else <see cref="CycleFinder.NoSubject"/>.</summary>
    public string At(DateTimeOffset instant)
    {
        foreach (var one in work)
            // A part that completes an order carries the very stamp of its end.
            if (one.Range.Contains(instant) || one.Range.To == instant) return one.Item.Value;
        return ProgramAt(instant);
    }

    private string ProgramAt(DateTimeOffset instant)
    {
        int low = 0, high = _programs.Length;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_programs[middle].At <= instant) low = middle + 1; else high = middle;
        }
        return low == 0 ? CycleFinder.NoSubject : _programs[low - 1].Program;
    }

    private static string Name(in Sample sample)
    {
        if (sample.Quality is Quality.Unavailable or Quality.Stale or Quality.Bad) return CycleFinder.NoSubject;
        var text = sample.Value.ToString().Trim();
        return text.Length == 0 || text == "UNAVAILABLE" ? CycleFinder.NoSubject : text;
    }
}
