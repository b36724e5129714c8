namespace Ieum.Connect.Slmp;

/// <summary>Finds where frames begin and end in a stream of bytes.</summary>
internal static class SlmpScan
{
    /// <summary>Longest data part taken; 960 words in ASCII are 3,840 characters, 7,168 bits are as many.</summary>
    public const int MostData = 8192;

    /// <summary>Subheader, route and length of the longest form (4E ASCII).</summary>
    public const int MostHead = 26;

    public static int HeadOf(SlmpFrame frame, bool ascii) => ((frame == SlmpFrame.Frame4E ? 6 : 2) + 7) * (ascii ? 2 : 1);

    /// <summary>Length of the frame at the beginning of <paramref name="bytes"/>: 0 when more bytes are needed to tell or to have it whole, -1 when this is no frame.</summary>
    /// <param name="answers">Answers (D000, D400) are awaited; otherwise requests (5000, 5400).</param>
    public static int Measure(ReadOnlySpan<byte> bytes, SlmpFrame frame, bool ascii, bool answers)
    {
        var unit = ascii ? 2 : 1;
        if (bytes.Length < 2 * unit) return 0;
        var reader = new SlmpReader(bytes, ascii);
        if (reader.Subheader() != SubheaderOf(frame, answers) || reader.Failed) return -1;
        var head = HeadOf(frame, ascii);
        if (bytes.Length < head) return 0;
        reader.Raw(head - 4 * unit);
        var data = reader.U16();
        if (reader.Failed || data < (answers ? 2 : 6) * unit || data > MostData) return -1;
        return bytes.Length < head + data ? 0 : head + data;
    }

    /// <summary>Tells 3E from 4E and binary from ASCII by the first four bytes of a request.</summary>
    /// <returns>Null when it is none of them.</returns>
    public static (SlmpFrame Frame, bool Ascii)? Detect(ReadOnlySpan<byte> request) => request switch
    {
        [0x50, 0x00, ..] => (SlmpFrame.Frame3E, false),
        [0x54, 0x00, ..] => (SlmpFrame.Frame4E, false),
        [(byte)'5', (byte)'0', (byte)'0', (byte)'0', ..] => (SlmpFrame.Frame3E, true),
        [(byte)'5', (byte)'4', (byte)'0', (byte)'0', ..] => (SlmpFrame.Frame4E, true),
        _ => null,
    };

    public static ushort SubheaderOf(SlmpFrame frame, bool answer) => (ushort)((frame == SlmpFrame.Frame4E ? 0x5400 : 0x5000) | (answer ? 0x8000 : 0));
}
