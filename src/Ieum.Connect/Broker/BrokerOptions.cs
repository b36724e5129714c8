using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace Ieum.Connect;

/// <summary>Settings of the embedded MQTT broker; section <c>Broker</c> of <c>ieum.json</c>. Safe to leave out entirely.</summary>
/// <remarks>The broker opens its port when the first connection asks for it, and not before.</remarks>
public sealed class BrokerOptions
{
    public const string Section = "Broker";

    /// <summary>Address to listen on. Default 127.0.0.1: only this computer, until somebody decides otherwise. Other addresses need <see cref="Users"/>.</summary>
    [Required]
    public string Bind { get; set; } = "127.0.0.1";

    /// <summary>TCP port, 0 to 65535; 0 takes a free one. Default 1883, the port of MQTT.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 1883;

    /// <summary>Name and password of each client that may connect. Default none: anybody on a loopback address, nobody elsewhere.</summary>
    public Dictionary<string, string> Users { get; } = new(StringComparer.Ordinal);

    /// <summary>Bytes one message may have, 1,024 to 67,108,864. Default 1 MiB: births of 10,000 metrics fit, floods do not fill the memory.</summary>
    [Range(1024, 64 << 20)]
    public int MaxMessageBytes { get; set; } = 1 << 20;

    /// <summary>Messages kept for one slow subscriber before the oldest are dropped, 1 to 100,000. Default 1,000; the node's own intake never drops, it pushes back.</summary>
    [Range(1, 100_000)]
    public int MaxQueuePerClient { get; set; } = 1000;

    /// <summary>Messages that wait for the node before publishers are slowed down, 16 to 65,536. Default 1,024.</summary>
    [Range(16, 65_536)]
    public int IntakeQueue { get; set; } = 1024;

    /// <summary>Name under which this node tells edge nodes that it is there (Sparkplug host application id), no '/', '+' or '#'. Default <c>ieum</c>; must differ between nodes that share a broker.</summary>
    [Required, RegularExpression("^[^/+#]{1,64}$")]
    public string HostId { get; set; } = "ieum";
}

/// <summary>Checks <see cref="BrokerOptions"/> at start, so that a bad file stops the node, not a shift.</summary>
[OptionsValidator]
internal sealed partial class BrokerOptionsCheck : IValidateOptions<BrokerOptions>;

/// <summary>The rule between two settings: a broker that others can reach must know its users.</summary>
internal sealed class BrokerExposureCheck : IValidateOptions<BrokerOptions>
{
    public ValidateOptionsResult Validate(string? name, BrokerOptions options)
    {
        if (!IPAddress.TryParse(options.Bind, out var address))
            return ValidateOptionsResult.Fail($"Broker:Bind is '{options.Bind}'; expected an IP address such as 127.0.0.1 or 0.0.0.0.");
        if (!IPAddress.IsLoopback(address) && options.Users.Count == 0)
            return ValidateOptionsResult.Fail($"Broker:Bind is '{options.Bind}', which other computers can reach, and Broker:Users is empty. Name at least one user, or bind to 127.0.0.1.");
        return ValidateOptionsResult.Success;
    }
}
