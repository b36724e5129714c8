using Ieum.Analyze;
using Ieum.Node.Views;

namespace Ieum.Node.Ui;

/// <summary>Reasons in the reader's language.</summary>
internal static class StopWords
{
    public static string Of(StopReasonChoice reason, Texts t) => reason.Name is { } name ? t.Name(name) : Of(reason.Key, [], t);

    /// <summary>A key as it stands with a loss: of the list, unexplained, short, or one that was taken off the list since.</summary>
    public static string Of(string key, IEnumerable<StopReasonChoice> list, Texts t) =>
        list.FirstOrDefault(r => r.Key == key)?.Name is { } name ? t.Name(name)
        : key == StopLosses.Unexplained ? t["stop.unexplained"]
        : key == StopLosses.Short ? t["stop.short"]
        : t.Has($"stop.reason.{key}") ? t[$"stop.reason.{key}"] : key;
}
