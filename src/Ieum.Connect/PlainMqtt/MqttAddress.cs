using System.Globalization;

namespace Ieum.Connect.PlainMqtt;

/// <summary>Where a value stands: a topic or topic filter, and behind <c>#</c> a path into JSON, <c>shop/+/gauge#readings[0].value</c>.</summary>
/// <param name="Path">Member names (<see cref="string"/>) and indices (<see cref="int"/>) from the outside in; empty: the whole payload.</param>
internal sealed record MqttAddress(string Filter, IReadOnlyList<object> Path)
{
    public const string Form = "a topic such as shop/mc7/lamp, with + for one level, and behind # a JSON path such as shop/mc7/lamp#green or shop/+/gauge#readings[0].value";

    public int Wildcards { get; } = Filter.Split('/').Count(l => l == "+");

    public static bool TryParse(string text, out MqttAddress? address)
    {
        address = null;
        var hash = text.IndexOf('#', StringComparison.Ordinal);
        var filter = hash < 0 ? text : text[..hash];
        if (!TopicFilter.IsValid(filter)) return false;
        if (!TryPath(hash < 0 ? "" : text[(hash + 1)..], out var path)) return false;
        address = new(filter, path);
        return true;
    }

    public static bool TryPath(string text, out IReadOnlyList<object> path)
    {
        var steps = new List<object>();
        path = steps;
        foreach (var part in text.Length == 0 ? [] : text.Split('.'))
        {
            var bracket = part.IndexOf('[', StringComparison.Ordinal);
            var name = bracket < 0 ? part : part[..bracket];
            if (name.Length > 0) steps.Add(name);
            else if (bracket != 0) return false;
            for (var at = bracket; at >= 0 && at < part.Length;)
            {
                var end = part.IndexOf(']', at);
                if (part[at] != '[' || end < 0 || !int.TryParse(part.AsSpan(at + 1, end - at - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)) return false;
                steps.Add(index);
                at = end + 1;
            }
            if (steps.Count > 16) return false;
        }
        return true;
    }
}
