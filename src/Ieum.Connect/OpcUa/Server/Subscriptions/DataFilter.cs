namespace Ieum.Connect.OpcUa.Server;

/// <summary>Which change of a value is told (OPC 10000-4, 7.22.2).</summary>
/// <param name="Deadband">Least difference in the unit of the value, exclusive; negative: every difference counts.</param>
internal readonly record struct DataFilter(DataChangeTrigger Trigger, double Deadband)
{
    public static DataFilter Default => new(DataChangeTrigger.StatusValue, -1);

    public bool Passes(in DataValue last, in DataValue now)
    {
        if (last.StatusCode != now.StatusCode) return true;
        if (Trigger == DataChangeTrigger.Status) return false;
        if (Deadband >= 0 && Numbers.TryDistance(last.Value, now.Value, out var distance)) return !(distance <= Deadband);
        return (Trigger == DataChangeTrigger.StatusValueTimestamp && last.SourceTimestamp != now.SourceTimestamp) || !last.Value.Equals(now.Value);
    }
}
