using System.Text;
using Ieum.Model;

namespace Ieum.Connect.Files;

/// <summary>The settings of one watched folder, read and checked.</summary>
/// <param name="Patterns">File names with * and ?; those that end in <c>.xlsx</c> or <c>.xlsm</c> are read as workbooks.</param>
/// <param name="Sheet">Name of the sheet of a workbook; null: the first that is not hidden.</param>
/// <param name="Encoding">Null: UTF-8 when the bytes are UTF-8, else CP949 or Shift-JIS, whichever reads them.</param>
/// <param name="Separator">Null: what stands most often in the first line.</param>
/// <param name="TimeColumns">Column of the time, or of date and time; empty: the time the file was last written.</param>
/// <param name="TimeFormat">.NET format of the time; null: ISO, and the Korean and Japanese forms.</param>
/// <param name="Offset">How far the times are ahead of UTC.</param>
/// <param name="Settle">A file counts as written when its size has not changed for so long.</param>
/// <param name="Moves">A file that was read goes to <c>done</c> or <c>refused</c>; false: it stays, and is read again for its new rows when it grew.</param>
internal sealed record FilesOptions(
    string Folder, IReadOnlyList<string> Patterns, string? Sheet, Encoding? Encoding, char? Separator, IReadOnlyList<string> TimeColumns, string? TimeFormat, TimeSpan Offset,
    bool DecimalComma, TimeSpan Period, TimeSpan Settle, long MostBytes, bool Moves)
{
    static FilesOptions() => System.Text.Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    /// <exception cref="ConnectionSettingsException">The folder or an option cannot be used.</exception>
    public static FilesOptions Read(ConnectionSettings settings)
    {
        var options = new OptionReader(settings);
        if (settings.Endpoint.Trim().Length == 0 || settings.Endpoint.Contains('\0', StringComparison.Ordinal)) throw options.WrongEndpoint("a folder of this computer");
        var encoding = options.Text("encoding", "auto") switch
        {
            "auto" => null,
            "utf-8" => Strict("utf-8"),
            "cp949" => Strict("ks_c_5601-1987"),
            "shift-jis" => Strict("shift_jis"),
            var text => throw options.Wrong("encoding", text, "auto, utf-8, cp949, shift-jis"),
        };
        char? separator = options.Text("separator", "auto") switch
        {
            "auto" => null,
            "comma" => ',',
            "semicolon" => ';',
            "tab" => '\t',
            var text => throw options.Wrong("separator", text, "auto, comma, semicolon, tab"),
        };
        var pattern = options.Text("pattern", "*.csv;*.xlsx");
        var patterns = pattern.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (patterns.Length == 0 || pattern.AsSpan().ContainsAny('/', '\\')) throw options.Wrong("pattern", pattern, "file names with * and ?, separated by semicolons");
        var offset = options.Text("offset") is { } shift
            ? TimeSpan.TryParseExact(shift.TrimStart('+', '-'), @"hh\:mm", System.Globalization.CultureInfo.InvariantCulture, out var span) && span <= TimeSpan.FromHours(14)
                ? shift.StartsWith('-') ? -span : span : throw options.Wrong("offset", shift, "hours and minutes ahead of UTC such as +09:00")
            : TimeSpan.Zero;
        var read = new FilesOptions(Path.GetFullPath(settings.Endpoint.Trim()), patterns, options.Text("sheet"), encoding, separator,
            [.. options.Text("time", "").Split('+', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            options.Text("time-format"), offset, options.Flag("decimal-comma", false),
            options.Seconds("period", TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.05), TimeSpan.FromHours(1)),
            options.Seconds("settle", TimeSpan.FromSeconds(2), TimeSpan.Zero, TimeSpan.FromHours(1)),
            options.Whole("most-megabytes", 32, 1, 512) * 1_048_576L, options.Flag("move", true));
        options.Finish();
        return read;
    }

    /// <summary>Files of the folder that fit. Spreadsheet programs keep a <c>~$</c> file beside one that is open; it is none of ours.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public IReadOnlyList<FileInfo> Found() =>
        [.. Patterns.SelectMany(p => new DirectoryInfo(Folder).GetFiles(p)).Where(f => !f.Name.StartsWith("~$", StringComparison.Ordinal)).DistinctBy(f => f.Name, StringComparer.Ordinal)];

    public static bool IsWorkbook(string name) => Path.GetExtension(name).ToUpperInvariant() is ".XLSX" or ".XLSM";

    public static Encoding Strict(string name) => System.Text.Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
}
