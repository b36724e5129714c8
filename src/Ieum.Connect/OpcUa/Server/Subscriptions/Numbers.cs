namespace Ieum.Connect.OpcUa.Server;

/// <summary>Distances between values, for deadbands.</summary>
internal static class Numbers
{
    /// <summary>The largest distance between two numbers, or between the elements of two arrays of numbers.</summary>
    /// <param name="distance">NaN when one side is no number, which no deadband holds back.</param>
    /// <returns>False when deadbands do not apply: texts, arrays of different length.</returns>
    public static bool TryDistance(in Variant a, in Variant b, out double distance)
    {
        distance = 0;
        if (a.IsNumber && b.IsNumber)
        {
            distance = Math.Abs(a.Number - b.Number);
            return true;
        }
        if (a.Type != b.Type || a.Elements is not { } x || b.Elements is not { } y || x.Length != y.Length || !HasNumbers(a.Type)) return false;
        for (var i = 0; i < x.Length; i++)
        {
            var d = Math.Abs(Number(x, i) - Number(y, i));
            if (double.IsNaN(d))
            {
                distance = d;
                return true;
            }
            distance = Math.Max(distance, d);
        }
        return true;
    }

    public static bool HasNumbers(BuiltInType type) => type is >= BuiltInType.SByte and <= BuiltInType.Double;

    private static double Number(Array array, int at) => Convert.ToDouble(array.GetValue(at), System.Globalization.CultureInfo.InvariantCulture);
}
