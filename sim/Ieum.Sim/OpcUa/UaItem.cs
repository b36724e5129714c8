using System.Globalization;
using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Server;
using Ieum.Sim.Feeds;
using Ieum.Sim.Machines;

namespace Ieum.Sim.OpcUa;

/// <summary>How one data item of a machine looks as a variable: type, unit, range, and its values.</summary>
internal sealed class UaItem
{
    private const string Unece = "http://www.opcfoundation.org/UA/units/un/cefact";

    /// <summary>UN/ECE code, sign, and the range a machine of this kind can show.</summary>
    private static readonly Dictionary<string, (string Code, string Sign, double Low, double High)> Units = new(StringComparer.Ordinal)
    {
        ["MILLIMETER"] = ("MMT", "mm", -5000, 5000), ["MILLIMETER/SECOND"] = ("C16", "mm/s", 0, 2000),
        ["DEGREE"] = ("DD", "°", -36_000, 36_000), ["DEGREE/SECOND"] = ("E96", "°/s", 0, 36_000),
        ["PERCENT"] = ("P1", "%", 0, 300), ["REVOLUTION/MINUTE"] = ("RPM", "r/min", 0, 30_000),
        ["CELSIUS"] = ("CEL", "°C", -50, 300), ["SECOND"] = ("SEC", "s", 0, 1e9), ["AMPERE"] = ("AMP", "A", 0, 1000),
    };

    public UaItem(DataItem item, IDeliveryBook book, IValueHistory? history)
    {
        Item = item;
        Type = item switch
        {
            { Type: "BOOLEAN" } => BuiltInType.Boolean,
            { Type: "COUNT" or "PART_COUNT" or "LINE" } => BuiltInType.Int64,
            { Units: "MILLIMETER_3D" } or { IsCondition: true } => BuiltInType.String,
            { IsSample: true } or { Units: not null } => BuiltInType.Double,
            _ => BuiltInType.String,
        };
        var measured = item.Units is { } unit && Units.TryGetValue(unit, out var known) && Type == BuiltInType.Double ? known : ((string, string, double, double)?)null;
        Node = new(new(1, item.Name), new(1, item.Name), new("en", item.Name), new NodeId((uint)Type))
        {
            Description = new("en", item.SubType is null ? item.Type : $"{item.Type} {item.SubType}"),
            Span = measured is { } m ? (m.Item3, m.Item4) : null,
            History = history,
            Book = book,
        };
        if (measured is var (code, sign, low, high))
        {
            Unit = new() { NamespaceUri = Unece, UnitId = code.Aggregate(0, (sum, c) => (sum << 8) | c), DisplayName = new("en", sign), Description = new("en", item.Units) };
            Range = new() { Low = low, High = high };
        }
    }

    public DataItem Item { get; }
    public BuiltInType Type { get; }
    public VariableNode Node { get; }
    public EUInformation? Unit { get; }
    public Connect.OpcUa.Range? Range { get; }

    /// <summary>Serial of the present value; 0 before the first.</summary>
    public long Serial { get; set; }

    public NodeId TypeDefinition => Range is not null ? NodeIds.AnalogItemType : NodeIds.BaseDataVariableType;

    /// <summary>A value as the item's type says it; what the machine does not know is bad, never left out.</summary>
    public DataValue Value(string text, OpcTime source, OpcTime server)
    {
        if (Type == BuiltInType.String) return new(Variant.Of(text), StatusCodes.Good, source, server);
        if (text == FeedLine.Unavailable) return new(default, StatusCodes.BadNotConnected, source, server);
        Variant? value = Type switch
        {
            BuiltInType.Boolean => Variant.Of(text == "true"),
            BuiltInType.Int64 => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? Variant.Of(whole) : null,
            _ => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Variant.Of(number) : null,
        };
        return value is { } v ? new(v, StatusCodes.Good, source, server) : new(default, StatusCodes.BadDataUnavailable, source, server);
    }
}
