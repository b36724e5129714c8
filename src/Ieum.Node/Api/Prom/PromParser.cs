using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Ieum.Node.Api.Prom;

/// <summary>A question that cannot be understood; the message says where.</summary>
internal sealed class PromException(string message) : Exception(message);

/// <summary>A node of a parsed question.</summary>
internal abstract record PromExpr
{
    private PromExpr() { }
    internal sealed record Number(double Value) : PromExpr;
    /// <param name="Range">Null: the newest value at each step; else all samples of that long before it.</param>
    internal sealed record Selector(IReadOnlyList<Matcher> Matchers, TimeSpan? Range, TimeSpan Offset) : PromExpr;
    internal sealed record Call(string Function, PromExpr Argument) : PromExpr;
    internal sealed record Aggregate(string Operation, IReadOnlyList<string> Labels, bool Without, PromExpr Argument) : PromExpr;
    internal sealed record Binary(char Operation, PromExpr Left, PromExpr Right) : PromExpr;
}

/// <summary>A condition on a label: <c>=</c>, <c>!=</c>, <c>=~</c>, <c>!~</c>; expressions hold for the whole value.</summary>
internal sealed class Matcher
{
    private readonly Regex? _pattern;
    private readonly string _value;
    private readonly bool _wanted;

    public Matcher(string label, string operation, string value)
    {
        (Label, _value, _wanted) = (label, value, operation is "=" or "=~");
        if (operation is "=" or "!=") return;
        try
        {
            _pattern = new($"^(?:{value})$", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            throw new PromException($"'{value}' is no expression that can be used: {e.Message}");
        }
    }

    public string Label { get; }

    public bool Holds(string? value) => (_pattern?.IsMatch(value ?? "") ?? (value ?? "") == _value) == _wanted;
}

/// <summary>
/// The part of PromQL that dashboards of machines use: selectors with matchers, range and offset; functions over time; sum, avg, min, max,
/// count with by or without; arithmetic between a number and anything, or between equal series; brackets.
/// </summary>
internal sealed class PromParser(string text)
{
    private static readonly string[] Operations = ["=~", "!~", "!=", "="];
    private static readonly HashSet<string> Aggregates = ["sum", "avg", "min", "max", "count"];
    private int _at;
    private int _depth;

    public static readonly HashSet<string> OverTime = ["rate", "irate", "increase", "delta", "avg_over_time", "min_over_time", "max_over_time", "sum_over_time", "count_over_time", "last_over_time", "changes"];
    public static readonly HashSet<string> OfValue = ["abs", "ceil", "floor", "round", "sqrt"];

    public static PromExpr Parse(string text)
    {
        if (text.Length > 10_000) throw new PromException("the question is longer than 10,000 characters");
        var parser = new PromParser(text);
        var expression = parser.Sum();
        parser.Blanks();
        if (parser._at < text.Length) throw parser.Unexpected("the end");
        return expression;
    }

    /// <summary>Only a selector, as <c>match[]</c> of series and labels has it.</summary>
    public static IReadOnlyList<Matcher> ParseMatch(string text) =>
        Parse(text) is PromExpr.Selector { Range: null } s ? s.Matchers : throw new PromException($"'{text}' is no series selector");

    private PromExpr Sum()
    {
        if (++_depth > 100) throw new PromException("too many brackets");
        var left = Product();
        while (Take("+-") is { } op) left = new PromExpr.Binary(op, left, Product());
        _depth--;
        return left;
    }

    private PromExpr Product()
    {
        var left = Unary();
        while (Take("*/%") is { } op) left = new PromExpr.Binary(op, left, Unary());
        return left;
    }

    private PromExpr Unary()
    {
        if (Take("-") is null) return Atom();
        return new PromExpr.Binary('*', new PromExpr.Number(-1), Atom());
    }

    private PromExpr Atom()
    {
        Blanks();
        if (_at == text.Length) throw Unexpected("a selector, a function or a number");
        if (Take("(") is not null)
        {
            var inner = Sum();
            Expect(')');
            return inner;
        }
        if (char.IsAsciiDigit(text[_at]) || text[_at] == '.') return new PromExpr.Number(ReadNumber());
        if (text[_at] == '{') return Selector(null);
        var word = Word();
        Blanks();
        var next = _at < text.Length ? text[_at] : '\0';
        if (Aggregates.Contains(word) && (next == '(' || text.AsSpan(_at).StartsWith("by") || text.AsSpan(_at).StartsWith("without"))) return Aggregate(word);
        if (next != '(') return word is "Inf" or "NaN" ? new PromExpr.Number(word == "Inf" ? double.PositiveInfinity : double.NaN) : Selector(word);
        if (!OverTime.Contains(word) && !OfValue.Contains(word)) throw new PromException($"function '{word}' is not known here; known are {string.Join(", ", OverTime.Concat(OfValue).Concat(Aggregates))}");
        Expect('(');
        var argument = Sum();
        Expect(')');
        if (OverTime.Contains(word) != argument is PromExpr.Selector { Range: not null })
            throw new PromException(OverTime.Contains(word) ? $"{word} wants a selector with a range, for example {word}(Xload[5m])" : $"{word} wants values, not a range");
        return new PromExpr.Call(word, argument);
    }

