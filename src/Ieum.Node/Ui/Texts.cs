using System.Globalization;
using Ieum.Model;

namespace Ieum.Node.Ui;

/// <summary>Speaks to one reader: texts, numbers and times in the reader's language. One per request or circuit.</summary>
/// <remarks>
/// The language is taken once, when the scope begins: later calls may come from threads of the factory that have
/// another culture, and one reader never sees two languages.
/// </remarks>
public sealed class Texts
{
    /// <summary>Korea and Japan share UTC+9 without summer time; pages show the factory's local time.</summary>
    public static readonly TimeSpan Zone = TimeSpan.FromHours(9);

    public Texts() : this(CultureInfo.CurrentUICulture) { }

    public Texts(CultureInfo wanted)
    {
        Language = wanted.TwoLetterISOLanguageName is "ko" or "ja" ? wanted.TwoLetterISOLanguageName : "en";
        Culture = CultureInfo.GetCultureInfo(Language switch { "ko" => "ko-KR", "ja" => "ja-JP", _ => "en-GB" });
    }

    /// <summary><c>ko</c>, <c>ja</c> or <c>en</c>.</summary>
    public string Language { get; }
    public CultureInfo Culture { get; }

    /// <summary>The text of a key with its places filled. A key nobody wrote shows itself; a test keeps that from happening.</summary>
    public string this[string key, params object?[] args]
    {
        get
        {
            var text = TextCatalogue.All.TryGetValue(key, out var line) ? line.In(Language) : key;
            return args.Length == 0 ? text : string.Format(Culture, text, args);
        }
    }

    public bool Has(string key) => TextCatalogue.All.ContainsKey(key);

    /// <summary>Text of a broken rule; the English message of the log where no translation stands.</summary>
    public string Rule(string? rule, string message) => rule is not null && Has($"rule.{rule}") ? this[$"rule.{rule}"] : message;

    public string Name(LocalName name) => name.In(Language);

    public string Number(double value, int decimals = 0) =>
        double.IsFinite(value) ? value.ToString("N" + decimals.ToString(CultureInfo.InvariantCulture), Culture) : "–";

    /// <summary>A ratio as a percentage; a dash where it could not be measured.</summary>
    public string Percent(double? ratio, int decimals = 0) =>
        ratio is { } r && double.IsFinite(r) ? $"{Number(r * 100, decimals)} %" : "–";

    /// <summary>A length of time in its two largest useful parts.</summary>
    public string Span(TimeSpan span)
    {
        var s = span.Duration();
        return s switch
        {
            { TotalSeconds: < 9.95 } when s.Ticks % TimeSpan.TicksPerSecond != 0 => this["span.s", Number(s.TotalSeconds, 1)],
            { TotalSeconds: < 60 } => this["span.s", Number(s.TotalSeconds)],
            { TotalMinutes: < 10 } when s.Seconds != 0 => this["span.ms", s.Minutes, s.Seconds],
            { TotalMinutes: < 60 } => this["span.min", Number(Math.Floor(s.TotalMinutes))],
            { TotalHours: < 48 } => s.Minutes == 0 ? this["span.h", (int)s.TotalHours] : this["span.hm", (int)s.TotalHours, s.Minutes],
            _ => s.Hours == 0 ? this["span.d", s.Days] : this["span.dh", s.Days, s.Hours],
        };
    }

    /// <summary>How long ago, or in how long, seen from <paramref name="now"/>.</summary>
    public string Relative(DateTimeOffset at, DateTimeOffset now) => (at - now) switch
    {
        { TotalSeconds: > -1 and < 1 } => this["time.now"],
        { Ticks: < 0 } d => this["time.ago", Span(Whole(d))],
        var d => this["time.in", Span(Whole(d))],
    };

    private static TimeSpan Whole(TimeSpan d) => TimeSpan.FromSeconds(Math.Floor(d.Duration().TotalSeconds));

    /// <summary>Reads an instant from an address; null when it is not one or lies beyond what a page can show.</summary>
    public static DateTimeOffset? Instant(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && at.Year is > 1990 and < 2200 ? at : null;

    public static DateTimeOffset Local(DateTimeOffset at) => at.ToOffset(Zone);
    public string Clock(DateTimeOffset at) => Local(at).ToString("HH:mm", Culture);
    public string Day(DateTimeOffset at) => Local(at).ToString(Language switch { "ko" => "M월 d일 (ddd)", "ja" => "M月d日(ddd)", _ => "ddd d MMM" }, Culture);
    public string Stamp(DateTimeOffset at) => $"{Day(at)} {Clock(at)}";
    public string Exact(DateTimeOffset at) => Local(at).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
}
