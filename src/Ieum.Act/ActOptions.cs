using System.ComponentModel.DataAnnotations;
using Ieum.Model;
using Microsoft.Extensions.Options;

namespace Ieum.Act;

/// <summary>Settings of the Act room; section <c>Act</c> of <c>ieum.json</c>. Safe to leave out entirely.</summary>
public sealed class ActOptions
{
    public const string Section = "Act";

    /// <summary>How late an operation may run before it is told, 1 min to 7 days of factory time. Default 15 min: a quarter of an hour is the grain in which a workshop talks.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan LateTolerance { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Least time between two advices of one loop, 1 min to 7 days of factory time. Default 15 min, so that a bad morning does not change the list under people's hands every minute.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan AdviceInterval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Difference between a measured time and the one planned with that is told, as a part of the latter, 0.01 to 1. Default 0.05: three minutes in an hour.</summary>
    [Range(0.01, 1.0)]
    public double DriftLimit { get; set; } = 0.05;

    /// <summary>Cycles a measured time must rest on before its drift is told, 2 to 10,000. Default 8, as the planner asks for.</summary>
    [Range(2, 10_000)]
    public int DriftSamples { get; set; } = 8;

    /// <summary>How far a report may be ahead of the node's clock, 0 to 1 day of factory time. Default 10 min: phones are off by a little, a wrong date by much.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan ReportAhead { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How far the replan loop acts by itself. Default Ask: a person presses yes, as long as nobody has decided otherwise.</summary>
    [EnumDataType(typeof(AutonomyLevel))]
    public AutonomyLevel ReplanLevel { get; set; } = AutonomyLevel.Ask;

    /// <summary>How far the learned-time loop acts by itself. Default Ask, as for replanning.</summary>
    [EnumDataType(typeof(AutonomyLevel))]
    public AutonomyLevel LearnedTimeLevel { get; set; } = AutonomyLevel.Ask;

    /// <summary>How far the breakdown loop acts by itself. Default Ask, as for replanning.</summary>
    [EnumDataType(typeof(AutonomyLevel))]
    public AutonomyLevel BreakdownLevel { get; set; } = AutonomyLevel.Ask;

    /// <summary>How far the correction loop, which writes set points, acts by itself. Default Ask; above it a signal must be listed as <c>automatic</c> too.</summary>
    [EnumDataType(typeof(AutonomyLevel))]
    public AutonomyLevel CorrectionLevel { get; set; } = AutonomyLevel.Ask;

    /// <summary>Highest level that a loop can earn while nobody has said more for it on the page of decisions. Default Ask: nothing in the shop moves by itself before a person allowed it once.</summary>
    [EnumDataType(typeof(AutonomyLevel))]
    public AutonomyLevel MostLevel { get; set; } = AutonomyLevel.Ask;

    /// <summary>Accepted advices with measured benefit, without a breach between them, that lift a loop by one level, 1 to 100. Default 5.</summary>
    [Range(1, 100)]
    public int RiseAfter { get; set; } = 5;

    /// <summary>How long a machine stands with a fault before it is taken for broken, 1 min to 1 day of factory time. Default 10 min: shorter ones are minor stops.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan BreakdownAfter { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an advice waits for an answer, 10 min to 30 days of factory time. Default 4 h: half a shift later the shop is another.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "30.00:00:00")]
    public TimeSpan AdviceLife { get; set; } = TimeSpan.FromHours(4);

    /// <summary>How long a loop at level 3 waits for a veto before it acts, 0 to 1 day of factory time. Default 10 min: time to see it on the wall and walk over.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan VetoTime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Most operations that a loop moves by itself, 1 to 10,000. Default 20; a plan that moves more, or makes an order late that was not, is asked for at every level.</summary>
    [Range(1, 10_000)]
    public int LimitMoved { get; set; } = 20;

    /// <summary>How long after the act its effect is measured, 10 min to 90 days of factory time; earlier when every order it is about is finished. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "90.00:00:00")]
    public TimeSpan EffectAfter { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long after the act it may be taken back, 0 (never) to 7 days of factory time. Default 8 h, a shift.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan UndoWithin { get; set; } = TimeSpan.FromHours(8);
}

/// <summary>Checks the attributes above without reflection; runs at start, so a bad file stops the node, not a shift.</summary>
[OptionsValidator]
internal sealed partial class ActOptionsCheck : IValidateOptions<ActOptions>;