    private PromExpr.Aggregate Aggregate(string operation)
    {
        var (labels, without) = Grouping();
        Expect('(');
        var argument = Sum();
        Expect(')');
        if (labels is null) (labels, without) = Grouping();
        if (argument is PromExpr.Selector { Range: not null }) throw new PromException($"{operation} wants values, not a range");
        return new(operation, labels ?? [], without, argument);
    }

    private (List<string>? Labels, bool Without) Grouping()
    {
        Blanks();
        var without = text.AsSpan(_at).StartsWith("without");
        if (!without && !text.AsSpan(_at).StartsWith("by")) return (null, false);
        _at += without ? 7 : 2;
        List<string> labels = [];
        Expect('(');
        while (Take(")") is null)
        {
            labels.Add(Word());
            if (Take(",") is null)
            {
                Expect(')');
                break;
            }
        }
        return (labels, without);
    }

    private PromExpr.Selector Selector(string? name)
    {
        List<Matcher> matchers = [];
        if (name is not null) matchers.Add(new("__name__", "=", name));
        if (Take("{") is not null)
            while (Take("}") is null)
            {
                var label = Word();
                Blanks();
                var operation = Operations.FirstOrDefault(o => text.AsSpan(_at).StartsWith(o)) ?? throw Unexpected("=, !=, =~ or !~");
                _at += operation.Length;
                matchers.Add(new(label, operation, Quoted()));
                if (Take(",") is null)
                {
                    Expect('}');
                    break;
                }
            }
        if (matchers.Count == 0 || matchers.All(m => m.Holds(""))) throw new PromException("a selector must hold at least one matcher that does not fit everything");
        TimeSpan? range = null;
        if (Take("[") is not null)
        {
            range = Duration();
            Expect(']');
        }
        var offset = TimeSpan.Zero;
        Blanks();
        if (text.AsSpan(_at).StartsWith("offset"))
        {
            _at += 6;
            Blanks();
            offset = Duration();
        }
        return new(matchers, range, offset);
    }

    private TimeSpan Duration()
    {
        Blanks();
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] == '.')) _at++;
        return TryDuration(text[start.._at], out var span) ? span : throw new PromException($"'{text[start.._at]}' is no duration like 5m, 1h30m or 300ms");
    }

    /// <summary>Durations as 1h30m, or a plain number of seconds.</summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds))
        {
            if (!(seconds > 0 && seconds < 1e10)) return false;
            duration = TimeSpan.FromSeconds(seconds);
            return true;
        }
        for (var at = 0; at < text.Length;)
        {
            var start = at;
            while (at < text.Length && char.IsAsciiDigit(text[at])) at++;
            if (at == start || at - start > 9) return false;
            var number = long.Parse(text.AsSpan(start, at - start), NumberStyles.None, CultureInfo.InvariantCulture);
            start = at;
            while (at < text.Length && char.IsAsciiLetter(text[at])) at++;
            var unit = text[start..at] switch
            {
                "ms" => TimeSpan.FromMilliseconds(1), "s" => TimeSpan.FromSeconds(1), "m" => TimeSpan.FromMinutes(1), "h" => TimeSpan.FromHours(1),
                "d" => TimeSpan.FromDays(1), "w" => TimeSpan.FromDays(7), "y" => TimeSpan.FromDays(365), _ => TimeSpan.Zero,
            };
            if (unit == TimeSpan.Zero || number > TimeSpan.FromDays(36_500) / unit) return false;
            duration += number * unit;
        }
        return duration > TimeSpan.Zero && duration <= TimeSpan.FromDays(36_500);
    }

    private double ReadNumber()
    {
        var start = _at;
        while (_at < text.Length && (char.IsAsciiDigit(text[_at]) || text[_at] is '.' or 'e' or 'E' || (text[_at] is '+' or '-' && text[_at - 1] is 'e' or 'E'))) _at++;
        return double.TryParse(text.AsSpan(start, _at - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
            : throw new PromException($"'{text[start.._at]}' is no number");
    }

    private string Quoted()
    {
        Blanks();
        if (_at == text.Length || text[_at] is not ('"' or '\'' or '`')) throw Unexpected("a text in quotes");
        var quote = text[_at++];
        var value = new StringBuilder();
        for (; _at < text.Length && text[_at] != quote; _at++)
        {
            if (text[_at] != '\\' || quote == '`' || _at + 1 == text.Length) value.Append(text[_at]);
            else value.Append(text[++_at] switch { 'n' => '\n', 't' => '\t', 'r' => '\r', var c => c });
        }
        if (_at == text.Length) throw Unexpected("the closing quote");
        _at++;
        return value.ToString();
    }

    private string Word()
    {
        Blanks();
        var start = _at;
        while (_at < text.Length && (char.IsAsciiLetterOrDigit(text[_at]) || text[_at] is '_' or ':')) _at++;
        return _at > start ? text[start.._at] : throw Unexpected("a name");
    }

    private char? Take(string any)
    {
        Blanks();
        return _at < text.Length && any.Contains(text[_at], StringComparison.Ordinal) ? text[_at++] : null;
    }

    private void Expect(char wanted)
    {
        Blanks();
        if (_at == text.Length || text[_at] != wanted) throw Unexpected($"'{wanted}'");
        _at++;
    }

    private void Blanks()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at])) _at++;
    }

    private PromException Unexpected(string wanted) =>
        new($"{wanted} is expected at character {_at + 1}, not {(_at < text.Length ? $"'{text[_at]}'" : "the end of the question")}");
}
