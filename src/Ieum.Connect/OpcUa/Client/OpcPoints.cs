using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>Makes points of their settings. Pure.</summary>
internal static class OpcPoints
{
    /// <summary>Checks addresses and types before a connection begins.</summary>
    /// <exception cref="ConnectionSettingsException">An address, type or percentage that cannot be used.</exception>
    public static void Check(ConnectionSettings settings, OpcUaOptions options)
    {
        foreach (var p in settings.Points)
        {
            if (!NodeAddress.TryParse(p.Address, out _)) throw Wrong(p, "expected " + NodeAddress.Allowed);
            if (p.Type is not ("" or "number")) throw Wrong(p, $"the type '{p.Type}' is not known; allowed: nothing, or number for states that shall stay numbers");
        }
        foreach (var name in options.Percents.Keys)
            if (!settings.Points.IsEmpty && !settings.Points.Any(p => p.Name == name))
                throw new ConnectionSettingsException(ConnectRules.OptionWrong, $"Connection '{settings.Source}' ({settings.Protocol}): option 'percent.{name}' names no point of the connection.");

        ConnectionSettingsException Wrong(PointSettings p, string why) =>
            new(ConnectRules.PointWrong, $"Connection '{settings.Source}' ({settings.Protocol}): point '{p.Name}' at '{p.Address}': {why}.");
    }

    public static IEnumerable<OpcPoint> Of(IEnumerable<PointSettings> points, OpcUaOptions options)
    {
        uint handle = 0;
        foreach (var p in points)
            if (NodeAddress.TryParse(p.Address, out var address))
                yield return new(++handle, p, address) { Percent = options.Percents.GetValueOrDefault(p.Name) };
    }
}
