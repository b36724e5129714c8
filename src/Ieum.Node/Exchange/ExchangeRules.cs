using System.Globalization;
using System.Text.Json.Serialization;

namespace Ieum.Node.Exchange;

/// <summary>What can be wrong with a row that comes in; the pages translate them by <c>rule.&lt;id&gt;</c>.</summary>
public static class ExchangeRules
{
    public const string HeaderMissing = "exchange-header-missing";
    public const string ColumnMissing = "exchange-column-missing";
    public const string Empty = "exchange-empty";
    public const string NotAName = "exchange-not-a-name";
    public const string NotANumber = "exchange-not-a-number";
    public const string OutOfRange = "exchange-out-of-range";
    public const string NotADate = "exchange-not-a-date";
    public const string NotYesNo = "exchange-not-yes-no";
    public const string Twice = "exchange-twice";
    public const string UnknownItem = "exchange-unknown-item";
    public const string UnknownMachine = "exchange-unknown-machine";
    public const string UnknownName = "exchange-unknown-name";
    public const string DueBeforeRelease = "exchange-due-before-release";
    public const string Begun = "exchange-begun";
    public const string TooLong = "exchange-too-long";
    public const string NoMachine = "exchange-no-machine";
    public const string Circle = "exchange-circle";
    public const string StepUnknown = "exchange-step-unknown";
    public const string Contradicts = "exchange-contradicts";
    public const string ItemLeft = "exchange-item-left";
    public const string MatrixHole = "exchange-matrix-hole";
    public const string CalendarNeverOpens = "exchange-calendar-never-opens";
    public const string NotJson = "exchange-not-json";

    /// <summary>Every rule with its English text.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        [HeaderMissing] = "No row holds the headings of the template.",
        [ColumnMissing] = "A column that is needed is missing.",
        [Empty] = "A field that is needed is empty.",
        [NotAName] = "The text cannot be a name.",
        [NotANumber] = "The field is not a number.",
        [OutOfRange] = "The number lies outside its range.",
        [NotADate] = "The field is not a date that can be read without doubt.",
        [NotYesNo] = "The field is neither yes nor no.",
        [Twice] = "The same thing stands in an earlier row.",
        [UnknownItem] = "The item has no routing.",
        [UnknownMachine] = "The machine is not registered.",
        [UnknownName] = "What the field names is not known.",
        [DueBeforeRelease] = "The due date lies before the release.",
        [Begun] = "Work on the order has begun; its item cannot change.",
        [TooLong] = "One operation would take longer than two years.",
        [NoMachine] = "The step names no machine that can do it.",
        [Circle] = "The steps wait for each other in a circle.",
        [StepUnknown] = "The step waits for one that the item does not have.",
        [Contradicts] = "Two rows of one step contradict each other.",
        [ItemLeft] = "The item keeps its former state because a row of it is wrong.",
        [MatrixHole] = "The set-up table has a hole: no time stands for a pair.",
        [CalendarNeverOpens] = "The calendar of the machine never opens.",
        [NotJson] = "The document is not the JSON that is expected here.",
    };
}

/// <summary>One thing wrong with one field of one row.</summary>
/// <param name="Line">Line of the text, row of the sheet or position in the document, from 1; 0 for the file as a whole.</param>
/// <param name="Field">Key of the column, as in the templates' second sheet; empty for the whole row.</param>
/// <param name="Value">What stands there, shortened.</param>
/// <param name="Rule">One of <see cref="ExchangeRules"/> or of <see cref="Connect.Files.FilesRules"/>.</param>
/// <param name="Message">What is wrong and what to do.</param>
/// <param name="Warning">The row is taken all the same.</param>
public sealed record ExchangeProblem(int Line, string Field, string Value, string Rule, string Message, bool Warning = false)
{
    /// <summary>The sentence with what stands in it, for other languages; null where it is a file's own.</summary>
    [JsonIgnore]
    public FormattableString? Said { get; init; }

    public static ExchangeProblem Of(int line, string field, string value, string rule, FormattableString message, bool warning = false) =>
        new(line, field, value, rule, message.ToString(CultureInfo.InvariantCulture), warning) { Said = message };
}

/// <summary>What became of a file that was handed in.</summary>
/// <param name="Rows">Rows with anything in them, the headings not counted.</param>
/// <param name="Created">Orders, items or materials that are new.</param>
/// <param name="Updated">Those that were there and are different now.</param>
/// <param name="Unchanged">Those that were there exactly so.</param>
/// <param name="LeftOut">Those that were left out because something is wrong.</param>
/// <param name="Ignored">Headings that mean nothing here.</param>
/// <param name="Checked">Only checked: nothing was kept.</param>
public sealed record ExchangeReport(string Kind, int Rows, int Created, int Updated, int Unchanged, int LeftOut, IReadOnlyList<ExchangeProblem> Problems, IReadOnlyList<string> Ignored, bool Checked)
{
    /// <summary>Orders that wait, not begun, by the former routing of an item that is different now; they follow when a person says so.</summary>
    public IReadOnlyList<string> Waiting { get; init; } = [];
}
