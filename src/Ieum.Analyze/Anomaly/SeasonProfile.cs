namespace Ieum.Analyze;

/// <summary>What a signal usually is at this half hour of the day and, once it has seen two weeks, of the week.</summary>
internal sealed class SeasonProfile
{
    private const int DaySlots = 48, WeekSlots = 336, DayMemory = 100, WeekMemory = 6, WeeksToTrust = 2;
    private const double SlotSeconds = 1800;
    private readonly double[] _day = new double[DaySlots], _week = new double[WeekSlots];
    private readonly ushort[] _dayCount = new ushort[DaySlots], _weeks = new ushort[WeekSlots];
    private double _slot = -1;
    private int _inSlot;

    /// <param name="seconds">Source time, seconds since 1970 UTC; NaN where unknown.</param>
    /// <returns>Distance from the usual value of this time; NaN while nothing is usual yet.</returns>
    public double Step(double seconds, double value)
    {
        if (!double.IsFinite(seconds)) return double.NaN;
        var slot = Math.Floor(seconds / SlotSeconds);
        var day = (int)(slot - Math.Floor(slot / DaySlots) * DaySlots);
        var week = (int)(slot - Math.Floor(slot / WeekSlots) * WeekSlots);
        var rest = _dayCount[day] == 0 ? double.NaN : value - (_weeks[week] >= WeeksToTrust ? _week[week] : _day[day]);

        if (slot != _slot)
        {
            if (_weeks[week] < ushort.MaxValue) _weeks[week]++;
            (_slot, _inSlot) = (slot, 0);
        }
        _inSlot++;
        _week[week] += (value - _week[week]) / ((double)_inSlot * Math.Min(_weeks[week], (ushort)WeekMemory));
        if (_dayCount[day] < DayMemory) _dayCount[day]++;
        _day[day] += (value - _day[day]) / _dayCount[day];
        return rest;
    }

    public void Save(BinaryWriter to)
    {
        foreach (var v in _day) to.Write(v);
        foreach (var v in _week) to.Write(v);
        foreach (var v in _dayCount) to.Write(v);
        foreach (var v in _weeks) to.Write(v);
        to.Write(_slot);
        to.Write(_inSlot);
    }

    public static SeasonProfile Load(BinaryReader from)
    {
        var profile = new SeasonProfile();
        for (var i = 0; i < DaySlots; i++) profile._day[i] = from.ReadDouble();
        for (var i = 0; i < WeekSlots; i++) profile._week[i] = from.ReadDouble();
        for (var i = 0; i < DaySlots; i++) profile._dayCount[i] = from.ReadUInt16();
        for (var i = 0; i < WeekSlots; i++) profile._weeks[i] = from.ReadUInt16();
        profile._slot = from.ReadDouble();
        profile._inSlot = from.ReadInt32();
        return profile;
    }
}
