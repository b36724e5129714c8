using System.Collections.Immutable;

namespace Ieum.Analyze;

/// <summary>Analyses of recording files: what <c>ieum analyze states FILE…</c> prints.</summary>
public static class RecordingAnalysis
{
    /// <summary>Analyses recordings one after the other. A file that cannot be read stands in the errors and stops no other.</summary>
    /// <param name="files">Paths of recordings, plain or gzip, lines <c>time|item|value</c>.</param>
    public static async Task<RecordingReport> StatesAsync(IEnumerable<string> files, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(files);
        var done = ImmutableArray.CreateBuilder<RecordingStates>();
        var errors = ImmutableArray.CreateBuilder<RecordingError>();
        foreach (var file in files)
        {
            try
            {
                done.Add(await StatesAsync(file, cancel).ConfigureAwait(false));
            }
            catch (RecordingException e)
            {
                errors.Add(new(file, e.Rule, e.Message));
            }
        }
        return new(done.ToImmutable(), errors.ToImmutable());
    }

    /// <summary>Analyses one recording.</summary>
    /// <exception cref="RecordingException">The file cannot be opened or holds nothing that can be read.</exception>
    public static async Task<RecordingStates> StatesAsync(string file, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(file);
        var recording = await Recording.ReadAsync(file, cancel).ConfigureAwait(false);
        return RecordingJudge.Judge(recording);
    }
}

/// <summary>A recording cannot be used at all.</summary>
/// <param name="rule">One of <see cref="AnalyzeRules"/>.</param>
public sealed class RecordingException(string rule, string message, Exception? inner = null) : Exception(message, inner)
{
    public string Rule { get; } = rule;

    internal static RecordingException NotReadable(string file, Exception inner) => new(
        AnalyzeRules.NotReadable, $"Recording '{file}' cannot be opened: {inner.Message} Check the path and that you may read it.", inner);

    internal static RecordingException GzipBroken(string file, Exception inner) => new(
        AnalyzeRules.GzipBroken, $"Recording '{file}' is a gzip file that is damaged or cut off: {inner.Message} Copy it again.", inner);

    internal static RecordingException Empty(string file, long lines) => new(
        AnalyzeRules.Empty, $"Recording '{file}' holds no usable line among {lines}. A line reads 2016-11-29T09:42:29.493Z|execution|ACTIVE.");
}
