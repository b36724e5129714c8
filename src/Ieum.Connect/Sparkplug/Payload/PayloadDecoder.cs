using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using Ieum.Connect.Sparkplug.Wire;

namespace Ieum.Connect.Sparkplug.Payload;

/// <summary>Reads whole payloads into a tree. Foreign bytes never throw: the answer is false with a reason.</summary>
internal static partial class PayloadDecoder
{
    /// <summary>Templates and property sets may hold themselves; deeper than this nobody means it, and the stack is finite.</summary>
    public const int MaxDepth = 16;

    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out SparkplugPayload? payload, out string? reason)
    {
        payload = null;
        if (!PayloadView.TryRead(bytes, out var view, out reason)) return false;
        string? uuid = null;
        if (!view.Uuid.IsEmpty && !TryText(view.Uuid, out uuid, out reason)) return false;
        var metrics = new List<Metric>(view.MetricCount);
        var walk = view.Metrics;
        while (walk.TryNext(out var one))
        {
            if (!TryMetric(one, 0, out var metric, out reason)) return false;
            metrics.Add(metric);
        }
        payload = new(
            view.HasTimestamp ? view.Timestamp : null, metrics, view.HasSeq ? view.Seq : null, uuid,
            view.HasBody ? view.Body.ToArray() : (ReadOnlyMemory<byte>?)null);
        return true;
    }

    public static bool TryMetric(ReadOnlySpan<byte> bytes, int depth, [NotNullWhen(true)] out Metric? metric, out string? reason)
    {
        metric = null;
        if (depth > MaxDepth) return No($"templates are nested deeper than {MaxDepth}", out reason);
        if (!MetricView.TryRead(bytes, out var v, out reason)) return false;
        string? name = null;
        if (v.HasName && !TryText(v.Name, out name, out reason)) return false;
        MetaData? meta = null;
        if (v.HasMetaData && !TryMetaData(v.MetaData, out meta, out reason)) return false;
        PropertySet? properties = null;
        if (v.HasProperties && !TryProperties(v.Properties, depth + 1, out properties, out reason)) return false;
        if (!TryValue(v.Kind, v.Bits, v.Content, depth + 1, out var value, out reason)) return false;
        metric = new()
        {
            Name = name,
            Alias = v.HasAlias ? v.Alias : null,
            Timestamp = v.HasTimestamp ? v.Timestamp : null,
            DataType = v.DataType == SparkplugDataType.Unknown ? null : v.DataType,
            IsHistorical = v.IsHistorical ? true : null,
            IsTransient = v.IsTransient ? true : null,
            IsNull = v.IsNull ? true : null,
            MetaData = meta,
            Properties = properties,
            Value = value,
        };
        return true;
    }

    public static bool TryValue(
        WireValue kind, ulong bits, ReadOnlySpan<byte> content, int depth, out SparkplugValue value, out string? reason)
    {
        reason = null;
        value = default;
        switch (kind)
        {
            case WireValue.Text:
                if (!TryText(content, out var text, out reason)) return false;
                value = SparkplugValue.Of(text);
                return true;
            case WireValue.Bytes:
                value = SparkplugValue.Of(content.ToArray());
                return true;
            case WireValue.DataSet:
                if (!TryDataSet(content, out var table, out reason)) return false;
                value = SparkplugValue.Of(table);
                return true;
            case WireValue.Template:
                if (!TryTemplate(content, depth, out var template, out reason)) return false;
                value = SparkplugValue.Of(template);
                return true;
            case WireValue.Extension: return true;   // a value only its vendor understands is no value to us
            default:
                value = new(kind, bits, null);
                return true;
        }
    }

    public static bool TryProperties(ReadOnlySpan<byte> bytes, int depth, [NotNullWhen(true)] out PropertySet? set, out string? reason)
    {
        set = null;
        if (depth > MaxDepth) return No($"property sets are nested deeper than {MaxDepth}", out reason);
        var keys = new List<string>();
        var values = new List<PropertyValue>();
        var r = new WireReader(bytes);
        while (r.TryField(out var field, out var type))
        {
            if (field is not (1 or 2) || type != WireType.Bytes)
            {
                if (!r.TrySkip(type)) break;
                continue;
            }
            if (!r.TryBytes(out var inner)) break;
            if (field == 1)
            {
                if (!TryText(inner, out var key, out reason)) return false;
                keys.Add(key);
            }
            else
            {
                if (!TryProperty(inner, depth, out var property, out reason)) return false;
                values.Add(property);
            }
        }
        if (r.Failed) return No(r.Failure!, out reason);
        if (keys.Count != values.Count) return No($"a property set has {keys.Count} keys and {values.Count} values", out reason);
        set = new([.. keys.Zip(values, KeyValuePair.Create)]);
        reason = null;
        return true;
    }

    private static bool TryProperty(ReadOnlySpan<byte> bytes, int depth, [NotNullWhen(true)] out PropertyValue? property, out string? reason)
    {
        property = null;
        reason = null;
        SparkplugDataType? dataType = null;
        bool? isNull = null;
        var value = SparkplugValue.None;
        var r = new WireReader(bytes);
        while (r.TryField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint): if (r.TryVarint(out var t)) dataType = (SparkplugDataType)(uint)t; break;
                case (2, WireType.Varint): if (r.TryVarint(out var n)) isNull = n != 0; break;
                case (>= 3 and <= 8, _):
                    if (MetricView.ReadScalar(ref r, field - 3, type, out var kind, out var bits, out var content)
                        && !TryValue(kind, bits, content, depth, out value, out reason)) return false;
                    break;
                case (9, WireType.Bytes):
                    if (!r.TryBytes(out var one)) break;
                    if (!TryProperties(one, depth + 1, out var set, out reason)) return false;
                    value = SparkplugValue.Of(set);
                    break;
                case (10, WireType.Bytes):
                    if (!r.TryBytes(out var many)) break;
                    if (!TryPropertyList(many, depth + 1, out var list, out reason)) return false;
                    value = SparkplugValue.Of(list);
                    break;
                default: r.TrySkip(type); break;
            }
        }
        if (r.Failed) return No(r.Failure!, out reason);
        property = new(dataType, value, isNull);
        return true;
    }

    private static bool TryPropertyList(
        ReadOnlySpan<byte> bytes, int depth, [NotNullWhen(true)] out IReadOnlyList<PropertySet>? list, out string? reason)
    {
        list = null;
        reason = null;
        var sets = new List<PropertySet>();
        var r = new WireReader(bytes);
        while (r.TryField(out var field, out var type))
        {
            if (field != 1 || type != WireType.Bytes) { r.TrySkip(type); continue; }
            if (!r.TryBytes(out var inner)) break;
            if (!TryProperties(inner, depth, out var set, out reason)) return false;
            sets.Add(set);
        }
        if (r.Failed) return No(r.Failure!, out reason);
        list = sets;
        return true;
    }

    internal static bool TryText(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string? text, out string? reason)
    {
        text = null;
        if (!Utf8.IsValid(bytes)) return No("a text is not valid UTF-8", out reason);
        text = Encoding.UTF8.GetString(bytes);
        reason = null;
        return true;
    }

    private static bool No(string why, out string? reason)
    {
        reason = why;
        return false;
    }
}
