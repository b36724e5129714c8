namespace Ieum.Connect.OpcUa.Server;

internal static class OpcClock
{
    public static OpcTime Now(TimeProvider clock) => OpcTime.FromUtcTicks(clock.GetUtcNow().UtcTicks);
}

/// <summary>Data values as clients ask for them.</summary>
internal static class DataValues
{
    public static DataValue WithStatus(this in DataValue value, StatusCode status) => value with { StatusCode = status };

    /// <summary>UTC ticks of the measurement; of its arrival where the source has no clock.</summary>
    public static long SourceTicks(this in DataValue value) => (value.SourceTimestamp.IsNone ? value.ServerTimestamp : value.SourceTimestamp).UtcTicks;

    /// <summary>Leaves only the time stamps that were asked for; a missing server time is now.</summary>
    public static DataValue Stamped(this in DataValue value, TimestampsToReturn wanted, TimeProvider clock)
    {
        var server = value.ServerTimestamp.IsNone && wanted is TimestampsToReturn.Server or TimestampsToReturn.Both ? OpcClock.Now(clock) : value.ServerTimestamp;
        return (value with { ServerTimestamp = server }).Stamped(wanted);
    }

    public static DataValue Stamped(this in DataValue value, TimestampsToReturn wanted) => wanted switch
    {
        TimestampsToReturn.Source => value with { ServerTimestamp = default, ServerPicoseconds = 0 },
        TimestampsToReturn.Server => value with { SourceTimestamp = default, SourcePicoseconds = 0 },
        TimestampsToReturn.Neither => value with { SourceTimestamp = default, SourcePicoseconds = 0, ServerTimestamp = default, ServerPicoseconds = 0 },
        _ => value,
    };
}
