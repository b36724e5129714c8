using System.Diagnostics.CodeAnalysis;
using Ieum.Connect.Sparkplug.Wire;

namespace Ieum.Connect.Sparkplug.Payload;

internal static partial class PayloadDecoder
{
    public static bool TryDataSet(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out DataSet? table, out string? reason)
    {
        table = null;
        reason = null;
        ulong? declared = null;
        var columns = new List<string>();
        var types = new List<SparkplugDataType>();
        var rows = new List<IReadOnlyList<SparkplugValue>>();
        var r = new WireReader(bytes);
        while (r.TryField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint): if (r.TryVarint(out var n)) declared = n; break;
                case (2, WireType.Bytes):
                    if (!r.TryBytes(out var name)) break;
                    if (!TryText(name, out var column, out reason)) return false;
                    columns.Add(column);
                    break;
                case (3, WireType.Varint): if (r.TryVarint(out var one)) types.Add((SparkplugDataType)(uint)one); break;
                case (3, WireType.Bytes):   // packed, as proto3 writers send repeated numbers
                    if (!r.TryBytes(out var packed)) break;
                    for (var inner = new WireReader(packed); inner.TryVarint(out var each);) types.Add((SparkplugDataType)(uint)each);
                    break;
                case (4, WireType.Bytes):
                    if (!r.TryBytes(out var line)) break;
                    if (!TryRow(line, out var row, out reason)) return false;
                    rows.Add(row);
                    break;
                default: r.TrySkip(type); break;
            }
        }
        if (r.Failed) return No(r.Failure!, out reason);
        if (columns.Count != types.Count || (declared is { } d && d != (ulong)columns.Count))
            return No($"a data set declares {declared} columns, names {columns.Count} and types {types.Count}", out reason);
        if (rows.FirstOrDefault(row => row.Count != columns.Count) is { } odd)
            return No($"a data-set row has {odd.Count} cells for {columns.Count} columns", out reason);
        table = new(columns, types, rows);
        return true;
    }

    private static bool TryRow(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out IReadOnlyList<SparkplugValue>? row, out string? reason)
    {
        row = null;
        reason = null;
        var cells = new List<SparkplugValue>();
        var r = new WireReader(bytes);
        while (r.TryField(out var field, out var type))
        {
            if (field != 1 || type != WireType.Bytes) { r.TrySkip(type); continue; }
            if (!r.TryBytes(out var inner)) break;
            if (!TryScalar(inner, 1, out var cell, out reason)) return false;
            cells.Add(cell);
        }
        if (r.Failed) return No(r.Failure!, out reason);
        row = cells;
        return true;
    }

    /// <summary>A message that holds only the six scalar members of a value, from field <paramref name="first"/> on.</summary>
    private static bool TryScalar(ReadOnlySpan<byte> bytes, int first, out SparkplugValue value, out string? reason)
    {
        value = default;
        reason = null;
        var r = new WireReader(bytes);
        while (r.TryField(out var field, out var type))
        {
            if (field < first || field > first + 5) { r.TrySkip(type); continue; }
            if (MetricView.ReadScalar(ref r, field - first, type, out var kind, out var bits, out var content)
                && !TryValue(kind, bits, content, MaxDepth, out value, out reason)) return false;
        }
        return !r.Failed || No(r.Failure!, out reason);
    }

    private static bool TryTemplate(ReadOnlySpan<byte> bytes, int depth, [NotNullWhen(true)] out Template? template, out string? reason)
    {
        template = null;
        reason = null;
        string? version = null, reference = null;
        bool? definition = null;
        var metrics = new List<Metric>();
        var parameters = new List<Parameter>();
        var r = new WireReader(bytes);
        while (r.TryField(out var field, out var type))
        {
            if (field == 5 && type == WireType.Varint) { if (r.TryVarint(out var flag)) definition = flag != 0; continue; }
            if (field is < 1 or > 4 || type != WireType.Bytes) { r.TrySkip(type); continue; }
            if (!r.TryBytes(out var inner)) break;
            switch (field)
            {
                case 1: if (!TryText(inner, out version, out reason)) return false; break;
                case 2:
                    if (!TryMetric(inner, depth + 1, out var metric, out reason)) return false;
                    metrics.Add(metric);
                    break;
                case 3:
                    if (!TryParameter(inner, out var parameter, out reason)) return false;
                    parameters.Add(parameter);
                    break;
                default: if (!TryText(inner, out reference, out reason)) return false; break;
            }
        }
        if (r.Failed) return No(r.Failure!, out reason);
        template = new(version, metrics, parameters, reference, definition);
        return true;
    }

    private static bool TryParameter(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out Parameter? parameter, out string? reason)
    {
        parameter = null;
        string? name = null;
        SparkplugDataType? dataType = null;
        var r = new WireReader(bytes);
        while (r.TryField(out var field, out var type))
        {
            if (field == 1 && type == WireType.Bytes)
            {
                if (r.TryBytes(out var inner) && !TryText(inner, out name, out reason)) return false;
            }
            else if (field == 2 && type == WireType.Varint)
            {
                if (r.TryVarint(out var t)) dataType = (SparkplugDataType)(uint)t;
            }
            else r.TrySkip(type);
        }
        if (r.Failed) return No(r.Failure!, out reason);
        if (!TryScalar(bytes, 3, out var value, out reason)) return false;
        parameter = new(name, dataType, value);
        return true;
    }

    private static bool TryMetaData(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out MetaData? meta, out string? reason)
    {
        meta = null;
        reason = null;
        var m = new MetaData();
        var r = new WireReader(bytes);
        while (r.TryField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint): if (r.TryVarint(out var flag)) m = m with { IsMultiPart = flag != 0 }; break;
                case (3, WireType.Varint): if (r.TryVarint(out var size)) m = m with { Size = size }; break;
                case (4, WireType.Varint): if (r.TryVarint(out var seq)) m = m with { Seq = seq }; break;
                case (2 or 5 or 6 or 7 or 8, WireType.Bytes):
                    if (!r.TryBytes(out var inner)) break;
                    if (!TryText(inner, out var text, out reason)) return false;
                    m = field switch
                    {
                        2 => m with { ContentType = text },
                        5 => m with { FileName = text },
                        6 => m with { FileType = text },
                        7 => m with { Md5 = text },
                        _ => m with { Description = text },
                    };
                    break;
                default: r.TrySkip(type); break;
            }
        }
        if (r.Failed) return No(r.Failure!, out reason);
        meta = m;
        return true;
    }
}
