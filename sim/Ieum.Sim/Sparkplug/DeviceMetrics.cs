using System.Globalization;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;

namespace Ieum.Sim.Sparkplug;

/// <summary>The metrics of one device: one per item, the alias being its place plus one.</summary>
internal sealed class DeviceMetrics(DeviceDescription device)
{
    private static readonly Dictionary<string, string> EngineeringUnits = new(StringComparer.Ordinal)
    {
        ["MILLIMETER"] = "mm", ["MILLIMETER/SECOND"] = "mm/s", ["MILLIMETER_3D"] = "mm", ["DEGREE"] = "°", ["DEGREE/SECOND"] = "°/s",
        ["PERCENT"] = "%", ["REVOLUTION/MINUTE"] = "rpm", ["CELSIUS"] = "°C", ["SECOND"] = "s", ["AMPERE"] = "A",
    };

    private readonly Dictionary<string, int> _index =
        device.Items.Select((item, index) => (item.Name, index)).ToDictionary(p => p.Name, p => p.index, StringComparer.Ordinal);

    public int Count => device.Items.Count;

    /// <returns>Minus one when the device has no such item.</returns>
    public int IndexOf(string item) => _index.TryGetValue(item, out var index) ? index : -1;

    public SparkplugDataType TypeOf(int metric) => device.Items[metric] switch
    {
        { Type: "BOOLEAN" } => SparkplugDataType.Boolean,
        { Type: "COUNT" or "PART_COUNT" or "LINE" } => SparkplugDataType.Int64,
        { Units: "MILLIMETER_3D" } or { IsCondition: true } => SparkplugDataType.String,
        { IsSample: true } or { Units: not null } => SparkplugDataType.Double,
        _ => SparkplugDataType.String,
    };

    /// <summary>A metric as a birth tells it: name, alias, type, unit, value or null.</summary>
    public Metric Birth(int metric, MetricState? state)
    {
        var item = device.Items[metric];
        var (value, isNull) = Value(metric, state?.Value);
        return new()
        {
            Name = item.Name,
            Alias = Alias(metric),
            DataType = TypeOf(metric),
            Timestamp = state is { } s ? Milliseconds(s.Ticks) : null,
            IsNull = isNull ? true : null,
            Value = value,
            Properties = item.Units is { } units && EngineeringUnits.TryGetValue(units, out var unit)
                ? new([new("engUnit", new(SparkplugDataType.String, SparkplugValue.Of(unit)))]) : null,
        };
    }

    /// <summary>A metric as data tell it: alias, time and value.</summary>
    public Metric Data(int metric, MetricState state, bool historical)
    {
        var (value, isNull) = Value(metric, state.Value);
        return new()
        {
            Alias = Alias(metric),
            Timestamp = Milliseconds(state.Ticks),
            DataType = TypeOf(metric),
            IsHistorical = historical ? true : null,
            IsNull = isNull ? true : null,
            Value = value,
        };
    }

    public static ulong Milliseconds(long ticks) => (ulong)Math.Max(0, (ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMillisecond);

    private static ulong Alias(int metric) => (ulong)metric + 1;

    private (SparkplugValue Value, bool IsNull) Value(int metric, string? text)
    {
        if (text is null || text == FeedLine.Unavailable) return (SparkplugValue.None, true);
        switch (TypeOf(metric))
        {
            case SparkplugDataType.Double:
                return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                    ? (SparkplugValue.Of(number), false) : (SparkplugValue.None, true);
            case SparkplugDataType.Int64:
                return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole)
                    ? (SparkplugValue.Of(whole), false) : (SparkplugValue.None, true);
            case SparkplugDataType.Boolean: return (SparkplugValue.Of(text == "true"), false);
            default: return (SparkplugValue.Of(text), false);
        }
    }
}

/// <summary>A value of a metric and when it was measured.</summary>
internal sealed record MetricState(int Metric, long Ticks, string Value)
{
    /// <summary>It left the node at least once.</summary>
    public bool Sent { get; set; }
}
