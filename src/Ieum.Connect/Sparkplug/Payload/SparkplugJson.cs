using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Ieum.Connect.Sparkplug.Payload;

/// <summary>Tables and templates as JSON, the form in which they are kept as samples.</summary>
internal static class SparkplugJson
{
    /// <summary>A data set as <c>{"columns":[…],"rows":[[…]]}</c>, a template as <c>{"name":value}</c> of its members and parameters.</summary>
    public static string Write(SparkplugValue value, SparkplugDataType type)
    {
        using var buffer = new MemoryStream();
        // Relaxed escaping keeps Korean and Japanese readable; the text never goes into HTML unescaped.
        using (var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping })) Write(json, value, type);
        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static void Write(Utf8JsonWriter json, SparkplugValue value, SparkplugDataType? type)
    {
        switch (value.Kind)
        {
            case WireValue.Int when type is SparkplugDataType.Int8 or SparkplugDataType.Int16 or SparkplugDataType.Int32:
                json.WriteNumberValue((int)(uint)value.Bits);
                break;
            case WireValue.Long when type == SparkplugDataType.Int64: json.WriteNumberValue((long)value.Bits); break;
            case WireValue.Int or WireValue.Long: json.WriteNumberValue(value.Bits); break;
            case WireValue.Float: Number(json, value.Float, float.IsFinite(value.Float)); break;
            case WireValue.Double: Number(json, value.Double, double.IsFinite(value.Double)); break;
            case WireValue.Boolean: json.WriteBooleanValue(value.Bits != 0); break;
            case WireValue.Text: json.WriteStringValue(value.Text); break;
            case WireValue.Bytes: json.WriteBase64StringValue((byte[])value.Object!); break;
            case WireValue.DataSet: Table(json, (DataSet)value.Object!); break;
            case WireValue.Template: Template(json, (Template)value.Object!); break;
            default: json.WriteNullValue(); break;
        }
    }

    private static void Number(Utf8JsonWriter json, double value, bool finite)
    {
        if (finite) json.WriteNumberValue(value);
        else json.WriteStringValue(double.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
    }

    private static void Table(Utf8JsonWriter json, DataSet table)
    {
        json.WriteStartObject();
        json.WriteStartArray("columns");
        foreach (var column in table.Columns) json.WriteStringValue(column);
        json.WriteEndArray();
        json.WriteStartArray("rows");
        foreach (var row in table.Rows)
        {
            json.WriteStartArray();
            for (var i = 0; i < row.Count; i++) Write(json, row[i], table.Types[i]);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Template(Utf8JsonWriter json, Template template)
    {
        json.WriteStartObject();
        foreach (var p in template.Parameters) Member(json, p.Name, p.Value, p.Type);
        foreach (var m in template.Metrics) Member(json, m.Name, m.Value, m.DataType);
        json.WriteEndObject();
    }

    private static void Member(Utf8JsonWriter json, string? name, SparkplugValue value, SparkplugDataType? type)
    {
        json.WritePropertyName(name ?? "");
        Write(json, value, type);
    }
}
