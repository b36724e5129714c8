using System.Xml;

namespace Ieum.Connect.MtConnect;

/// <summary>Reads the XML documents of an agent, schema 1.0 to 2.x, by local names: the namespace changes with every version.</summary>
/// <remarks>One per connection, not thread-safe: it shares name table, words and lists between documents. Never throws on foreign bytes.</remarks>
internal sealed class MtDecoder
{
    private readonly MtDocument _document = new();
    private readonly MtText _text = new();
    private readonly MtStreamsReader _streams;
    private readonly XmlReaderSettings _settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,   // no entities from a peer: neither files of ours nor a billion laughs
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
        MaxCharactersInDocument = MultipartParser.LargestPart,
        NameTable = new NameTable(),
    };

    public MtDecoder() => _streams = new(_text, _settings.NameTable!);

    /// <param name="document">Holds until the next call.</param>
    /// <param name="reason">What is wrong, with the place; empty when it was read.</param>
    public bool TryDecode(ReadOnlyMemory<byte> bytes, out MtDocument document, out string reason)
    {
        (document, reason) = (_document, "");
        _document.Clear();
        try
        {
            using var stream = System.Runtime.InteropServices.MemoryMarshal.TryGetArray(bytes, out var array)
                ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false)
                : new MemoryStream(bytes.ToArray(), writable: false);
            using var reader = XmlReader.Create(stream, _settings);
            reader.MoveToContent();
            _document.Kind = reader.LocalName switch
            {
                "MTConnectStreams" => MtDocumentKind.Streams,
                "MTConnectDevices" => MtDocumentKind.Devices,
                "MTConnectError" => MtDocumentKind.Error,
                "MTConnectAssets" => MtDocumentKind.Other,
                _ => throw new XmlException($"The root element is '{reader.LocalName}', not one of MTConnect."),
            };
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Element) continue;
                if (reader.LocalName == "Header") _document.Header = Header(reader);
                else if (_document.Kind == MtDocumentKind.Streams) _streams.Element(reader, _document);
                else if (_document.Kind == MtDocumentKind.Devices && reader.LocalName is "Device" or "Agent") _document.Devices.Add(MtDevicesReader.Device(reader));
                else if (_document.Kind == MtDocumentKind.Error && reader.GetAttribute("errorCode") is { } code) Error(reader, code);
            }
            return true;
        }
        catch (Exception fault) when (fault is XmlException or InvalidOperationException or ArgumentException or FormatException or NotSupportedException)
        {
            // A half-read document is no document: its sequence numbers are asked for again.
            _document.Clear();
            reason = fault.Message;
            return false;
        }
    }

    /// <summary>Errors have their text inside: directly up to 2.5, as ErrorMessage since 2.6.</summary>
    private void Error(XmlReader reader, string code)
    {
        _text.Clear();
        if (!reader.IsEmptyElement)
        {
            var depth = reader.Depth;
            while (reader.Read() && reader.Depth > depth)
                if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA) _text.Append(reader);
        }
        _document.Errors.Add(new(code, _text.Span.Trim().ToString()));
    }

    private MtHeader Header(XmlReader reader)
    {
        long instance = 0, buffer = 0, first = 0, last = 0, next = 0;
        string sender = "", version = "";
        while (reader.MoveToNextAttribute())
        {
            switch (reader.LocalName)
            {
                case "instanceId": instance = _text.Whole(reader); break;
                case "bufferSize": buffer = _text.Whole(reader); break;
                case "firstSequence": first = _text.Whole(reader); break;
                case "lastSequence": last = _text.Whole(reader); break;
                case "nextSequence": next = _text.Whole(reader); break;
                case "sender": sender = _text.Word(reader); break;
                case "version": version = _text.Word(reader); break;
            }
        }
        reader.MoveToElement();
        return new(instance, buffer, first, last, next, sender, version);
    }
}
