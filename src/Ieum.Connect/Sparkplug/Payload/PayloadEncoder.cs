using Ieum.Connect.Sparkplug.Wire;

namespace Ieum.Connect.Sparkplug.Payload;

/// <summary>Writes whole payloads. Field numbers are those of the wire format in Sparkplug B 3.0, chapter 6.</summary>
internal static class PayloadEncoder
{
    public static byte[] Encode(SparkplugPayload payload)
    {
        var w = new WireWriter();
        Encode(payload, w);
        return w.Written.ToArray();
    }

    public static void Encode(SparkplugPayload payload, WireWriter w)
    {
        if (payload.Timestamp is { } at) w.Varint(1, at);
        foreach (var m in payload.Metrics) Write(w, 2, m);
        if (payload.Seq is { } seq) w.Varint(3, seq);
        if (payload.Uuid is { } uuid) w.Text(4, uuid);
        if (payload.Body is { } body) w.Bytes(5, body.Span);
    }

    private static void Write(WireWriter w, int field, Metric m)
    {
        var mark = w.Open(field);
        if (m.Name is { } name) w.Text(1, name);
        if (m.Alias is { } alias) w.Varint(2, alias);
        if (m.Timestamp is { } at) w.Varint(3, at);
        if (m.DataType is { } type) w.Varint(4, (uint)type);
        if (m.IsHistorical is { } historical) w.Flag(5, historical);
        if (m.IsTransient is { } transient) w.Flag(6, transient);
        if (m.IsNull is { } isNull) w.Flag(7, isNull);
        if (m.MetaData is { } meta) Write(w, 8, meta);
        if (m.Properties is { } properties) Write(w, 9, properties);
        switch (m.Value.Kind)
        {
            case WireValue.Bytes: w.Bytes(16, (byte[])m.Value.Object!); break;
            case WireValue.DataSet: Write(w, 17, (DataSet)m.Value.Object!); break;
            case WireValue.Template: Write(w, 18, (Template)m.Value.Object!); break;
            default: WriteScalar(w, 10, m.Value); break;
        }
        w.Close(mark);
    }

    /// <summary>Int, long, float, double, boolean and text follow each other from <paramref name="first"/> in every value.</summary>
    internal static void WriteScalar(WireWriter w, int first, SparkplugValue v)
    {
        switch (v.Kind)
        {
            case WireValue.Int: w.Varint(first, (uint)v.Bits); break;
            case WireValue.Long: w.Varint(first + 1, v.Bits); break;
            case WireValue.Float: w.Fixed32(first + 2, (uint)v.Bits); break;
            case WireValue.Double: w.Fixed64(first + 3, v.Bits); break;
            case WireValue.Boolean: w.Varint(first + 4, v.Bits); break;
            case WireValue.Text: w.Text(first + 5, v.Text!); break;
            case WireValue.None: break;
            default: throw new ArgumentException($"A value of kind {v.Kind} cannot stand here.", nameof(v));
        }
    }

    private static void Write(WireWriter w, int field, MetaData m)
    {
        var mark = w.Open(field);
        if (m.IsMultiPart is { } multi) w.Flag(1, multi);
        if (m.ContentType is { } content) w.Text(2, content);
        if (m.Size is { } size) w.Varint(3, size);
        if (m.Seq is { } seq) w.Varint(4, seq);
        if (m.FileName is { } fileName) w.Text(5, fileName);
        if (m.FileType is { } fileType) w.Text(6, fileType);
        if (m.Md5 is { } md5) w.Text(7, md5);
        if (m.Description is { } description) w.Text(8, description);
        w.Close(mark);
    }

    private static void Write(WireWriter w, int field, PropertySet set)
    {
        var mark = w.Open(field);
        foreach (var (key, _) in set.Items) w.Text(1, key);
        foreach (var (_, value) in set.Items)
        {
            var inner = w.Open(2);
            if (value.Type is { } type) w.Varint(1, (uint)type);
            if (value.IsNull is { } isNull) w.Flag(2, isNull);
            switch (value.Value.Kind)
            {
                case WireValue.PropertySet: Write(w, 9, (PropertySet)value.Value.Object!); break;
                case WireValue.PropertySetList:
                    var list = w.Open(10);
                    foreach (var one in (IReadOnlyList<PropertySet>)value.Value.Object!) Write(w, 1, one);
                    w.Close(list);
                    break;
                default: WriteScalar(w, 3, value.Value); break;
            }
            w.Close(inner);
        }
        w.Close(mark);
    }

    private static void Write(WireWriter w, int field, DataSet table)
    {
        var mark = w.Open(field);
        w.Varint(1, (ulong)table.Columns.Count);
        foreach (var column in table.Columns) w.Text(2, column);
        foreach (var type in table.Types) w.Varint(3, (uint)type);
        foreach (var row in table.Rows)
        {
            var inner = w.Open(4);
            foreach (var cell in row)
            {
                var element = w.Open(1);
                WriteScalar(w, 1, cell);
                w.Close(element);
            }
            w.Close(inner);
        }
        w.Close(mark);
    }

    private static void Write(WireWriter w, int field, Template t)
    {
        var mark = w.Open(field);
        if (t.Version is { } version) w.Text(1, version);
        foreach (var m in t.Metrics) Write(w, 2, m);
        foreach (var p in t.Parameters)
        {
            var inner = w.Open(3);
            if (p.Name is { } name) w.Text(1, name);
            if (p.Type is { } type) w.Varint(2, (uint)type);
            WriteScalar(w, 3, p.Value);
            w.Close(inner);
        }
        if (t.Reference is { } reference) w.Text(4, reference);
        if (t.IsDefinition is { } definition) w.Flag(5, definition);
        w.Close(mark);
    }
}
