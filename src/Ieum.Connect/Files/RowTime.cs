using System.Globalization;
using System.Text;

namespace Ieum.Connect.Files;

/// <summary>Times as instruments of Korea and Japan write them: <c>2026-03-02 08:15:00</c>, <c>2026/3/2 8:15</c>, <c>2026年3月2日 8時15分</c>, <c>2026. 3. 2. 오후 8:15:00</c>.</summary>
internal static class RowTime
{
    private static readonly string[] Formats =
    [
        "yyyy-M-d H:m:s.FFFFFFF", "yyyy-M-d H:m:s", "yyyy-M-d H:m", "yyyy-M-d h:m:s tt", "yyyy-M-d h:m tt", "yyyy-M-d tt h:m:s", "yyyy-M-d tt h:m", "yyyy-M-d",
        "yyyyMMdd HHmmss", "yyyyMMddHHmmss", "yyyyMMdd", "yy-M-d H:m:s", "yy-M-d H:m",
    ];

    /// <param name="offset">How far the time is ahead of UTC when it does not say so itself.</param>
    public static bool TryParse(string text, string? format, TimeSpan offset, out long ticks)
    {
        ticks = 0;
        text = text.Trim();
        if (text.Length is 0 or > 64) return false;
        if (format is not null) return Exact(text, [format], offset, out ticks);
        var last = text[^1] is 'Z' or 'z' || (text.Length > 19 && text.LastIndexOfAny(['+', '-']) > 18);
        if (last && WireTime.TryParse(Encoding.UTF8.GetBytes(text), out ticks)) return true;
        return Exact(Plain(text), Formats, offset, out ticks);
    }

    private static bool Exact(string text, string[] formats, TimeSpan offset, out long ticks)
    {
        ticks = 0;
        if (!DateTime.TryParseExact(text, formats, CultureInfo.InvariantCulture, DateTimeStyles.AllowWhiteSpaces, out var local)) return false;
        ticks = local.Ticks - offset.Ticks;
        return ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;
    }

    /// <summary>Words and marks of both countries as digits, '-', ':' and AM/PM.</summary>
    private static string Plain(string text)
    {
        var plain = text.Normalize(NormalizationForm.FormKC).Replace("오전", "AM", StringComparison.Ordinal).Replace("오후", "PM", StringComparison.Ordinal)
            .Replace("午前", "AM", StringComparison.Ordinal).Replace("午後", "PM", StringComparison.Ordinal).Replace('T', ' ');
        var made = new StringBuilder(plain.Length);
        var dots = 0;
        foreach (var c in plain)
            switch (c)
            {
                case '年' or '月' or '년' or '월' or '/': made.Append('-'); break;
                case '日' or '일': made.Append(' '); break;
                case '時' or '分' or '시' or '분': made.Append(':'); break;
                case '秒' or '초': break;
                // 2026. 3. 2. has a dot behind each part of the date; 08:15:00.5 has one behind the seconds.
                case '.' when made.ToString().Contains(':', StringComparison.Ordinal): made.Append('.'); break;
                case '.': made.Append(++dots < 3 ? '-' : ' '); break;
                default: made.Append(c); break;
            }
        var joined = string.Join(' ', made.ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries)).Replace("- ", "-", StringComparison.Ordinal).Replace(": ", ":", StringComparison.Ordinal);
        return joined.TrimEnd(':', ' ', '-');
    }
}
