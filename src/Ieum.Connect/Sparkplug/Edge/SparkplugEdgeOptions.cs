using System.ComponentModel.DataAnnotations;
using Ieum.Connect.Broker;
using Microsoft.Extensions.Options;

namespace Ieum.Connect;

/// <summary>The node as a Sparkplug edge node, for SCADA and other hosts; section <c>SparkplugEdge</c> of <c>ieum.json</c>. Safe to leave out entirely.</summary>
public sealed class SparkplugEdgeOptions
{
    public const string Section = "SparkplugEdge";

    /// <summary>Publish the machines of this node. Default false: what leaves the node is a decision.</summary>
    public bool Enabled { get; set; }

    /// <summary>Sparkplug group id, no '/', '+' or '#'. Default none: the company's id.</summary>
    [RegularExpression("^[^/+#]{0,128}$")]
    public string Group { get; set; } = "";

    /// <summary>Sparkplug edge node id, no '/', '+' or '#'. Default <c>ieum</c>; must differ between nodes of one group.</summary>
    [Required, RegularExpression("^[^/+#]{1,128}$")]
    public string Node { get; set; } = "ieum";

    /// <summary>Broker as <c>mqtt://host:port</c> or <c>mqtts://host:port</c>. Default none: the broker inside this node.</summary>
    public string Broker { get; set; } = "";

    /// <summary>User name at the broker. Default none; for the broker inside this node its first user.</summary>
    public string User { get; set; } = "";

    /// <summary>Password at the broker. Default none.</summary>
    public string Password { get; set; } = "";

    /// <summary>PEM file with the authority that signed the broker's certificate. Default none: the computer's own list.</summary>
    public string Ca { get; set; } = "";

    /// <summary>Host application whose STATE decides whether anything is published (primary host). Default none: always published.</summary>
    [RegularExpression("^[^/+#]{0,128}$")]
    public string PrimaryHost { get; set; } = "";

    /// <summary>Machines that are published, with blanks between. Default none named: all machines of the company.</summary>
    public string Machines { get; set; } = "";

    /// <summary>Account in whose name device commands (DCMD) ask the guard to write. Default none: every write is refused.</summary>
    public string WriteAs { get; set; } = "";

    /// <summary>How long values are gathered into one message, 10 ms to 10 s of real time. Default 200 ms: five messages a second per machine at most.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:00:10")]
    public TimeSpan Gather { get; set; } = TimeSpan.FromMilliseconds(200);
}

/// <summary>Checks the attributes at start, so that a bad file stops the node, not a shift.</summary>
[OptionsValidator]
internal sealed partial class SparkplugEdgeOptionsCheck : IValidateOptions<SparkplugEdgeOptions>;

internal sealed class SparkplugEdgeBrokerCheck : IValidateOptions<SparkplugEdgeOptions>
{
    public ValidateOptionsResult Validate(string? name, SparkplugEdgeOptions options)
    {
        if (options.Broker.Length > 0 && !BrokerAddress.TryParse(options.Broker, null, null, null, out _))
            return ValidateOptionsResult.Fail($"SparkplugEdge:Broker is '{options.Broker}'; expected {BrokerAddress.Form}, or nothing for the broker inside this node.");
        return !BrokerAddress.IsAuthority(options.Ca)
            ? ValidateOptionsResult.Fail($"SparkplugEdge:Ca is '{options.Ca}', which is neither a PEM file nor the text of one.") : ValidateOptionsResult.Success;
    }
}
