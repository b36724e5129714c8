namespace Ieum.Connect.Sparkplug.Payload;

/// <summary>A whole Sparkplug B message body, as a tree. For births, commands and tests; data messages are read with <see cref="PayloadView"/>.</summary>
/// <param name="Timestamp">When it was sent, milliseconds since 1970.</param>
/// <param name="Seq">0 to 255; absent in NDEATH and commands.</param>
/// <param name="Uuid">Names the schema of <paramref name="Body"/>; absent as a rule.</param>
internal sealed record SparkplugPayload(
    ulong? Timestamp, IReadOnlyList<Metric> Metrics, ulong? Seq, string? Uuid = null, ReadOnlyMemory<byte>? Body = null);

/// <summary>One metric. Births carry name, alias and data type; data messages the alias alone.</summary>
internal sealed record Metric
{
    public string? Name { get; init; }
    public ulong? Alias { get; init; }
    /// <summary>When it was measured, milliseconds since 1970.</summary>
    public ulong? Timestamp { get; init; }
    public SparkplugDataType? DataType { get; init; }
    public bool? IsHistorical { get; init; }
    public bool? IsTransient { get; init; }
    public bool? IsNull { get; init; }
    public MetaData? MetaData { get; init; }
    public PropertySet? Properties { get; init; }
    public SparkplugValue Value { get; init; }
}

internal sealed record MetaData
{
    public bool? IsMultiPart { get; init; }
    public string? ContentType { get; init; }
    public ulong? Size { get; init; }
    public ulong? Seq { get; init; }
    public string? FileName { get; init; }
    public string? FileType { get; init; }
    public string? Md5 { get; init; }
    public string? Description { get; init; }
}

/// <summary>Named properties; keys and values stand in two lists of equal length on the wire.</summary>
internal sealed record PropertySet(IReadOnlyList<KeyValuePair<string, PropertyValue>> Items)
{
    public PropertyValue? Find(string key)
    {
        foreach (var (name, value) in Items) if (name == key) return value;
        return null;
    }
}

internal sealed record PropertyValue(SparkplugDataType? Type, SparkplugValue Value, bool? IsNull = null);

/// <summary>A table. Columns, types and every row have the same length; the decoder refuses others.</summary>
internal sealed record DataSet(
    IReadOnlyList<string> Columns, IReadOnlyList<SparkplugDataType> Types, IReadOnlyList<IReadOnlyList<SparkplugValue>> Rows);

/// <summary>A structured metric: a definition (in NBIRTH) or an instance of one.</summary>
/// <param name="Reference">Name of the definition; absent in a definition.</param>
internal sealed record Template(
    string? Version, IReadOnlyList<Metric> Metrics, IReadOnlyList<Parameter> Parameters, string? Reference, bool? IsDefinition);

internal sealed record Parameter(string? Name, SparkplugDataType? Type, SparkplugValue Value);
