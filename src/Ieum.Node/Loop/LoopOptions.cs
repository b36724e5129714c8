using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>How often the node's own loops look; section <c>Loop</c> of <c>ieum.json</c>. Safe to leave out. What they look for and how far they act stands in section <c>Act</c>.</summary>
public sealed class LoopOptions
{
    public const string Section = "Loop";

    /// <summary>How often lateness is looked for, 10 s to 1 h of factory time. Default 1 min, a fifteenth of the usual tolerance.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan WatchEvery { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often cycle times are measured anew, 10 min to 1 d of factory time. Default 1 h.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "1.00:00:00")]
    public TimeSpan LearnEvery { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Past that cycle times are learned from, 1 d to 90 d. Default 14 d: two weeks of work, yet it follows a new tool.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "90.00:00:00")]
    public TimeSpan LearnWindow { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long a machine is taken to be down after a pause for breakdown, 10 min to 7 d. Default 4 h; every report corrects it.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "7.00:00:00")]
    public TimeSpan BreakdownAllowance { get; set; } = TimeSpan.FromHours(4);

    /// <summary>How far ahead the plan is frozen, 0 to 7 d: what begins inside is moved neither by hand nor by planning. Default 0, no frozen zone: a small shop decides by the minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan FrozenZone { get; set; } = TimeSpan.Zero;

    /// <summary>How often today's OEE of the wall board is computed anew, 1 s to 10 min of real time. Default 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan OeeEvery { get; set; } = TimeSpan.FromSeconds(10);
}

[OptionsValidator]
internal sealed partial class LoopOptionsCheck : IValidateOptions<LoopOptions>;
