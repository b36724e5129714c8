using System.Collections.Frozen;
using Ieum.Node.Exchange;

namespace Ieum.Node.Ui;

/// <summary>What is wrong with a row that came in, in the language of the reader; what stands in the row stays as it is.</summary>
internal static class ExchangeWords
{
    /// <summary>The lines <c>exchange.say.…</c> by their English text, which is the sentence as the code says it.</summary>
    public static FrozenDictionary<string, TextLine> ByEnglish { get; } =
        TextCatalogue.All.Values.Where(l => l.Key.StartsWith("exchange.say.", StringComparison.Ordinal)).ToFrozenDictionary(l => l.In("en"), StringComparer.Ordinal);

    public static string Of(Texts t, ExchangeProblem problem) => problem.Said is { } said && t.Language != "en" && ByEnglish.TryGetValue(said.Format, out var line)
        ? string.Format(t.Culture, line.In(t.Language), said.GetArguments()) : problem.Message;

    /// <summary>The report with its sentences in that language.</summary>
    public static ExchangeReport In(Texts t, ExchangeReport report) => report with { Problems = [.. report.Problems.Select(p => p with { Message = Of(t, p) })] };
}
