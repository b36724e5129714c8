namespace Ieum.Connect.PlainMqtt;

/// <summary>Topics and filters of MQTT (MQTT 5.0, 4.7): <c>+</c> stands for one level, <c>#</c> at the end for the rest.</summary>
internal static class TopicFilter
{
    /// <summary>A filter with non-empty levels in which <c>+</c> and <c>#</c> stand alone.</summary>
    public static bool IsValid(string filter)
    {
        if (filter.Length is 0 or > 1024 || filter.Any(char.IsControl)) return false;
        var levels = filter.Split('/');
        for (var i = 0; i < levels.Length; i++)
        {
            var level = levels[i];
            if (level.Contains('+', StringComparison.Ordinal) && level.Length > 1) return false;
            if (level.Contains('#', StringComparison.Ordinal) && (level.Length > 1 || i < levels.Length - 1)) return false;
        }
        return true;
    }

    /// <param name="taken">What each <c>+</c> stood for, in order.</param>
    public static bool Matches(string filter, string topic, List<string>? taken = null)
    {
        taken?.Clear();
        ReadOnlySpan<char> f = filter, t = topic;
        // Topics that begin with '$' are the broker's own and no wildcard stands for them (4.7.2).
        if (t.Length > 0 && t[0] == '$' && (f.Length == 0 || f[0] != '$')) return false;
        while (true)
        {
            var level = Cut(ref f, out var filterEnds);
            if (level is "#") return true;
            var here = Cut(ref t, out var topicEnds);
            if (level is "+") taken?.Add(here.ToString());
            else if (!level.SequenceEqual(here)) return false;
            if (filterEnds || topicEnds) return filterEnds == topicEnds || (topicEnds && f is "#");
        }
    }

    private static ReadOnlySpan<char> Cut(ref ReadOnlySpan<char> rest, out bool ends)
    {
        var at = rest.IndexOf('/');
        ends = at < 0;
        var level = ends ? rest : rest[..at];
        rest = ends ? [] : rest[(at + 1)..];
        return level;
    }
}
