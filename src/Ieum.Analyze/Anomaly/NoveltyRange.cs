namespace Ieum.Analyze;

/// <summary>
/// The range a figure has kept to so far, and how far a new value leaves it, in widths of the range. The ends creep towards
/// the middle, so that one wild day does not hide all later ones.
/// </summary>
internal struct NoveltyRange
{
    // Creeping by 1/12,000 of the half width per value: a single extreme has lost two thirds of its weight after 12,000 values.
    private const double Creep = 1.0 / 12_000, MiddleWeight = 0.002;
    private const int Young = 50;
    private double _high, _low, _middle;
    private int _seen;

    /// <param name="floor">Added to the width, so that a signal that never moved does not make every rounding an alarm.</param>
    /// <returns>0 inside the range and for the first 50 values, when extremes are still made; else the distance from the range, divided by its width.</returns>
    public double Step(double value, double floor)
    {
        if (_seen == 0) (_high, _low, _middle) = (value, value, value);
        var width = _high - _low + floor;
        var beyond = value > _high ? (value - _high) / width : value < _low ? (_low - value) / width : 0;
        _middle += (value - _middle) * MiddleWeight;
        _high = Math.Max(value, _high - (_high - _middle) * Creep);
        _low = Math.Min(value, _low + (_middle - _low) * Creep);
        if (_seen >= Young) return beyond;
        _seen++;
        return 0;
    }

    public readonly void Save(BinaryWriter to)
    {
        to.Write(_high);
        to.Write(_low);
        to.Write(_middle);
        to.Write(_seen);
    }

    public static NoveltyRange Load(BinaryReader from) =>
        new() { _high = from.ReadDouble(), _low = from.ReadDouble(), _middle = from.ReadDouble(), _seen = from.ReadInt32() };
}
