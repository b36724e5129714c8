using System.Globalization;

namespace Ieum.Connect.OpcUa.Server;

/// <summary>A part of an array, text or byte string: <c>3</c>, <c>1:4</c>, <c>0:1,2</c> (OPC 10000-4, 7.27).</summary>
internal readonly struct NumericRange
{
    private readonly (int First, int Last)[]? _dimensions;

    private NumericRange((int, int)[] dimensions) => _dimensions = dimensions;

    public bool IsAll => _dimensions is null;

    /// <param name="text">Null or empty: everything.</param>
    public static bool TryParse(string? text, out NumericRange range)
    {
        range = default;
        if (string.IsNullOrEmpty(text)) return true;
        var parts = text.Split(',');
        if (parts.Length > 8) return false;
        var dimensions = new (int First, int Last)[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            var colon = parts[i].IndexOf(':', StringComparison.Ordinal);
            if (!int.TryParse(colon < 0 ? parts[i] : parts[i].AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var first)) return false;
            var last = first;
            // One number alone is an index; "2:2" is not a range (7.27).
            if (colon >= 0 && (!int.TryParse(parts[i].AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out last) || last <= first)) return false;
            dimensions[i] = (first, last);
        }
        range = new(dimensions);
        return true;
    }

    /// <summary>The part of a value; a status instead where the value has no such part.</summary>
    public DataValue Of(in DataValue value)
    {
        if (_dimensions is null || value.StatusCode.IsBad) return value;
        return TryCut(value.Value, out var part) ? value with { Value = part } : value with { Value = default, StatusCode = StatusCodes.BadIndexRangeNoData };
    }

    private bool TryCut(in Variant value, out Variant part)
    {
        part = default;
        var first = _dimensions![0];
        if (!value.IsArray)
        {
            if (_dimensions.Length != 1) return false;
            if (value.Text is { } text && first.First < text.Length)
            {
                part = Variant.Of(text[first.First..Math.Min(first.Last + 1, text.Length)]);
                return true;
            }
            if (value.Value is byte[] bytes && first.First < bytes.Length)
            {
                part = Variant.Of(bytes[first.First..Math.Min(first.Last + 1, bytes.Length)]);
                return true;
            }
            return false;
        }
        var elements = value.Elements!;
        var lengths = value.Dimensions ?? [elements.Length];
        if (lengths.Length != _dimensions.Length) return false;
        var sizes = new int[lengths.Length];
        for (var d = 0; d < sizes.Length; d++)
        {
            // A range may reach over the end; what is there is given (7.27).
            if (_dimensions[d].First >= lengths[d]) return false;
            sizes[d] = Math.Min(_dimensions[d].Last + 1, lengths[d]) - _dimensions[d].First;
        }
        var cut = Array.CreateInstance(elements.GetType().GetElementType()!, sizes.Aggregate(1, (a, b) => a * b));
        for (var i = 0; i < cut.Length; i++) cut.SetValue(elements.GetValue(Source(i, sizes, lengths)), i);
        part = Variant.OfArray(cut, sizes);
        return true;
    }

    private int Source(int target, int[] sizes, int[] lengths)
    {
        int source = 0, stride = 1;
        for (var d = sizes.Length - 1; d >= 0; d--)
        {
            source += (_dimensions![d].First + target % sizes[d]) * stride;
            target /= sizes[d];
            stride *= lengths[d];
        }
        return source;
    }
}
