namespace Ieum.Connect.OpcUa;

/// <summary>A value with status and times (OPC 10000-6, 5.2.2.17). Picoseconds count in steps of 10 ps beyond the 100 ns.</summary>
internal readonly record struct DataValue(
    Variant Value, StatusCode StatusCode = default, OpcTime SourceTimestamp = default, OpcTime ServerTimestamp = default,
    ushort SourcePicoseconds = 0, ushort ServerPicoseconds = 0)
{
    public DataValue(StatusCode status) : this(default, status) { }
}
