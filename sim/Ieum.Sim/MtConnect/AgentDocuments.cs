using System.Globalization;
using System.Text;
using System.Xml;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;

namespace Ieum.Sim.MtConnect;

/// <summary>Writes the three documents of an agent: devices, streams, error.</summary>
internal sealed class AgentDocuments(DeviceDescription device, string machine, SchemaVersion schema, int bufferSize)
{
    private readonly DeviceTree _tree = DeviceTree.Of(device, machine, schema);

    public DeviceTree Tree => _tree;

    public byte[] Devices(long instanceId, long ticks, long changed) => Document("MTConnectDevices", w =>
    {
        Header(w, instanceId, ticks);
        if (schema.AtLeast(1, 7)) w.WriteAttributeString("deviceModelChangeTime", WireTime.Text(changed));
        w.WriteAttributeString("bufferSize", Number(bufferSize));
        w.WriteAttributeString("assetBufferSize", "1024");
        w.WriteAttributeString("assetCount", "0");
        w.WriteEndElement();
        w.WriteStartElement("Devices");
        _tree.Write(w);
        w.WriteEndElement();
    });

    public byte[] Streams(in BufferSlice slice, long ticks, long changed)
    {
        var s = slice;
        return Document("MTConnectStreams", w =>
        {
            Header(w, s.InstanceId, ticks);
            if (schema.AtLeast(1, 7)) w.WriteAttributeString("deviceModelChangeTime", WireTime.Text(changed));
            w.WriteAttributeString("bufferSize", Number(bufferSize));
            w.WriteAttributeString("nextSequence", Number(s.Next));
            w.WriteAttributeString("lastSequence", Number(s.Last));
            w.WriteAttributeString("firstSequence", Number(s.First));
            w.WriteEndElement();
            w.WriteStartElement("Streams");
            if (s.Observations.Count > 0) WriteDevice(w, s.Observations);
            w.WriteEndElement();
        });
    }

    public byte[] Error(string code, string message, long instanceId, long ticks) => Document("MTConnectError", w =>
    {
        Header(w, instanceId, ticks);
        w.WriteAttributeString("bufferSize", Number(bufferSize));
        w.WriteEndElement();
        w.WriteStartElement("Errors");
        w.WriteStartElement("Error");
        w.WriteAttributeString("errorCode", code);
        w.WriteString(message);
        w.WriteEndElement();
        w.WriteEndElement();
    });

    private void WriteDevice(XmlWriter w, IReadOnlyList<Observation> observations)
    {
        w.WriteStartElement("DeviceStream");
        w.WriteAttributeString("name", _tree.Name);
        w.WriteAttributeString("uuid", _tree.Uuid);
        foreach (var component in observations.GroupBy(o => _tree.ComponentOf(o.ItemIndex)).OrderBy(g => g.Key.Order))
        {
            w.WriteStartElement("ComponentStream");
            w.WriteAttributeString("component", component.Key.Element);
            w.WriteAttributeString("name", component.Key.Name);
            w.WriteAttributeString("componentId", component.Key.Id);
            foreach (var (category, element) in Categories)
            {
                var any = false;
                foreach (var o in component)
                {
                    if (o.Item.Category != category) continue;
                    if (!any) w.WriteStartElement(element);
                    any = true;
                    WriteObservation(w, o);
                }
                if (any) w.WriteEndElement();
            }
            w.WriteEndElement();
        }
        w.WriteEndElement();
    }

    private static readonly (string Category, string Element)[] Categories =
        [("SAMPLE", "Samples"), ("EVENT", "Events"), ("CONDITION", "Condition")];

    private void WriteObservation(XmlWriter w, Observation o)
    {
        var tag = _tree.TagOf(o.ItemIndex);
        if (o.Item.IsCondition)
        {
            var report = Conditions.Read(o.Value);
            w.WriteStartElement(report.Level.ToString());
            Common(w, o, tag);
            w.WriteAttributeString("type", tag.Type);
            if (report.Code.Length > 0) w.WriteAttributeString("nativeCode", report.Code);
            if (report.Severity.Length > 0) w.WriteAttributeString("nativeSeverity", report.Severity);
            if (report.Qualifier is "HIGH" or "LOW") w.WriteAttributeString("qualifier", report.Qualifier);
            // From 2.3 on every active condition has an id that tells it from others of its item; the native code does that.
            if (schema.AtLeast(2, 3) && report.Level is (ConditionLevel.Warning or ConditionLevel.Fault))
                w.WriteAttributeString("conditionId", report.Code.Length > 0 ? report.Code : tag.Id);
            w.WriteString(report.Message);
        }
        else
        {
            w.WriteStartElement(tag.Element);
            Common(w, o, tag);
            if (tag.SubType is { } sub) w.WriteAttributeString("subType", sub);
            w.WriteString(XmlText.Clean(o.Value));
        }
        w.WriteEndElement();
    }

    private static void Common(XmlWriter w, Observation o, ItemTag tag)
    {
        w.WriteAttributeString("dataItemId", tag.Id);
        w.WriteAttributeString("timestamp", WireTime.Text(o.Ticks));
        w.WriteAttributeString("name", tag.Name);
        w.WriteAttributeString("sequence", Number(o.Sequence));
    }

    private void Header(XmlWriter w, long instanceId, long ticks)
    {
        w.WriteStartElement("Header");
        w.WriteAttributeString("creationTime", WireTime.Text(ticks));
        w.WriteAttributeString("sender", "ieum-sim");
        w.WriteAttributeString("instanceId", Number(instanceId));
        w.WriteAttributeString("version", schema.Text);
    }

    private byte[] Document(string root, Action<XmlWriter> body)
    {
        using var memory = new MemoryStream(4096);
        using (var w = XmlWriter.Create(memory, new XmlWriterSettings { Encoding = new UTF8Encoding(false), CheckCharacters = false }))
        {
            var space = schema.Namespace(root);
            w.WriteStartElement(root, space);
            w.WriteAttributeString("xsi", "schemaLocation", "http://www.w3.org/2001/XMLSchema-instance",
                $"{space} http://schemas.mtconnect.org/schemas/{root}_{schema.Text}.xsd");
            body(w);
            w.WriteEndElement();
        }
        return memory.ToArray();
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>Text that XML 1.0 can carry; a recording may hold control characters.</summary>
internal static class XmlText
{
    public static string Clean(string text) =>
        text.All(XmlConvert.IsXmlChar) ? text : string.Concat(text.Select(c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c) ? c : '\uFFFD'));
}
