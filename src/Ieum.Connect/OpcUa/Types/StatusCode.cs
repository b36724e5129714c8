using System.Globalization;

namespace Ieum.Connect.OpcUa;

/// <summary>The result of an operation or the quality of a value (OPC 10000-4, 7.39).</summary>
internal readonly record struct StatusCode(uint Value)
{
    public bool IsGood => Value >> 30 == 0;
    public bool IsUncertain => Value >> 30 == 1;
    public bool IsBad => Value >> 31 == 1;

    /// <summary>The code alone, without the info bits of the lower half.</summary>
    public StatusCode Bare => new(Value & 0xFFFF0000);

    /// <summary>The symbol of the standard; the number where it has none.</summary>
    public string Name => StatusCodes.NameOf(Value & 0xFFFF0000) ?? string.Create(CultureInfo.InvariantCulture, $"0x{Value:X8}");

    public override string ToString() => Name;
}
