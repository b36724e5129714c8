using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Ieum.Analyze;

/// <summary>Takes one line of a recording.</summary>
/// <param name="text">The line without its end; empty when <paramref name="tooLong"/>.</param>
internal delegate void LineTaker(ReadOnlySpan<char> text, bool tooLong);

/// <summary>Reads the lines of a recording, plain or gzip, in bounded memory.</summary>
internal static class RecordingLines
{
    /// <summary>Characters; the longest line of the real recordings has 3,600. A longer one is garbage or an attack.</summary>
    public const int Longest = 65_536;

    /// <exception cref="RecordingException">The file cannot be opened or its compression is damaged.</exception>
    public static async Task ReadAsync(string file, LineTaker take, CancellationToken cancel)
    {
        try
        {
            // Sequential reads through a 64 KiB buffer; without it gzip asks the disk for 8 KiB at a time.
            var raw = new FileStream(file, new FileStreamOptions { Options = FileOptions.Asynchronous | FileOptions.SequentialScan, BufferSize = 65_536 });
            await using var keep = raw.ConfigureAwait(false);
            var gzip = await IsGzipAsync(raw, cancel).ConfigureAwait(false) ? new CountingStream(new GZipStream(raw, CompressionMode.Decompress, leaveOpen: true)) : null;
            using var reader = new StreamReader((Stream?)gzip ?? raw, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: true, 65_536, leaveOpen: gzip is null);
            await SplitAsync(reader, take, cancel).ConfigureAwait(false);
            if (gzip is not null) await RequireWholeAsync(raw, gzip.Total, cancel).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw RecordingException.GzipBroken(file, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw RecordingException.NotReadable(file, e);
        }
    }

    // By content, not by name: recordings are renamed, packed and unpacked by hand.
    private static async Task<bool> IsGzipAsync(FileStream raw, CancellationToken cancel)
    {
        var magic = new byte[2];
        var read = await raw.ReadAtLeastAsync(magic, 2, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
        raw.Position = 0;
        return read == 2 && magic[0] == 0x1f && magic[1] == 0x8b;
    }

    // GZipStream takes a file that was cut off for one that ended. The last four bytes of a whole one hold its plain size
    // (RFC 1952, ISIZE); of a joined one, that of its last part, which is less than what was read.
    private static async Task RequireWholeAsync(FileStream raw, long read, CancellationToken cancel)
    {
        if (raw.Length < 18 || read > uint.MaxValue) return;
        var size = new byte[4];
        raw.Position = raw.Length - size.Length;
        await raw.ReadExactlyAsync(size, cancel).ConfigureAwait(false);
        var told = BinaryPrimitives.ReadUInt32LittleEndian(size);
        if (told > read) throw new InvalidDataException($"{read} bytes came out of it, its end tells of {told}.");
    }

    private static async Task SplitAsync(StreamReader reader, LineTaker take, CancellationToken cancel)
    {
        var buffer = new char[Longest + 1];
        var (filled, skipping) = (0, false);
        while (true)
        {
            var read = await reader.ReadAsync(buffer.AsMemory(filled), cancel).ConfigureAwait(false);
            var end = filled + read;
            var begin = 0;
            for (var from = filled; buffer.AsSpan(from, end - from).IndexOf('\n') is >= 0 and var at; from = begin)
            {
                if (skipping) skipping = false;
                else take(buffer.AsSpan(begin, from + at - begin).TrimEnd('\r'), false);
                begin = from + at + 1;
            }
            filled = end - begin;
            buffer.AsSpan(begin, filled).CopyTo(buffer);
            if (read == 0)
            {
                if (filled > 0 && !skipping) take(buffer.AsSpan(0, filled).TrimEnd('\r'), false);
                return;
            }
            if (filled < buffer.Length) continue;
            if (!skipping) take([], true);
            (filled, skipping) = (0, true);
        }
    }
}
