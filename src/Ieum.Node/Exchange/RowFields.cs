using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Ieum.Connect.Files;
using Ieum.Model;

namespace Ieum.Node.Exchange;

/// <summary>One row by column keys, with what its file already found wrong with it.</summary>
internal sealed record SourceRow(int Line, IReadOnlyDictionary<string, string> Values, IReadOnlyDictionary<string, TableFault> Faults, TableFault? Fault = null);

/// <summary>Reads the fields of a row; everything that is wrong is told with row, field, rule and remedy, and the row is then broken.</summary>
internal sealed partial class RowFields(SourceRow row, List<ExchangeProblem> problems)
{
    public int Line => row.Line;
    public bool Broken { get; private set; }

    /// <summary>Whether the file has the column at all: what it does not have is left as it was.</summary>
    public bool Has(string key) => row.Values.ContainsKey(key);

    public void Tell(string field, string rule, FormattableString message, bool warning = false)
    {
        var value = row.Values.GetValueOrDefault(field, "");
        problems.Add(ExchangeProblem.Of(row.Line, field, value.Length > 60 ? value[..60] + "…" : value, rule, message, warning));
        Broken |= !warning;
    }

    /// <summary>Faults of the file itself: merged cells, errors of formulas, open quotes.</summary>
    public bool Sound()
    {
        if (row.Fault is { } f) Tell("", f.Rule, $"{f.Why}");
        foreach (var (key, fault) in row.Faults) Tell(key, fault.Rule, $"{fault.Why}");
        return !Broken;
    }

    public string Text(string key)
    {
        var text = row.Values.GetValueOrDefault(key, "").Trim();
        // Our own files put an apostrophe before what a spreadsheet would run as a formula.
        return text is ['\'', '=' or '+' or '-' or '@', ..] ? text[1..] : text;
    }

    /// <summary>A name for people as it came in: one that stands so in any language already is no change.</summary>
    /// <returns>What stood there before where the file says nothing; null when nothing did.</returns>
    public static LocalName? NameOf(string said, LocalName? before) =>
        said.Length == 0 || before is not null && (said == before.Ko || said == before.Ja || said == before.En) ? before : LocalName.Same(said);

    public string? Name(string key, bool needed)
    {
        var text = Text(key);
        if (text.Length == 0)
        {
            if (needed) Tell(key, ExchangeRules.Empty, $"The field is empty. Write a name.");
            return null;
        }
        if (Identifier.IsValid(text)) return text;
        Tell(key, ExchangeRules.NotAName, $"'{text}' cannot be a name. Use 1 to {Identifier.MaxLength} characters without '/'.");
        return null;
    }

    public double? Number(string key, bool needed, double least, double most)
    {
        var text = Text(key).Normalize(NormalizationForm.FormKC).Replace(" ", "", StringComparison.Ordinal);
        if (text.Length == 0)
        {
            if (needed) Tell(key, ExchangeRules.Empty, $"The field is empty. Write a number from {least} to {most}.");
            return null;
        }
        if (!WrittenNumber.TryPlain(text, decimalComma: false, out var plain) || !double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !double.IsFinite(number))
        {
            Tell(key, ExchangeRules.NotANumber, $"'{text}' is not a number. Write digits only, with a point for decimals.");
            return null;
        }
        if (number >= least && number <= most) return number;
        Tell(key, ExchangeRules.OutOfRange, $"{number} lies outside {least} to {most}. Correct the number or its unit.");
        return null;
    }

    public int? Whole(string key, bool needed, int least, int most)
    {
        if (Number(key, needed, least, most) is not { } number) return null;
        if (number == Math.Floor(number)) return (int)number;
        Tell(key, ExchangeRules.NotANumber, $"{number} is not a whole number. Write it without decimals.");
        return null;
    }

    public bool? Flag(string key)
    {
        var text = Text(key).Normalize(NormalizationForm.FormKC).ToUpperInvariant();
        switch (text)
        {
            case "": return null;
            case "1" or "Y" or "YES" or "TRUE" or "O" or "예" or "네" or "はい" or "有" or "○" or "〇": return true;
            case "0" or "N" or "NO" or "FALSE" or "X" or "아니요" or "아니오" or "いいえ" or "無" or "×" or "-": return false;
        }
        Tell(key, ExchangeRules.NotYesNo, $"'{text}' is neither yes nor no. Write yes or no.");
        return null;
    }

