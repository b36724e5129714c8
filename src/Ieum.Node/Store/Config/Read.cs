using System.Globalization;
using System.Text.Json;
using Ieum.Model;

namespace Ieum.Node.Store.Config;

/// <summary>Readers for the single values of a configuration file.</summary>
internal static class Read
{
    private static readonly Dictionary<string, TimeSpan> DurationUnits = new(StringComparer.Ordinal)
    {
        ["ms"] = TimeSpan.FromMilliseconds(1),
        ["s"] = TimeSpan.FromSeconds(1),
        ["min"] = TimeSpan.FromMinutes(1),
        ["h"] = TimeSpan.FromHours(1),
        ["d"] = TimeSpan.FromDays(1),
    };

    public static bool Text(JsonElement e, out string value, out string rule, out string why)
    {
        value = e.ValueKind == JsonValueKind.String ? e.GetString()! : "";
        return Is(e.ValueKind == JsonValueKind.String, ConfigRules.WrongType, $"a text is expected here, not {ConfigObject.Name(e)}.", out rule, out why);
    }

    public static bool Flag(JsonElement e, out bool value, out string rule, out string why)
    {
        value = e.ValueKind == JsonValueKind.True;
        return Is(e.ValueKind is JsonValueKind.True or JsonValueKind.False, ConfigRules.WrongType,
            $"true or false is expected here, not {ConfigObject.Name(e)}.", out rule, out why);
    }

    /// <summary>A whole number inside a range.</summary>
    public static ConfigRead<int?> Whole(int from, int to) => (JsonElement e, out int? value, out string rule, out string why) =>
    {
        value = null;
        if (e.ValueKind != JsonValueKind.Number)
            return Is(false, ConfigRules.WrongType, $"a whole number is expected here, not {ConfigObject.Name(e)}.", out rule, out why);
        if (!e.TryGetInt32(out var n) || n < from || n > to)
            return Is(false, ConfigRules.OutOfRange, $"{e.GetRawText()} lies outside {from} to {to} (whole numbers).", out rule, out why);
        value = n;
        return Is(true, "", "", out rule, out why);
    };

    /// <summary>A number inside a range.</summary>
    public static ConfigRead<double?> Number(double from, double to) => (JsonElement e, out double? value, out string rule, out string why) =>
    {
        value = null;
        if (e.ValueKind != JsonValueKind.Number)
            return Is(false, ConfigRules.WrongType, $"a number is expected here, not {ConfigObject.Name(e)}.", out rule, out why);
        if (!e.TryGetDouble(out var n) || !double.IsFinite(n) || n < from || n > to)
            return Is(false, ConfigRules.OutOfRange, string.Create(CultureInfo.InvariantCulture, $"{e.GetRawText()} lies outside {from} to {to}."), out rule, out why);
        value = n;
        return Is(true, "", "", out rule, out why);
    };

    /// <summary>A day of the week: <c>"monday"</c>.</summary>
    public static bool DayOfTheWeek(JsonElement e, out DayOfWeek? value, out string rule, out string why)
    {
        value = e.ValueKind == JsonValueKind.String && Enum.TryParse<DayOfWeek>(e.GetString(), ignoreCase: true, out var d) && Enum.IsDefined(d) ? d : null;
        return Is(value is not null, ConfigRules.WrongValue, $"{ConfigObject.Name(e)} is not a day of the week; write it as \"monday\".", out rule, out why);
    }

    /// <summary>A time of day: <c>"16:00"</c>.</summary>
    public static bool Clock(JsonElement e, out TimeSpan? value, out string rule, out string why)
    {
        value = e.ValueKind == JsonValueKind.String ? TimeOfDay(e.GetString()!) : null;
        return Is(value is not null, ConfigRules.WrongValue, $"{ConfigObject.Name(e)} is not a time of day; write it as \"16:00\".", out rule, out why);
    }

