using Ieum.Connect.Broker;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;

namespace Ieum.Connect.Sparkplug;

/// <summary>The settings of one connection, read and checked.</summary>
/// <param name="Device">Null when the machine is the edge node itself, with all devices that no other connection names.</param>
/// <param name="CommandsByName">Commands name their metric even where the birth gave it an alias; some edge nodes know no other way.</param>
/// <param name="Broker">Null for the broker inside the node.</param>
internal sealed record SparkplugSettings(
    string Group, string Node, string? Device, BrokerAddress? Broker, SessionLimits Limits,
    IReadOnlyDictionary<string, SignalRole> Roles, IReadOnlyDictionary<string, Unit> Units, bool CommandsByName = false)
{
    private const string Form = "group/node or group/node/device without '+', '#' and empty parts";

    /// <exception cref="ConnectionSettingsException">The endpoint or an option cannot be used.</exception>
    public static SparkplugSettings Read(ConnectionSettings settings)
    {
        var options = new OptionReader(settings);
        var parts = settings.Endpoint.Split('/');
        if (parts.Length is not (2 or 3) || parts.Any(p => p.Trim().Length == 0 || p.Length > 256 || p.AsSpan().ContainsAny('+', '#') || p.Any(char.IsControl)))
            throw options.WrongEndpoint(Form);
        var defaults = new SessionLimits();
        var read = new SparkplugSettings(
            parts[0], parts[1], parts.Length == 3 ? parts[2] : null, BrokerAddress.Read(options),
            defaults with
            {
                Silence = options.Seconds("silence", defaults.Silence, TimeSpan.FromSeconds(1), TimeSpan.FromHours(24)),
                Reorder = options.Seconds("reorder", defaults.Reorder, TimeSpan.FromSeconds(0.1), TimeSpan.FromMinutes(1)),
            },
            options.Roles(), options.Units(), options.Text("command", "auto") switch { "auto" => false, "name" => true, var text => throw options.Wrong("command", text, "auto, name") });
        options.Finish();
        return read;
    }
}
