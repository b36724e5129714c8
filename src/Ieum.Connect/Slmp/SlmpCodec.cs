using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Ieum.Connect.Slmp;

/// <summary>Requests to bytes and answers from bytes: the client's side. Pure.</summary>
internal static class SlmpCodec
{
    /// <param name="timer">How long the station may take, in 250 ms; 0 waits for ever.</param>
    public static byte[] Encode(SlmpRequest request, SlmpFraming framing, SlmpRoute route, ushort serial, ushort timer)
    {
        var body = new SlmpWriter(framing.Ascii).U16(timer).U16((ushort)request.Command).U16(SubcommandOf(request, framing));
        Data(body, request, framing);
        return Frame(false, framing, route, serial, body);
    }

    public static ushort SubcommandOf(SlmpRequest request, SlmpFraming framing) => request is SlmpRequest.ReadType or SlmpRequest.Loopback
        ? (ushort)0 : (ushort)((request.InBits ? 1 : 0) + (framing.IsWide ? 2 : 0));

    /// <summary>Head and body of one frame.</summary>
    public static byte[] Frame(bool answer, SlmpFraming framing, SlmpRoute route, ushort serial, SlmpWriter body)
    {
        var frame = new SlmpWriter(framing.Ascii).Subheader(SlmpScan.SubheaderOf(framing.Frame, answer));
        if (framing.Frame == SlmpFrame.Frame4E) frame.U16(serial).U16(0);
        return Route(frame, route).U16((ushort)body.Length).Raw(body.ToArray()).ToArray();
    }

    public static SlmpWriter Route(SlmpWriter into, SlmpRoute route) =>
        into.U8(route.Network).U8(route.Station).U16(route.ModuleIo).U8(route.Multidrop);

    public static SlmpRoute Route(ref SlmpReader from) => new(from.U8(), from.U8(), from.U16(), from.U8());

    /// <summary>Reads one whole answer. Never throws.</summary>
    /// <param name="why">What is wrong with the bytes; set when false is returned.</param>
    public static bool TryDecode(ReadOnlyMemory<byte> frame, SlmpFraming framing, out SlmpAnswer answer, [NotNullWhen(false)] out string? why)
    {
        answer = default;
        if (SlmpScan.Measure(frame.Span, framing.Frame, framing.Ascii, answers: true) != frame.Length || frame.Length == 0)
        {
            why = $"not one whole {(framing.Frame == SlmpFrame.Frame4E ? "4E" : "3E")} answer in {(framing.Ascii ? "ASCII" : "binary")}: {Excerpt(frame.Span)}";
            return false;
        }
        var reader = new SlmpReader(frame.Span, framing.Ascii);
        reader.Subheader();
        ushort serial = 0;
        if (framing.Frame == SlmpFrame.Frame4E)
        {
            serial = reader.U16();
            reader.U16();
        }
        var route = Route(ref reader);
        reader.U16();
        var end = reader.U16();
        if (reader.Failed)
        {
            why = $"an answer with characters that are no hexadecimal digits: {Excerpt(frame.Span)}";
            return false;
        }
        var data = frame[^reader.Left..];
        SlmpErrorInfo? error = null;
        if (end != 0)
        {
            // Some stations leave the error information out; the end code alone is an answer too.
            var info = new SlmpErrorInfo(Route(ref reader), reader.U16(), reader.U16());
            if (!reader.Failed) error = info;
            data = default;
        }
        (answer, why) = (new(serial, route, end, data, error), null);
        return true;
    }

    /// <summary>The words of 0401 and of 0403 without double words.</summary>
    public static bool TryWords(ReadOnlyMemory<byte> data, bool ascii, Span<ushort> into)
    {
        var reader = new SlmpReader(data.Span, ascii);
        for (var i = 0; i < into.Length; i++) into[i] = reader.U16();
        return reader.IsAtEnd;
    }

    public static bool TryBits(ReadOnlyMemory<byte> data, bool ascii, Span<bool> into)
    {
        var reader = new SlmpReader(data.Span, ascii);
        return reader.TryBits(into) && reader.IsAtEnd;
    }

    /// <summary>The words and then the double words of 0403.</summary>
    public static bool TryRandom(ReadOnlyMemory<byte> data, bool ascii, Span<ushort> words, Span<uint> doubleWords)
    {
        var reader = new SlmpReader(data.Span, ascii);
        for (var i = 0; i < words.Length; i++) words[i] = reader.U16();
        for (var i = 0; i < doubleWords.Length; i++) doubleWords[i] = reader.U32();
        return reader.IsAtEnd;
    }

    /// <summary>The answer to 0101: sixteen characters and a code.</summary>
    public static bool TryTypeName(ReadOnlyMemory<byte> data, bool ascii, out SlmpTypeName name)
    {
        var reader = new SlmpReader(data.Span, ascii);
        var model = string.Concat(reader.Text(16).Where(c => c is > ' ' and < '\x7F'));
        name = new(model, reader.U16());
        return reader.IsAtEnd;
    }

    /// <summary>The answer to 0619.</summary>
    public static bool TryLoopback(ReadOnlyMemory<byte> data, bool ascii, out string text)
    {
        var reader = new SlmpReader(data.Span, ascii);
        var length = reader.U16();
        text = reader.Text(length);
        return reader.IsAtEnd;
    }

    /// <summary>The first bytes of something unreadable, for a message.</summary>
    public static string Excerpt(ReadOnlySpan<byte> bytes) =>
        bytes.IsEmpty ? "(nothing)" : Convert.ToHexString(bytes[..Math.Min(24, bytes.Length)])
            + (bytes.Length > 24 ? string.Create(CultureInfo.InvariantCulture, $"… ({bytes.Length} bytes)") : "");

    private static void Data(SlmpWriter body, SlmpRequest request, SlmpFraming framing)
    {
        switch (request)
        {
            case SlmpRequest.ReadWords(var head, var count):
                body.Device(head, framing).U16((ushort)count);
                break;
            case SlmpRequest.ReadBits(var head, var count):
                body.Device(head, framing).U16((ushort)count);
                break;
            case SlmpRequest.ReadRandom(var words, var doubleWords):
                body.U8((byte)words.Length).U8((byte)doubleWords.Length);
                foreach (var at in words) body.Device(at, framing);
                foreach (var at in doubleWords) body.Device(at, framing);
                break;
            case SlmpRequest.WriteWords(var head, var words):
                body.Device(head, framing).U16((ushort)words.Length);
                foreach (var word in words) body.U16(word);
                break;
            case SlmpRequest.WriteBits(var head, var bits):
                body.Device(head, framing).U16((ushort)bits.Length).Bits(bits.AsSpan());
                break;
            case SlmpRequest.WriteRandomWords(var words, var doubleWords):
                body.U8((byte)words.Length).U8((byte)doubleWords.Length);
                foreach (var (at, value) in words) body.Device(at, framing).U16(value);
                foreach (var (at, value) in doubleWords) body.Device(at, framing).U32(value);
                break;
            case SlmpRequest.WriteRandomBits(var bits):
                body.U8((byte)bits.Length);
                // Set or reset is one byte in the short form, two in the iQ-R form.
                foreach (var (at, value) in bits) _ = framing.IsWide ? body.Device(at, framing).U16((ushort)(value ? 1 : 0)) : body.Device(at, framing).U8((byte)(value ? 1 : 0));
                break;
            case SlmpRequest.Loopback(var text):
                body.U16((ushort)text.Length).Text(text);
                break;
        }
    }
}
