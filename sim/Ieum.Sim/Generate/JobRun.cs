using Ieum.Sim.Feeds;

namespace Ieum.Sim.Generate;

/// <summary>A job on a machine: cut, unload and load, cut, … until all pieces are made.</summary>
/// <remarks>
/// Nine tenths of the cycle are cutting; each piece's time varies by one and a half per cent around the ordered cycle, and about
/// every 40 minutes of cutting something holds it up for 20 to 90 seconds. That is a steady series; the restless short runs of
/// the fitted chain are a shop trying out programs.
/// </remarks>
internal sealed class JobRun(WorkOrder order, Random random)
{
    private const double CuttingShare = 0.9, Spread = 0.015, HoldsPerSecond = 1.0 / 2400;

    private long _phaseEnds, _resumes;
    private double _cycle;
    private bool _cutting, _held;

    public WorkOrder Order { get; } = order;
    public int Made { get; private set; }
    public bool Done => Made == Order.Pieces && !_cutting && _phaseEnds == 0;

    /// <summary>The execution word at an instant; call with rising instants.</summary>
    /// <param name="pieceMade">True at the instant a piece is finished.</param>
    public string At(long ticks, double seconds, out bool pieceMade)
    {
        pieceMade = false;
        if (_held)
        {
            if (ticks < _resumes) return "FEED_HOLD";
            _held = false;
        }
        if (_phaseEnds == 0) Load(ticks);
        if (ticks >= _phaseEnds)
        {
            if (_cutting)
            {
                _cutting = false;
                pieceMade = true;
                Made++;
                _phaseEnds += Ticks(_cycle * (1 - CuttingShare));
            }
            else if (Made < Order.Pieces) Load(_phaseEnds);
            else _phaseEnds = 0;
        }
        if (_cutting && random.NextDouble() < HoldsPerSecond * seconds)
        {
            _held = true;
            var hold = Ticks(20 + random.NextDouble() * 70);
            _resumes = ticks + hold;
            _phaseEnds += hold;
            return "FEED_HOLD";
        }
        return _cutting ? "ACTIVE" : "READY";
    }

    /// <summary>The people are away: nothing moves, and everything ends later by as much.</summary>
    public string Hold(long duration)
    {
        if (_phaseEnds > 0) _phaseEnds += duration;
        if (_held) _resumes += duration;
        return _cutting ? "FEED_HOLD" : "READY";
    }

    private void Load(long ticks)
    {
        _cycle = Order.Cycle.TotalSeconds * (1 + Spread * (random.NextDouble() + random.NextDouble() - 1) * 2.45);
        _cutting = true;
        _phaseEnds = ticks + Ticks(_cycle * CuttingShare);
    }

    private static long Ticks(double seconds) => (long)(seconds * TimeSpan.TicksPerSecond);
}
