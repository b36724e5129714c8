namespace Ieum.Analyze;

/// <summary>
/// Rows and cells of separated values (RFC 4180): quoted cells may hold separators, line ends and doubled quotes. Lines go in, rows come out,
/// so that a file of any length passes through.
/// </summary>
/// <remarks>
/// Foreign files are not that tidy. A quote counts only at the head of a cell, and only if a separator or the end of the line follows the closing
/// one; else it is a character like any other (5" is an inch). One that never closes breaks its own line and cannot swallow the rest of the file.
/// </remarks>
internal sealed class CsvRows
{
    /// <summary>Lines that a quoted cell may span.</summary>
    private const int MostLines = 100;

    private readonly List<string> _held = [];
    private int _line = 1, _scanned;

    /// <summary>Comma, semicolon or tab.</summary>
    public char Separator { get; set; } = ',';

    public void Add(string line) => _held.Add(line);

    /// <param name="end">No line follows.</param>
    /// <param name="row">Its text without the last line end, and the line on which it begins, from 1.</param>
    /// <returns>False when the next row is not complete yet.</returns>
    public bool TryNext(bool end, out (int Line, string Text) row)
    {
        row = default;
        while (_scanned < _held.Count)
        {
            var state = StateAfter(_held[_scanned], inside: _scanned > 0);
            _scanned++;
            if (state == Quote.Open) continue;
            row = Take(state == Quote.Broken ? 1 : _scanned);
            return true;
        }
        if (_held.Count == 0 || (!end && _held.Count < MostLines)) return false;
        row = Take(1);
        return true;
    }

    private (int Line, string Text) Take(int lines)
    {
        var row = (_line, lines == 1 ? _held[0] : string.Join('\n', _held.Take(lines)));
        _held.RemoveRange(0, lines);
        (_line, _scanned) = (_line + lines, 0);
        return row;
    }

    private enum Quote { Closed, Open, Broken }

    /// <summary>How a line ends that began inside or outside a quoted cell.</summary>
    private Quote StateAfter(ReadOnlySpan<char> line, bool inside)
    {
        while (true)
        {
            if (!inside)
            {
                line = line.TrimStart(' ');
                if (!line.StartsWith('"'))
                {
                    var end = line.IndexOf(Separator);
                    if (end < 0) return Quote.Closed;
                    line = line[(end + 1)..];
                    continue;
                }
                line = line[1..];
            }
            var close = CloseOf(line);
            if (close < 0) return Quote.Open;
            line = line[(close + 1)..].TrimStart(' ');
            if (line.IsEmpty) return Quote.Closed;
            if (line[0] != Separator) return Quote.Broken;
            line = line[1..];
            inside = false;
        }
    }

    /// <summary>Cuts the next cell off a row.</summary>
    /// <param name="last">Nothing follows it.</param>
    public static ReadOnlySpan<char> Cut(scoped ref ReadOnlySpan<char> rest, char separator, out bool last)
    {
        var bare = rest.TrimStart(' ');
        if (bare.StartsWith('"') && CloseOf(bare[1..]) is >= 0 and var close)
        {
            var behind = bare[(close + 2)..].TrimStart(' ');
            if (behind.IsEmpty || behind[0] == separator)
            {
                last = behind.IsEmpty;
                rest = last ? default : behind[1..];
                var inside = bare.Slice(1, close);
                return inside.Contains('"') ? inside.ToString().Replace("\"\"", "\"", StringComparison.Ordinal) : inside;
            }
        }
        var end = rest.IndexOf(separator);
        var cell = end < 0 ? rest : rest[..end];
        last = end < 0;
        rest = last ? default : rest[(end + 1)..];
        return cell;
    }

    public static List<string> Cells(ReadOnlySpan<char> row, char separator)
    {
        List<string> cells = [];
        for (var last = false; !last;) cells.Add(Cut(ref row, separator, out last).ToString());
        return cells;
    }

    /// <summary>How often a separator parts cells in a line.</summary>
    public static int Count(string line, char separator)
    {
        ReadOnlySpan<char> rest = line;
        var count = -1;
        for (var last = false; !last; count++) Cut(ref rest, separator, out last);
        return count;
    }

    /// <summary>Place of the quote that closes; -1 when none does. Doubled ones are part of the text.</summary>
    private static int CloseOf(ReadOnlySpan<char> text)
    {
        for (var at = 0; ;)
        {
            var quote = text[at..].IndexOf('"');
            if (quote < 0) return -1;
            at += quote;
            if (at + 1 >= text.Length || text[at + 1] != '"') return at;
            at += 2;
        }
    }
}
