using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Security;

/// <summary>Who may come in; section <c>Security</c> of <c>ieum.json</c>. Safe to leave out: the defaults are closed.</summary>
public sealed class SecurityOptions
{
    public const string Section = "Security";

    /// <summary>Signs every visitor from this machine in as a demo owner. Default false; only honoured while the node listens on loopback. For demonstrations.</summary>
    public bool DemoOwner { get; set; }

    /// <summary>How long a sign-in lasts without use, 10 min to 30 d of real time. Default 12 h: one long shift.</summary>
    [Range(typeof(TimeSpan), "00:10:00", "30.00:00:00")]
    public TimeSpan SessionLength { get; set; } = TimeSpan.FromHours(12);

    /// <summary>Sign-ins that one address may try per minute, 3 to 1000. Default 10: enough for a shared tablet, too few to guess.</summary>
    [Range(3, 1000)]
    public int SignInsPerMinute { get; set; } = 10;
}

[OptionsValidator]
internal sealed partial class SecurityOptionsCheck : IValidateOptions<SecurityOptions>;
