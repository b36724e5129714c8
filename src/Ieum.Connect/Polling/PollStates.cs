using Ieum.Model;

namespace Ieum.Connect.Polling;

/// <summary>What the session does to the world; carried out by the source.</summary>
internal interface IPollEffects
{
    /// <param name="isMark">Made by the source itself, not by the machine: stale marks, their end, heartbeats.</param>
    void Sample(SignalNumber signal, in SampleValue value, Quality quality, long receiveTicks, bool isMark);
    void Problem(string rule, string message);
    /// <summary>One device behind the connection was silent while others were not.</summary>
    void DeviceGap(long fromTicks, long toTicks, string detail);
}

/// <summary>One point and what was last passed on of it.</summary>
internal sealed class PolledPoint(PollPoint point, SignalNumber number) : ICellRange
{
    public PollPoint Point => point;
    public SignalNumber Number => number;
    public RegisterArea Area => point.Area;
    public int Start => point.Start;
    public int Count => point.Count;

    public bool HasValue { get; private set; }
    public SampleValue Last { get; private set; }
    public Quality Quality { get; private set; }
    public TimeSpan PassedAt { get; private set; }

    /// <summary>The newest sample is a mark of ours, so the next value is told even when it is the same.</summary>
    public bool IsMarked { get; private set; }

    /// <summary>When it is to be read next, wire time since the source began.</summary>
    public TimeSpan Due { get; set; }

    /// <summary>The device refuses this point; it is asked alone, now and then.</summary>
    public bool IsGuilty { get; set; }
    public TimeSpan RetryWait { get; set; }

    public void Passed(in SampleValue value, Quality quality, TimeSpan now) => (HasValue, Last, Quality, PassedAt, IsMarked) = (true, value, quality, now, false);
    public void Marked() => IsMarked = true;
}

/// <summary>One read that is planned, under way, or part of a search for the guilty point.</summary>
internal sealed class PollBlock(PlannedBlock<PolledPoint> plan, TimeSpan period)
{
    public PlannedBlock<PolledPoint> Plan => plan;
    public TimeSpan Period => period;
    public RegisterRequest Request => new(plan.Area, plan.Start, plan.Count);
    public IReadOnlyList<PolledPoint> Points => plan.Points;
    public TimeSpan Due { get; set; }

    /// <summary>The search this block is a half of; null for a planned block.</summary>
    public BlockSearch? Of { get; init; }

    /// <summary>Asked once more although refused, because both halves were fine: was the refusal a passing one?</summary>
    public BlockSearch? Confirms { get; init; }

    /// <summary>A guilty point that is tried again.</summary>
    public bool IsRetry { get; init; }

    /// <summary>Not to be put into one request with others: that was refused.</summary>
    public bool IsAlone { get; set; }

    /// <summary>Whether every point is the whole block, so that splitting would ask the same again.</summary>
    public bool IsIndivisible => plan.Points.All(p => p.Start == plan.Start && p.Count == plan.Count);
}

/// <summary>The search for what is wrong with a refused block: its two halves.</summary>
internal sealed class BlockSearch(PollBlock refused)
{
    public PollBlock Refused => refused;
    public PlannedBlock<PolledPoint>? Left { get; set; }
    public PlannedBlock<PolledPoint>? Right { get; set; }
    public int Open { get; set; } = 2;
    public int Fine { get; set; }
}

/// <summary>One device behind the connection.</summary>
internal sealed class PolledDevice(int id)
{
    public int Id => id;
    public List<PolledPoint> Points { get; } = [];

    /// <summary>It answered at least once, so that one lost answer is not yet silence.</summary>
    public bool WasHeard { get; set; }
    public bool IsSilent { get; set; }

    /// <summary>Its points were marked when it fell silent, so its return ends a gap of its own.</summary>
    public bool IsMarked { get; set; }
    public int Misses { get; set; }
    public TimeSpan SilentAt { get; set; }
    public long LastAnswerTicks { get; set; }
    public TimeSpan NextTry { get; set; }
    public TimeSpan Wait { get; set; }
}

/// <summary>What a device taught about one of its areas.</summary>
internal sealed class AreaLesson
{
    public int? Most { get; set; }
    public HashSet<int> Cuts { get; } = [];
}