    /// <summary>A list of names: <c>["turner", "setter"]</c>.</summary>
    public static bool Words(JsonElement e, out IReadOnlyList<string>? value, out string rule, out string why)
    {
        value = e.ValueKind == JsonValueKind.Array && e.EnumerateArray().All(x => x.ValueKind == JsonValueKind.String) ? [.. e.EnumerateArray().Select(x => x.GetString()!)] : null;
        return Is(value is not null, ConfigRules.WrongType, $"a list of texts is expected here, not {ConfigObject.Name(e)}.", out rule, out why);
    }

    /// <summary>A duration with its unit, for example <c>"30 min"</c>; never negative.</summary>
    public static bool Duration(JsonElement e, out TimeSpan? value, out string rule, out string why)
    {
        value = null;
        const string Form = "write a number and one of the units ms, s, min, h, d, for example \"30 min\"";
        if (e.ValueKind == JsonValueKind.Number)
            return Is(false, ConfigRules.WrongUnit, $"{e.GetRawText()} has no unit; {Form}.", out rule, out why);
        if (e.ValueKind != JsonValueKind.String)
            return Is(false, ConfigRules.WrongType, $"a duration is expected here, not {ConfigObject.Name(e)}; {Form}.", out rule, out why);
        var text = e.GetString()!.Trim();
        var letters = text.AsSpan().TrimStart("+-0123456789.,Ee ").ToString();
        var figure = text[..(text.Length - letters.Length)].TrimEnd();
        if (!double.TryParse(figure, NumberStyles.Float, CultureInfo.InvariantCulture, out var n) || !double.IsFinite(n))
            return Is(false, ConfigRules.WrongValue, $"\"{text}\" is not a duration; {Form}.", out rule, out why);
        if (!DurationUnits.TryGetValue(letters, out var unit))
        {
            var near = Nearest.To(letters, DurationUnits.Keys);
            return Is(false, ConfigRules.WrongUnit, letters.Length == 0
                ? $"\"{text}\" has no unit; {Form}."
                : $"\"{letters}\" in \"{text}\" is not a unit of time{(near is null ? "" : $" (did you mean \"{near}\"?)")}; {Form}.", out rule, out why);
        }
        if (n < 0 || n * unit.TotalDays > 3650)
            return Is(false, ConfigRules.OutOfRange, $"\"{text}\" lies outside 0 to 3650 d.", out rule, out why);
        value = unit * n;
        return Is(true, "", "", out rule, out why);
    }

    /// <summary>An instant with its distance from UTC, ISO 8601: <c>2026-11-02T08:00+09:00</c>.</summary>
    public static bool Instant(JsonElement e, out DateTimeOffset? value, out string rule, out string why)
    {
        value = null;
        string[] forms = ["yyyy-MM-dd'T'HH:mmzzz", "yyyy-MM-dd'T'HH:mm:sszzz", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFzzz", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd'T'HH:mm'Z'"];
        if (e.ValueKind == JsonValueKind.String && DateTimeOffset.TryParseExact(e.GetString(), forms, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal, out var at))
            value = at;
        return Is(value is not null, ConfigRules.WrongValue,
            $"{ConfigObject.Name(e)} is not a point in time; write ISO 8601 with the distance from UTC, for example \"2026-11-02T08:00+09:00\".", out rule, out why);
    }

