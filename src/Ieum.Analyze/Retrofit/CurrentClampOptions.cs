using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Analyze;

/// <summary>How the current of a retrofitted machine becomes work, standby and off; section <c>CurrentClamp</c> of <c>ieum.json</c>. Safe to leave out.</summary>
public sealed class CurrentClampOptions
{
    public const string Section = "CurrentClamp";

    /// <summary>After how much observed time an older day counts half, 10 min to 30 d. Default 4 h: a clamp that was moved, or a new machine, is known after one shift.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "30.00:00:00")]
    public TimeSpan HalfLife { get; set; } = TimeSpan.FromHours(4);

    /// <summary>How long work and standby each must have been seen before they are told apart, 1 s to 1 h. Default 5 s; shorter would take a switching peak for work.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan LeastAtLevel { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Share of the way from the border to the next level that must be gone before the state changes, 0 to 0.9. Default 0.4, so that noise at the border makes no stops.</summary>
    [Range(0, 0.9)]
    public double Hysteresis { get; set; } = 0.4;
}

[OptionsValidator]
internal sealed partial class CurrentClampOptionsCheck : IValidateOptions<CurrentClampOptions>;
