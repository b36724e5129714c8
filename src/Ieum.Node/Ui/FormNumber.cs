using System.Globalization;

namespace Ieum.Node.Ui;

/// <summary>Numbers in the fields of a form: written so that they are read back to the last digit, whatever the language of the page.</summary>
internal static class FormNumber
{
    /// <returns>Empty for no number.</returns>
    public static string Text(double? number) => number is { } n && !double.IsNaN(n) ? n.ToString("R", CultureInfo.InvariantCulture) : "";

    /// <param name="number">Null for an empty field.</param>
    /// <returns>False when something stands there that is no finite number.</returns>
    public static bool TryRead(string text, out double? number)
    {
        number = double.TryParse(text.Trim(), NumberStyles.Float, CultureInfo.InvariantCulture, out var n) && double.IsFinite(n) ? n : null;
        return number is not null || text.Trim().Length == 0;
    }

    /// <returns>Not a number for an empty field too: where one is needed, both are the same fault.</returns>
    public static double Read(string text) => TryRead(text, out var number) && number is { } n ? n : double.NaN;
}