    public static bool Day(JsonElement e, out DateOnly? value, out string rule, out string why)
    {
        value = e.ValueKind == JsonValueKind.String && DateOnly.TryParseExact(e.GetString(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var d) ? d : null;
        return Is(value is not null, ConfigRules.WrongValue, $"{ConfigObject.Name(e)} is not a day; write it as \"2026-12-25\".", out rule, out why);
    }

    /// <summary>Distance from UTC as <c>"+09:00"</c>.</summary>
    public static bool Offset(JsonElement e, out TimeSpan? value, out string rule, out string why)
    {
        value = null;
        var text = e.ValueKind == JsonValueKind.String ? e.GetString()! : "";
        if (text.Length == 6 && text[0] is '+' or '-' && TimeSpan.TryParseExact(text[1..], "hh\\:mm", CultureInfo.InvariantCulture, out var size) && size <= TimeSpan.FromHours(14))
            value = text[0] == '-' ? -size : size;
        return Is(value is not null, ConfigRules.WrongValue, $"{ConfigObject.Name(e)} is not a distance from UTC; write it as \"+09:00\".", out rule, out why);
    }

    /// <summary>Shifts of one day: <c>["08:00-12:00", "13:00-18:00"]</c>.</summary>
    public static bool Shifts(JsonElement e, out IReadOnlyList<Shift>? value, out string rule, out string why)
    {
        value = null;
        var shifts = new List<Shift>();
        if (e.ValueKind != JsonValueKind.Array)
            return Is(false, ConfigRules.WrongType, $"a list of shifts such as [\"08:00-12:00\", \"13:00-17:00\"] is expected here, not {ConfigObject.Name(e)}.", out rule, out why);
        foreach (var item in e.EnumerateArray())
        {
            var parts = item.ValueKind == JsonValueKind.String ? item.GetString()!.Split('-') : [];
            if (parts.Length != 2 || TimeOfDay(parts[0]) is not { } from || TimeOfDay(parts[1]) is not { } to || to <= from)
                return Is(false, ConfigRules.WrongValue, $"{ConfigObject.Name(item)} is not a shift; write begin and later end as \"08:00-17:00\", at most \"24:00\".", out rule, out why);
            if (shifts.Count > 0 && from < shifts[^1].To)
                return Is(false, ConfigRules.WrongValue, $"shift \"{item.GetString()}\" begins before the one in front of it ends; put them in order without overlap.", out rule, out why);
            shifts.Add(new(from, to));
        }
        value = shifts;
        return Is(true, "", "", out rule, out why);
    }

    private static TimeSpan? TimeOfDay(string text) =>
        text.Trim() == "24:00" ? TimeSpan.FromDays(1)
        : TimeOnly.TryParseExact(text.Trim(), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var t) ? t.ToTimeSpan() : null;

    /// <summary>A name of a thing, as <see cref="Identifier"/> allows it.</summary>
    public static bool Id(JsonElement e, out string? value, out string rule, out string why)
    {
        value = null;
        if (!Text(e, out var text, out rule, out why)) return false;
        if (!Identifier.IsValid(text))
            return Is(false, ConfigRules.WrongValue, $"\"{text}\" cannot name a thing: 1 to {Identifier.MaxLength} characters, no '/', no control characters, no blanks at the ends.", out rule, out why);
        value = text;
        return true;
    }

    /// <summary>A name in one language for all, or <c>{"ko": …, "ja": …, "en": …}</c>.</summary>
    public static bool Name(JsonElement e, out LocalName? value, out string rule, out string why)
    {
        value = null;
        if (e.ValueKind == JsonValueKind.String) value = LocalName.Same(e.GetString()!);
        else if (e.ValueKind == JsonValueKind.Object)
        {
            var words = new Dictionary<string, string>(StringComparer.Ordinal);
            foreach (var p in e.EnumerateObject())
            {
                if (p.Name is not ("ko" or "ja" or "en") || p.Value.ValueKind != JsonValueKind.String)
                    return Is(false, ConfigRules.UnknownKey, $"unknown key or wrong value at '{p.Name}' of a name; allowed here: ko, ja, en, each a text.", out rule, out why);
                words[p.Name] = p.Value.GetString()!;
            }
            if (words.Count > 0)
            {
                var any = words.GetValueOrDefault("en") ?? words.Values.First();
                value = new(words.GetValueOrDefault("ko") ?? any, words.GetValueOrDefault("ja") ?? any, any);
            }
        }
        return Is(value is not null, ConfigRules.WrongType, $"a name is expected here: a text, or an object with ko, ja, en; not {ConfigObject.Name(e)}.", out rule, out why);
    }

    private static bool Is(bool ok, string failedRule, string failedWhy, out string rule, out string why)
    {
        (rule, why) = ok ? ("", "") : (failedRule, failedWhy);
        return ok;
    }
}
