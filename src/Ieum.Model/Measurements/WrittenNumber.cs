namespace Ieum.Model;

/// <summary>Numbers as people and programs write them into files: thousands in groups, decimals behind a point or a comma.</summary>
public static class WrittenNumber
{
    private const int GroupDigits = 3;

    /// <summary>Takes the groups of thousands out and puts a point before the decimals.</summary>
    /// <param name="decimalComma"><c>1.234,5</c> instead of <c>1,234.5</c>.</param>
    /// <param name="plain">The figure without groups; what is no number otherwise stays none.</param>
    /// <returns>False when a mark stands where no group of three digits follows: <c>12,5</c> with a decimal point is 12.5 to its writer and 125 to a careless reader.</returns>
    public static bool TryPlain(string text, bool decimalComma, out string plain)
    {
        var (group, point) = decimalComma ? ('.', ',') : (',', '.');
        plain = decimalComma ? text.Replace(".", "", StringComparison.Ordinal).Replace(',', '.') : text.Replace(",", "", StringComparison.Ordinal);
        if (!text.Contains(group, StringComparison.Ordinal)) return true;
        var whole = text.AsSpan().TrimStart("+-");
        if (whole.IndexOfAny(point, 'e', 'E') is >= 0 and var end)
        {
            if (whole[end..].Contains(group)) return false;
            whole = whole[..end];
        }
        var first = whole.IndexOf(group);
        if (first is < 1 or > GroupDigits || (whole.Length - first) % (GroupDigits + 1) != 0) return false;
        for (var i = first; i < whole.Length; i++)
            if ((i - first) % (GroupDigits + 1) == 0 ? whole[i] != group : !char.IsAsciiDigit(whole[i])) return false;
        return !whole[..first].ContainsAnyExceptInRange('0', '9');
    }
}
