using Ieum.Model;

namespace Ieum.Connect.OpcUa.Door;

/// <summary>Values of the house as OPC UA says them, and back.</summary>
internal static class DoorValues
{
    public static BuiltInType TypeOf(ValueKind kind) => kind switch
    {
        ValueKind.Real => BuiltInType.Double,
        ValueKind.Integer => BuiltInType.Int64,
        ValueKind.Boolean => BuiltInType.Boolean,
        _ => BuiltInType.String,
    };

    /// <summary>A sample as a variable of the given type shows it. A word where a number was promised is bad, not zero.</summary>
    public static DataValue Of(in Sample s, BuiltInType type)
    {
        var value = s.Value.Kind == ValueKind.None ? default : type switch
        {
            BuiltInType.Double when s.Value.Kind != ValueKind.Text => Variant.Of(s.Value.Number),
            BuiltInType.Int64 when s.Value.Kind == ValueKind.Integer => Variant.Of(s.Value.Integer),
            BuiltInType.Int64 when s.Value.Kind == ValueKind.Real && s.Value.Number is >= -9e15 and <= 9e15 => Variant.Of((long)s.Value.Number),
            BuiltInType.Boolean when s.Value.Kind == ValueKind.Boolean => Variant.Of(s.Value.Boolean),
            BuiltInType.String => Variant.Of(s.Value.ToString()),
            _ => default,
        };
        var status = s.Quality switch
        {
            Quality.Good => value.IsNull ? StatusCodes.BadDataUnavailable : StatusCodes.Good,
            Quality.Uncertain => StatusCodes.Uncertain,
            Quality.Unavailable => StatusCodes.BadNotConnected,
            Quality.Stale => StatusCodes.UncertainLastUsableValue,
            _ => StatusCodes.Bad,
        };
        return new(value, status, OpcTime.FromUtcTicks(s.SourceTicks), OpcTime.FromUtcTicks(s.ReceiveTicks));
    }

    /// <returns>Null for what the house has no kind for.</returns>
    public static SampleValue? ToHouse(in Variant v) => v switch
    {
        { IsArray: true } or { IsNull: true } => null,
        { Type: BuiltInType.Boolean } => SampleValue.Of(v.Boolean),
        { Type: BuiltInType.String } => SampleValue.Of(v.Text!),
        { IsWhole: true, Type: not BuiltInType.UInt64 } => SampleValue.Of(v.Whole),
        { IsNumber: true } => SampleValue.Of(v.Number),
        _ => null,
    };

    /// <summary>The unit as OPC 10000-8, 5.6.3.3 packs its UN/ECE code.</summary>
    public static EUInformation UnitOf(Unit unit) => new()
    {
        NamespaceUri = "http://www.opcfoundation.org/UA/units/un/cefact",
        UnitId = unit.Code.Aggregate(0, (sum, c) => (sum << 8) | c),
        DisplayName = new("en", unit.Symbol),
        Description = new("en", unit.Symbol),
    };
}
