using System.Globalization;
using System.Xml;

namespace Ieum.Connect.MtConnect;

/// <summary>Reads the body of MTConnectStreams: device streams, component streams, observations.</summary>
internal sealed class MtStreamsReader
{
    private const int MostDevices = 1_000;
    private readonly MtText _text;
    private int _device = -1;
    private readonly object _dataItemId, _sequence, _timestamp, _nativeCode, _nativeSeverity, _qualifier, _type, _resetTriggered;

    public MtStreamsReader(MtText text, XmlNameTable names)
    {
        _text = text;
        // Names from one table are the same object, so comparing references is enough.
        (_dataItemId, _sequence, _timestamp) = (names.Add("dataItemId"), names.Add("sequence"), names.Add("timestamp"));
        (_nativeCode, _nativeSeverity, _qualifier, _type) = (names.Add("nativeCode"), names.Add("nativeSeverity"), names.Add("qualifier"), names.Add("type"));
        _resetTriggered = names.Add("resetTriggered");
    }

    public void Element(XmlReader reader, MtDocument document)
    {
        switch (reader.LocalName)
        {
            case "DeviceStream":
                var device = (reader.GetAttribute("name") ?? "", reader.GetAttribute("uuid") ?? "");
                _device = document.DeviceStreams.IndexOf(device);
                if (_device >= 0 || document.DeviceStreams.Count >= MostDevices) break;
                _device = document.DeviceStreams.Count;
                document.DeviceStreams.Add(device);
                break;
            case "Samples": Group(reader, document, MtCategory.Sample); break;
            case "Events": Group(reader, document, MtCategory.Event); break;
            case "Condition" or "Conditions": Group(reader, document, MtCategory.Condition); break;
        }
    }

    private void Group(XmlReader reader, MtDocument document, MtCategory category)
    {
        if (reader.IsEmptyElement) return;
        var depth = reader.Depth;
        reader.Read();
        while (reader.Depth > depth && !reader.EOF)
        {
            if (reader.NodeType == XmlNodeType.Element) Observation(reader, document, category);
            else reader.Read();
        }
    }

    /// <summary>Reads one observation and moves behind it.</summary>
    private void Observation(XmlReader reader, MtDocument document, MtCategory category)
    {
        string type = reader.LocalName, id = "", code = "", severity = "", qualifier = "", conditionType = "", reset = "";
        long sequence = 0, ticks = 0;
        var empty = reader.IsEmptyElement;
        while (reader.MoveToNextAttribute())
        {
            object name = reader.LocalName;
            if (name == _dataItemId) id = _text.Word(reader);
            else if (name == _sequence) sequence = _text.Whole(reader);
            else if (name == _timestamp) ticks = _text.Time(reader);
            else if (name == _nativeCode) code = _text.Word(reader);
            else if (name == _nativeSeverity) severity = _text.Word(reader);
            else if (name == _qualifier) qualifier = _text.Word(reader);
            else if (name == _type) conditionType = _text.Word(reader);
            else if (name == _resetTriggered) reset = _text.Word(reader);
        }
        reader.MoveToElement();
        Value(reader, empty);
        var value = _text.Span.Trim();
        var unavailable = value.SequenceEqual("UNAVAILABLE");
        string? text = null;
        var number = double.NaN;
        if (category == MtCategory.Condition)
        {
            unavailable = type == "Unavailable";
            text = Condition(type, code, severity, qualifier, value);
            type = conditionType;
        }
        else if (category == MtCategory.Event || unavailable || !double.TryParse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out number))
            text = _text.Word(value);
        if (reset.Length > 0 && text is { Length: > 0 } && category == MtCategory.Event && value.Contains('=')) text = $":{reset} {text}";
        document.Observations.Add(new(id, type, category, sequence, ticks, text, number, unavailable, _device));
    }

    private string Condition(string level, string code, string severity, string qualifier, ReadOnlySpan<char> message)
    {
        var word = level switch { "Normal" => "NORMAL", "Warning" => "WARNING", "Fault" => "FAULT", "Unavailable" => "UNAVAILABLE", _ => level.ToUpperInvariant() };
        return code.Length + severity.Length + qualifier.Length + message.Length == 0
            ? _text.Word($"{word}||||")
            : string.Concat(string.Concat(word, "|", Field(code), "|"), string.Concat(Field(severity), "|", Field(qualifier)), "|", message);

        // Only the message, the last field, may hold a bar.
        static string Field(string text) => text.Contains('|', StringComparison.Ordinal) ? text.Replace('|', '/') : text;
    }

    /// <summary>Text of an observation; the entries of a data set as <c>key=value key={cell=value}</c>, the form of SHDR.</summary>
    private void Value(XmlReader reader, bool empty)
    {
        _text.Clear();
        if (empty)
        {
            reader.Read();
            return;
        }
        var depth = reader.Depth;
        reader.Read();
        while (!reader.EOF && reader.Depth > depth)
        {
            if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.SignificantWhitespace)
            {
                _text.Append(reader);
                // A chunked read that came to its end stands on the same node still.
                reader.Read();
            }
            else if (reader.NodeType == XmlNodeType.Element)
            {
                if (_text.Length > 0) _text.Append(" ");
                _text.Append(Entry(reader));
            }
            else reader.Read();
        }
        reader.Read();
    }

    private static string Entry(XmlReader reader)
    {
        var key = reader.GetAttribute("key") ?? reader.LocalName;
        if (reader.IsEmptyElement)
        {
            reader.Read();
            return key;
        }
        var depth = reader.Depth;
        string? text = null;
        List<string>? cells = null;
        reader.Read();
        while (!reader.EOF && reader.Depth > depth)
        {
            if (reader.NodeType == XmlNodeType.Element) (cells ??= []).Add(Entry(reader));
            else
            {
                if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA) text = (text ?? "") + reader.Value;
                reader.Read();
            }
        }
        reader.Read();
        if (cells is not null) return $"{key}={{{string.Join(' ', cells)}}}";
        return text is null ? key : text.Any(c => char.IsWhiteSpace(c) || c is '{' or '}' or '"') ? $"{key}=\"{text.Replace("\"", "\\\"", StringComparison.Ordinal)}\"" : $"{key}={text}";
    }
}
