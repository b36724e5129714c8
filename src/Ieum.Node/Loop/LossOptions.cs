using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Loop;

/// <summary>Settings of stops and energy; section <c>Losses</c> of <c>ieum.json</c>. Safe to leave out.</summary>
public sealed class LossOptions
{
    public const string Section = "Losses";

    /// <summary>Stops at least this long ask the operator for a reason, 30 s to 8 h. Default 5 min: shorter ones would be answered with whatever button is nearest.</summary>
    [Range(typeof(TimeSpan), "00:00:30", "08:00:00")]
    public TimeSpan AskAfter { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Greenhouse gas of a kilowatt hour, kg CO2e, 0 to 2. Left out: the factor of the company's country (docs/kpi.md); to be set where the contract of supply says another.</summary>
    [Range(0, 2)]
    public double? GridFactor { get; set; }
}

[OptionsValidator]
internal sealed partial class LossOptionsCheck : IValidateOptions<LossOptions>;
