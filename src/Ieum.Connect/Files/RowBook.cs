using System.Buffers.Binary;
using Ieum.Model;

namespace Ieum.Connect.Files;

/// <summary>Digests of rows that were counted, in a file beside the places of the other sources, so that a row that comes again counts once.</summary>
/// <remarks>
/// Rows are written down after the node's queue has them. A crash in between hands the rows of one
/// file over once more: never less.
/// </remarks>
internal sealed class RowBook
{
    /// <summary>Rows remembered; the oldest go first.</summary>
    private const int Most = 2_000_000;

    private readonly string? _path;
    private readonly HashSet<ulong> _known = [];

    /// <param name="folder">Null: an empty book of which nothing is kept.</param>
    public RowBook(string? folder, SourceId source)
    {
        if (folder is null) return;
        _path = Path.Combine(folder, "places", $"{source}.rows");
        if (!File.Exists(_path)) return;
        var bytes = File.ReadAllBytes(_path);
        // A write cut by a power failure leaves half a digest at the end; it is none.
        var whole = bytes.Length - bytes.Length % 8;
        for (var at = Math.Max(0, whole - Most * 8); at < whole; at += 8) _known.Add(BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at)));
        if (whole != bytes.Length || whole / 8 > Most) Write([.. _known], FileMode.Create);
    }

    public bool Knows(ulong row) => _known.Contains(row);

    public void Add(IReadOnlyList<ulong> rows)
    {
        foreach (var row in rows) _known.Add(row);
        Write(rows, FileMode.Append);
    }

    private void Write(IReadOnlyList<ulong> rows, FileMode mode)
    {
        if (_path is null) return;
        Directory.CreateDirectory(Path.GetDirectoryName(_path)!);
        var bytes = new byte[rows.Count * 8];
        for (var i = 0; i < rows.Count; i++) BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(i * 8), rows[i]);
        using var file = new FileStream(_path, mode, FileAccess.Write, FileShare.Read);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }
}
