namespace Ieum.Analyze;

/// <summary>
/// Follows the cycles of a signal: from one rise through the middle to the next. Only while length and size of the cycles
/// hardly vary does it judge them; a signal that is not cyclic is left in peace.
/// </summary>
internal struct CycleWatch
{
    // Half a standard deviation of hysteresis: noise around the middle makes no cycle.
    private const double Hysteresis = 0.5, Regular = 0.15, StartSpread = 0.01, Sigmas = 4;
    private const int Settling = 100, Least = 6, Memory = 10;
    private double _length, _lengthVariance, _size, _sizeVariance, _top, _bottom;
    private long _rise;
    private int _cycles;
    private bool _above, _regular, _begun;

    /// <summary>How much the size of the cycle that ends here differs from the usual one, in usual sizes; 0 inside four standard deviations.</summary>
    public double SizeOff { get; private set; }

    /// <summary>The same for its length; grows while a cycle is overdue.</summary>
    public double TimeOff { get; private set; }

    /// <param name="count">Number of the value, from 1 on.</param>
    public void Step(long count, double value, double middle, double deviation)
    {
        (SizeOff, TimeOff) = (0, 0);
        (_top, _bottom, _begun) = _begun ? (Math.Max(_top, value), Math.Min(_bottom, value), true) : (value, value, true);
        if (!_above && value > middle + Hysteresis * deviation)
        {
            _above = true;
            if (_rise > 0 && count > Settling) End(count - _rise, _top - _bottom);
            (_rise, _top, _bottom) = (count, value, value);
        }
        else if (_above && value < middle - Hysteresis * deviation) _above = false;
        if (_regular && _cycles > Least) TimeOff = Math.Max(TimeOff, (count - _rise - _length - Sigmas * Math.Sqrt(_lengthVariance)) / _length);
    }

    /// <summary>After an alarm for a missing cycle the rhythm is learned anew; one stop of a machine is one alarm.</summary>
    public void Forget() => (_cycles, _regular, _rise) = (0, false, 0);

    private void End(double length, double size)
    {
        _cycles++;
        if (_cycles == 1)
        {
            (_length, _size) = (length, size);
            (_lengthVariance, _sizeVariance) = (length * length * StartSpread, size * size * StartSpread);
        }
        else
        {
            var (lengthSpread, sizeSpread) = (Math.Sqrt(_lengthVariance), Math.Sqrt(_sizeVariance));
            if (_regular && _cycles > Least)
            {
                TimeOff = Math.Max(0, (Math.Abs(length - _length) - Sigmas * lengthSpread) / _length);
                SizeOff = _size > 0 ? Math.Max(0, (Math.Abs(size - _size) - Sigmas * sizeSpread) / _size) : 0;
            }
            // Clamped, so that one odd cycle neither becomes the rule nor ends the judging.
            var lengthStep = Math.Clamp(length - _length, -3 * lengthSpread - 0.1 * _length, 3 * lengthSpread + 0.1 * _length);
            var sizeStep = Math.Clamp(size - _size, -3 * sizeSpread - 0.1 * _size, 3 * sizeSpread + 0.1 * _size);
            var weight = 1.0 / Math.Min(_cycles, Memory);
            _lengthVariance += (lengthStep * lengthStep - _lengthVariance) * weight;
            _sizeVariance += (sizeStep * sizeStep - _sizeVariance) * weight;
            _length += lengthStep * weight;
            _size += sizeStep * weight;
        }
        _regular = Math.Sqrt(_lengthVariance) < Regular * _length && Math.Sqrt(_sizeVariance) < Regular * _size;
    }

    public readonly void Save(BinaryWriter to)
    {
        foreach (var v in (ReadOnlySpan<double>)[_length, _lengthVariance, _size, _sizeVariance, _top, _bottom]) to.Write(v);
        to.Write(_rise);
        to.Write(_cycles);
        to.Write(_above);
        to.Write(_regular);
        to.Write(_begun);
    }

    public static CycleWatch Load(BinaryReader from) => new()
    {
        _length = from.ReadDouble(), _lengthVariance = from.ReadDouble(), _size = from.ReadDouble(), _sizeVariance = from.ReadDouble(),
        _top = from.ReadDouble(), _bottom = from.ReadDouble(), _rise = from.ReadInt64(), _cycles = from.ReadInt32(),
        _above = from.ReadBoolean(), _regular = from.ReadBoolean(), _begun = from.ReadBoolean(),
    };
}
