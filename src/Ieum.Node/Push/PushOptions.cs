using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Push;

/// <summary>Settings of messages to phones (web push); section <c>Push</c> of <c>ieum.json</c>. Safe to leave out: nothing is sent before a person subscribes.</summary>
public sealed class PushOptions
{
    public const string Section = "Push";

    /// <summary>Whether calls may be sent to phones. Default true; false shuts the way out altogether.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Address that push services are told for the case of trouble, <c>mailto:…</c> or <c>https:…</c>. Default <c>mailto:owner@ieum.invalid</c>; put your own, some services insist on a real one.</summary>
    [RegularExpression("(mailto:|https:).{3,200}")]
    public string Contact { get; set; } = "mailto:owner@ieum.invalid";

    /// <summary>Hosts that messages may be handed to, commas between; their sub-domains too. Default the services of Chrome, Firefox, Safari and Edge, so that nobody can make the node speak to another host.</summary>
    [Required]
    public string Hosts { get; set; } = "fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,notify.windows.com";

    /// <summary>Whether messages may go to an address: one of the hosts, encrypted, or plain on this very machine.</summary>
    internal bool Allows(Uri address) =>
        (address.Scheme == Uri.UriSchemeHttps || address is { Scheme: "http", IsLoopback: true })
        && Hosts.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Any(h => address.Host.Equals(h, StringComparison.OrdinalIgnoreCase) || address.Host.EndsWith("." + h, StringComparison.OrdinalIgnoreCase));
}

[OptionsValidator]
internal sealed partial class PushOptionsCheck : IValidateOptions<PushOptions>;
