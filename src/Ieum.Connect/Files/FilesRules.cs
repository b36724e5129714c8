using System.Collections.Frozen;

namespace Ieum.Connect.Files;

/// <summary>Rules that dropped files can break.</summary>
public static class FilesRules
{
    public const string FolderMissing = "files-folder-missing";
    public const string FileUnreadable = "files-file-unreadable";
    public const string FileTooLarge = "files-file-too-large";
    public const string EncodingWrong = "files-encoding-wrong";
    public const string ColumnMissing = "files-column-missing";
    public const string RowWrong = "files-row-wrong";
    public const string ValueWrong = "files-value-wrong";
    public const string TimeWrong = "files-time-wrong";
    public const string WorkbookWrong = "files-workbook-wrong";
    public const string SheetMissing = "files-sheet-missing";
    public const string CellMerged = "files-cell-merged";
    public const string CellError = "files-cell-error";
    public const string NotMoved = "files-not-moved";

    /// <summary>English text of every rule, by id.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        [FolderMissing] = "The watched folder is not there or cannot be read.",
        [FileUnreadable] = "A file cannot be opened; it stays where it is and is tried again.",
        [FileTooLarge] = "A file is larger than allowed; it was moved to refused.",
        [EncodingWrong] = "A file holds bytes that are no text in its encoding; it was moved to refused.",
        [ColumnMissing] = "A file does not have a column that the connection names; it was moved to refused.",
        [RowWrong] = "A row has another number of fields than the header, or an open quote; the others go on.",
        [ValueWrong] = "A field is not the value that its point expects; the others go on.",
        [TimeWrong] = "A row has no time that can be used; the others go on.",
        [WorkbookWrong] = "A workbook is protected, of the old kind, damaged or not whole; it was moved to refused.",
        [SheetMissing] = "A workbook does not have the sheet that the connection names; it was moved to refused.",
        [CellMerged] = "A cell is merged with others, so it is not known which rows its value is for; the others go on.",
        [CellError] = "A cell holds an error, or a formula without a stored value; the others go on.",
        [NotMoved] = "A file was read but cannot be moved to done; its rows will not be counted again.",
    }.ToFrozenDictionary(StringComparer.Ordinal);
}
