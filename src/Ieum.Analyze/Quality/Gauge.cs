using System.Collections.Immutable;

namespace Ieum.Analyze;

/// <summary>One measured value of one part.</summary>
/// <param name="Part">Serial number, or what the file calls the part; empty when it names none.</param>
/// <param name="Characteristic">What was measured.</param>
/// <param name="At">When; null where the file does not say.</param>
/// <param name="Lower">Lower limit in the unit of the value; null without one.</param>
/// <param name="Upper">Upper limit; null without one.</param>
/// <param name="Unit">As the file says it; empty when it does not.</param>
public sealed record GaugeValue(string Part, string Characteristic, DateTimeOffset? At, double Value, double? Lower, double? Upper, string Unit)
{
    public bool IsGood => !(Value < Lower) && !(Value > Upper);
}

/// <summary>Something in a gauge file that could not be used.</summary>
/// <param name="Line">Line or row, from 1; 0 for the whole file.</param>
/// <param name="Column">Column or element; empty for the whole line.</param>
public sealed record GaugeProblem(int Line, string Column, string Rule, string Message);

/// <summary>What a gauge file holds; what could be read is there even when some of it could not.</summary>
public sealed record GaugeFile(ImmutableArray<GaugeValue> Values, ImmutableArray<GaugeProblem> Problems)
{
    /// <summary>Larger files are refused: a year of a measuring machine fits in.</summary>
    public const int LargestBytes = 64 * 1024 * 1024;

    /// <summary>Reads CSV or QIF, told by content. Never throws on foreign bytes.</summary>
    public static GaugeFile Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > LargestBytes)
            return new([], [new(0, "", GaugeRules.TooLarge, $"The file is larger than {LargestBytes / (1024 * 1024)} MiB. Cut it into parts.")]);
        var text = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        while (text.Length > 0 && text[0] is (byte)' ' or (byte)'\r' or (byte)'\n' or (byte)'\t') text = text[1..];
        return text.StartsWith("<"u8) ? QifReader.Read(bytes) : GaugeCsv.Read(System.Text.Encoding.UTF8.GetString(text));
    }
}

/// <summary>Rules that a gauge file may break; the pages translate them by <c>rule.&lt;id&gt;</c>.</summary>
public static class GaugeRules
{
    public const string TooLarge = "gauge-too-large";
    public const string NotXml = "gauge-not-xml";
    public const string NotQif = "gauge-not-qif";
    public const string NoColumn = "gauge-column-missing";
    public const string NoNumber = "gauge-not-a-number";
    public const string LimitsCrossed = "gauge-limits-crossed";
    public const string NoTime = "gauge-time-broken";
    public const string Unreferenced = "gauge-reference-broken";

    /// <summary>Every rule with its English text.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [TooLarge] = "The gauge file is too large.",
        [NotXml] = "The file begins like XML but cannot be read as such. Export it again.",
        [NotQif] = "The XML file is no QIF document (QIFDocument of qifstandards.org).",
        [NoColumn] = "A column is missing: the first line needs characteristic and value.",
        [NoNumber] = "A value is not a finite number and was left out.",
        [LimitsCrossed] = "The lower limit lies above the upper one; both were left out.",
        [NoTime] = "A time is not ISO 8601 with a distance from UTC; the value is kept without a time.",
        [Unreferenced] = "A measured value points to a characteristic that the file does not define; it was left out.",
    };
}
