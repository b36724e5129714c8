using System.Diagnostics.CodeAnalysis;

namespace Ieum.Model;

/// <summary>Rules that every name of a thing in the factory follows.</summary>
public static class Identifier
{
    public const int MaxLength = 128;

    /// <summary>Whether <paramref name="text"/> may name a thing: 1 to 128 characters, no control characters, no '/' and no blanks at either end.</summary>
    public static bool IsValid([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= MaxLength } && !text.Any(c => char.IsControl(c) || c == '/')
        && !char.IsWhiteSpace(text[0]) && !char.IsWhiteSpace(text[^1]);

    internal static string Checked(string text, string what) => IsValid(text)
        ? text
        : throw new ArgumentException(
            $"'{text}' cannot name a {what}: 1 to {MaxLength} characters, no '/', no control characters, no blanks at the ends.", what);
}

/// <summary>A company; one node belongs to one company. Short and stable, for example <c>B</c>.</summary>
public readonly record struct CompanyId
{
    public CompanyId(string value) => Value = Identifier.Checked(value, nameof(CompanyId));
    public string Value { get; }
    public override string ToString() => Value;
}

/// <summary>A machine (ISA-95 work unit), unique inside its company, for example <c>B-MC1</c>.</summary>
public readonly record struct MachineId : IComparable<MachineId>
{
    public MachineId(string value) => Value = Identifier.Checked(value, nameof(MachineId));
    public string Value { get; }
    public int CompareTo(MachineId other) => string.CompareOrdinal(Value, other.Value);
    public override string ToString() => Value;
}

/// <summary>One connection to one counterpart that delivers samples, for example <c>B-MC1.mtconnect</c>.</summary>
public readonly record struct SourceId
{
    public SourceId(string value) => Value = Identifier.Checked(value, nameof(SourceId));
    public string Value { get; }
    public override string ToString() => Value;
}

/// <summary>A customer's or internal order.</summary>
public readonly record struct OrderId
{
    public OrderId(string value) => Value = Identifier.Checked(value, nameof(OrderId));
    public string Value { get; }
    public override string ToString() => Value;
}

/// <summary>A product, part or item number.</summary>
public readonly record struct ItemId
{
    public ItemId(string value) => Value = Identifier.Checked(value, nameof(ItemId));
    public string Value { get; }
    public override string ToString() => Value;
}

/// <summary>A production lot.</summary>
public readonly record struct LotId
{
    public LotId(string value) => Value = Identifier.Checked(value, nameof(LotId));
    public string Value { get; }
    public override string ToString() => Value;
}

/// <summary>One operation of one order on the shop floor: order and step number, for example <c>PO-2611-031-1-BODY.50</c>.</summary>
public readonly record struct OperationId
{
    public OperationId(string value) => Value = Identifier.Checked(value, nameof(OperationId));
    public string Value { get; }
    public static OperationId Of(OrderId order, int step) => new($"{order.Value}.{step}");
    public override string ToString() => Value;
}