    /// <param name="unit">Of a bare number; a unit behind the number wins: <c>s</c>, <c>min</c>, <c>h</c>, <c>d</c> and the Korean and Japanese ones.</param>
    public TimeSpan? Duration(string key, bool needed, TimeSpan unit, TimeSpan most)
    {
        var text = Text(key).Normalize(NormalizationForm.FormKC).Trim();
        if (text.Length == 0)
        {
            if (needed) Tell(key, ExchangeRules.Empty, $"The field is empty. Write a time in minutes, or with its unit.");
            return null;
        }
        double number;
        if (Clock().Match(text) is { Success: true } c)
        {
            (number, unit) = (int.Parse(c.Groups[1].ValueSpan, CultureInfo.InvariantCulture) * 60 + int.Parse(c.Groups[2].ValueSpan, CultureInfo.InvariantCulture)
                + (c.Groups[3].Success ? int.Parse(c.Groups[3].ValueSpan, CultureInfo.InvariantCulture) / 60.0 : 0), TimeSpan.FromMinutes(1));
        }
        else
        {
            if (WithUnit().Match(text) is not { Success: true } m || !WrittenNumber.TryPlain(m.Groups[1].Value, decimalComma: false, out var plain)
                || !double.TryParse(plain, NumberStyles.Float, CultureInfo.InvariantCulture, out number))
            {
                Tell(key, ExchangeRules.NotANumber, $"'{text}' is not a length of time. Write minutes, or a number with s, min, h or d, or h:mm.");
                return null;
            }
            unit = m.Groups[2].Value.ToUpperInvariant() switch
            {
                "" => unit,
                "S" or "SEC" or "초" or "秒" => TimeSpan.FromSeconds(1),
                "MIN" or "M" or "분" or "分" => TimeSpan.FromMinutes(1),
                "H" or "HR" or "시간" or "時間" => TimeSpan.FromHours(1),
                _ => TimeSpan.FromDays(1),
            };
        }
        if (number >= 0 && number * unit.TotalHours <= most.TotalHours) return unit * number;
        Tell(key, ExchangeRules.OutOfRange, $"{text} is no time from 0 to {most.TotalHours:0} hours. Correct the number or its unit.");
        return null;
    }

    /// <summary>A date, or a date with a time of day, in the factory's local time where no offset stands with it.</summary>
    /// <param name="endOfDay">A bare date means the end of that day, else its begin.</param>
    public DateTimeOffset? Instant(string key, bool needed, TimeSpan offset, bool endOfDay)
    {
        var text = Text(key).Normalize(NormalizationForm.FormKC).Trim();
        if (text.Length == 0)
        {
            if (needed) Tell(key, ExchangeRules.Empty, $"The field is empty. Write a date such as 2026-12-18 or 2026-12-18 17:00.");
            return null;
        }
        if (Stamp().IsMatch(text) && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var exact) && exact.Year is > 2000 and < 2200) return exact;
        if (Date().Match(text) is { Success: true } m)
        {
            var year = int.Parse(m.Groups["y"].ValueSpan, CultureInfo.InvariantCulture) + (m.Groups["era"].Success ? 2018 : 0);
            var (month, day) = (int.Parse(m.Groups["m"].ValueSpan, CultureInfo.InvariantCulture), int.Parse(m.Groups["d"].ValueSpan, CultureInfo.InvariantCulture));
            var (hour, minute) = m.Groups["h"].Success ? (int.Parse(m.Groups["h"].ValueSpan, CultureInfo.InvariantCulture), m.Groups["min"].Success ? int.Parse(m.Groups["min"].ValueSpan, CultureInfo.InvariantCulture) : 0) : (0, 0);
            if (year is > 2000 and < 2200 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month) && hour <= 24 && minute < 60 && hour * 60 + minute <= 1440)
            {
                var at = new DateTimeOffset(year, month, day, 0, 0, 0, offset);
                var second = m.Groups["s"].Success ? int.Parse(m.Groups["s"].ValueSpan, CultureInfo.InvariantCulture) : 0;
                return m.Groups["h"].Success ? at.AddMinutes(hour * 60 + minute).AddSeconds(Math.Min(59, second)) : endOfDay ? at.AddDays(1) : at;
            }
        }
        Tell(key, ExchangeRules.NotADate, $"'{text}' is not a date that can be read without doubt. Write year, month and day: 2026-12-18, with a time 2026-12-18 17:00.");
        return null;
    }

    [GeneratedRegex(@"^(\d{1,5}):([0-5]\d)(?::([0-5]\d)(?:\.0+)?)?$")] private static partial Regex Clock();
    [GeneratedRegex(@"^([-+]?[\d,]*\.?\d+(?:[eE][-+]?\d+)?)\s*(s|sec|초|秒|min|m|분|分|h|hr|시간|時間|d|일|日|)$", RegexOptions.IgnoreCase)] private static partial Regex WithUnit();
    [GeneratedRegex(@"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$")] private static partial Regex Stamp();
    [GeneratedRegex(@"^(?:(?<era>令和|R)\s?(?<y>\d{1,2})|(?<y>\d{4}))\s?[-/.年년]\s?(?<m>\d{1,2})\s?[-/.月월]\s?(?<d>\d{1,2})\s?[.日일]?(?:\s*\(.\))?(?:[T\s]+(?<h>\d{1,2})(?::(?<min>\d{2})(?::(?<s>\d{2})(?:\.\d+)?)?|\s?[時시](?:\s?(?<min>\d{1,2})\s?[分분])?))?$")] private static partial Regex Date();
}
