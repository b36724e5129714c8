using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Ieum.Connect.Queue;

/// <summary>One file of a queue, named after its first batch, so that the names in order are the batches in order.</summary>
internal sealed class QueueSegment(string folder, long first)
{
    private const string Ending = ".queue";
    private SafeFileHandle? _writing;

    public long First => first;
    public string Path { get; } = System.IO.Path.Combine(folder, first.ToString("D19", CultureInfo.InvariantCulture) + Ending);

    /// <summary>Bytes that are whole records; what may lie behind was not finished.</summary>
    public long Length { get; set; }

    /// <summary>Samples of all batches before this file, and when the newest of them was received; known once the file was written or read.</summary>
    public long SumBefore { get; set; }
    public long ThroughBefore { get; set; }

    /// <summary>The signals that this run described in the file.</summary>
    public HashSet<int> Described { get; } = [];

    public bool IsDropped { get; set; }
    public bool IsDamaged { get; set; }
    public bool IsDirty { get; private set; }

    /// <summary>The files of a folder, oldest first.</summary>
    public static List<QueueSegment> In(string folder) =>
        [.. new DirectoryInfo(folder).EnumerateFiles("*" + Ending)
            .Where(f => long.TryParse(f.Name.AsSpan(0, f.Name.Length - Ending.Length), NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(f => new QueueSegment(folder, long.Parse(f.Name.AsSpan(0, f.Name.Length - Ending.Length), NumberStyles.None, CultureInfo.InvariantCulture)) { Length = f.Length })
            .OrderBy(s => s.First)];

    /// <summary>Writes behind the last whole record; a write that failed half way is overwritten by the next.</summary>
    public void Append(ReadOnlySpan<byte> records)
    {
        _writing ??= File.OpenHandle(Path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        RandomAccess.Write(_writing, records, Length);
        Length += records.Length;
        IsDirty = true;
    }

    public void Flush()
    {
        if (!IsDirty || _writing is null) return;
        RandomAccess.FlushToDisk(_writing);
        IsDirty = false;
    }

    /// <summary>Nothing is written to this file any more.</summary>
    public void Close()
    {
        if (_writing is null) return;
        try
        {
            Flush();
        }
        finally
        {
            _writing.Dispose();
            _writing = null;
        }
    }

    /// <summary>The bytes from <paramref name="from"/> on.</summary>
    public byte[] Read(long from)
    {
        using var reading = File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[Math.Max(0, Length - from)];
        var count = 0;
        while (count < bytes.Length && RandomAccess.Read(reading, bytes.AsSpan(count), from + count) is > 0 and var read) count += read;
        return count == bytes.Length ? bytes : bytes[..count];
    }

    /// <summary>Puts a record in the place of everything the file holds, at once or not at all.</summary>
    public void Replace(ReadOnlySpan<byte> record)
    {
        Close();
        var beside = Path + ".new";
        using (var file = File.OpenHandle(beside, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, record, 0);
            RandomAccess.FlushToDisk(file);
        }
        File.Move(beside, Path, overwrite: true);
        (Length, IsDropped) = (record.Length, true);
    }

    /// <summary>Removes the file; a damaged one is kept under another name, the newest three of a folder.</summary>
    public void Delete()
    {
        _writing?.Dispose();
        _writing = null;
        if (!IsDamaged)
        {
            File.Delete(Path);
            return;
        }
        File.Move(Path, Path + ".damaged", overwrite: true);
        foreach (var old in Directory.EnumerateFiles(folder, "*.damaged").Order(StringComparer.Ordinal).Reverse().Skip(3)) File.Delete(old);
    }
}
