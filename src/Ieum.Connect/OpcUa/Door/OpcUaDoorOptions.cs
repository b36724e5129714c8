using System.ComponentModel.DataAnnotations;
using System.Net;
using Microsoft.Extensions.Options;

namespace Ieum.Connect;

/// <summary>Settings of the node's own OPC UA server for SCADA and MES; section <c>OpcUaDoor</c> of <c>ieum.json</c>. Safe to leave out entirely.</summary>
public sealed class OpcUaDoorOptions
{
    public const string Section = "OpcUaDoor";

    /// <summary>Open the server. Default false: a port more is a decision.</summary>
    public bool Enabled { get; set; }

    /// <summary>Address to listen on. Default 127.0.0.1. On any other address nobody is anonymous and nothing goes unencrypted.</summary>
    [Required]
    public string Bind { get; set; } = "127.0.0.1";

    /// <summary>TCP port, 0 to 65535; 0 takes a free one. Default 4840, the port of OPC UA.</summary>
    [Range(0, 65535)]
    public int Port { get; set; } = 4840;

    /// <summary>Without an account clients on this computer may look. Default true; counts on a loopback address only.</summary>
    public bool Anonymous { get; set; } = true;

    /// <summary>Security policies offered, with blanks between: <c>Basic256Sha256</c>, <c>Aes128_Sha256_RsaOaep</c>, <c>Aes256_Sha256_RsaPss</c>. Default all three. On a loopback address None is offered besides.</summary>
    [Required]
    public string Policies { get; set; } = "Basic256Sha256 Aes128_Sha256_RsaOaep Aes256_Sha256_RsaPss";

    /// <summary>Clients logged in at once, 1 to 1,000. Default 20: SCADA, MES, a historian, and somebody with a browser.</summary>
    [Range(1, 1000)]
    public int MaxSessions { get; set; } = 20;
}

/// <summary>Checks <see cref="OpcUaDoorOptions"/> at start, so that a bad file stops the node, not a shift.</summary>
[OptionsValidator]
internal sealed partial class OpcUaDoorOptionsCheck : IValidateOptions<OpcUaDoorOptions>;

internal sealed class OpcUaDoorPolicyCheck : IValidateOptions<OpcUaDoorOptions>
{
    internal static readonly string[] Known = ["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"];

    public ValidateOptionsResult Validate(string? name, OpcUaDoorOptions options)
    {
        if (!IPAddress.TryParse(options.Bind, out _))
            return ValidateOptionsResult.Fail($"OpcUaDoor:Bind is '{options.Bind}'; expected an IP address such as 127.0.0.1 or 0.0.0.0.");
        var policies = options.Policies.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (policies.Length == 0) return ValidateOptionsResult.Fail($"OpcUaDoor:Policies is empty; name at least one of {string.Join(", ", Known)}.");
        return policies.FirstOrDefault(p => !Known.Contains(p)) is { } wrong
            ? ValidateOptionsResult.Fail($"OpcUaDoor:Policies names '{wrong}'; known are {string.Join(", ", Known)}.")
            : ValidateOptionsResult.Success;
    }
}
