using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Ieum.Connect.Polling;
using Ieum.Model;
using Microsoft.Extensions.Logging;

namespace Ieum.Connect.Modbus;

/// <summary>Makes, tests, finds and browses Modbus connections.</summary>
internal sealed class ModbusFactory(Clocks clocks, ILoggerFactory logs) : IProtocolFactory
{
    /// <summary>Registers shown on one level of browsing.</summary>
    private const int PageCells = 100;

    private static readonly ModbusTable[] Tables = [ModbusTable.Holding, ModbusTable.Input, ModbusTable.Coil, ModbusTable.Discrete];

    public string Protocol => "modbus";
    public bool TakesPoints => true;
    public IReadOnlyList<int> UsualPorts => [ModbusOptions.DefaultPort];

    public IMachineSource Create(ConnectionSettings settings, ISignalDirectory signals)
    {
        var options = ModbusOptions.Read(settings);
        CheckEnds(settings, options);
        return new PolledSource(settings, options.Poll, new ModbusProtocol(options.Unit, options.Framing), signals, clocks, logs.CreateLogger<PolledSource>());
    }

    public Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel)
    {
        var options = ModbusOptions.Read(settings);
        CheckEnds(settings, options);
        return PollProbe.TestAsync(settings, options.Poll, new ModbusProtocol(options.Unit, options.Framing),
            new(ModbusAddress.Area(options.Unit, ModbusTable.Holding), 0, 1), clocks, cancel);
    }

    /// <summary>Any well-formed answer will do, an exception too: who answers a transaction by its number speaks Modbus.</summary>
    public async Task<IReadOnlyList<ScanHit>> KnockAsync(IPEndPoint at, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(at);
        var options = new PollOptions { Host = at.Address.ToString(), Port = at.Port };
        try
        {
            using var link = await RegisterLink.OpenAsync(options, new ModbusProtocol(1, ModbusFraming.Tcp), clocks.Wire, cancel).ConfigureAwait(false);
            foreach (var unit in (int[])[1, 255, 0])
            {
                var answer = await link.AskAsync(new(ModbusAddress.Area(unit, ModbusTable.Holding), 0, 1), cancel).ConfigureAwait(false);
                if (answer.Kind is AnswerKind.Garbage) return [];
                if (answer.Kind is AnswerKind.Silent || answer.Refusal is { Scope: RefusalScope.Device }) continue;
                return [new(Protocol, at.ToString(), string.Create(CultureInfo.InvariantCulture, $"Modbus TCP, unit {unit}; no encryption, no password"),
                    ImmutableDictionary<string, string>.Empty.Add("unit", unit.ToString(CultureInfo.InvariantCulture)))];
            }
        }
        catch (Exception fault) when (fault is SocketException or TimeoutException or IOException)
        {
            // Nobody, as far as a scan is concerned.
        }
        return [];
    }

    public async Task<BrowseAnswer> BrowseAsync(ConnectionSettings settings, string? address, CancellationToken cancel)
    {
        var options = ModbusOptions.Read(settings);
        var protocol = new ModbusProtocol(options.Unit, options.Framing);
        try
        {
            if (address is null)
            {
                var test = await PollProbe.TestAsync(settings with { Points = [] }, options.Poll, protocol, new(ModbusAddress.Area(options.Unit, ModbusTable.Holding), 0, 1), clocks, cancel).ConfigureAwait(false);
                return new(test.Ok, test.Rule, test.Message, test.Ok
                    ? [.. Tables.Select(t => Page(ModbusAddress.Area(options.Unit, t), 0, options.Unit))] : []);
            }
            if (!protocol.TryPlace(address, out var place, out var why)) return new(false, ConnectRules.PointWrong, $"'{address}': {why}.", []);
            using var link = await RegisterLink.OpenAsync(options.Poll.Patient(settings), protocol, clocks.Wire, cancel).ConfigureAwait(false);
            var count = Math.Min(PageCells, 65_536 - place.Start);
            var answer = await PollProbe.ReadAroundAsync(link, protocol, place.Area, place.Start, count, settings.Endpoint, cancel).ConfigureAwait(false);
            return answer.Ok && place.Start + count <= 65_535 ? answer with { Items = answer.Items.Add(Page(place.Area, place.Start + count, options.Unit)) } : answer;
        }
        catch (Exception fault) when (fault is SocketException or TimeoutException or IOException)
        {
            var (broken, said) = Reach.Of(settings.Endpoint, fault);
            return new(false, broken, said, []);
        }
    }

    private static BrowseItem Page(RegisterArea area, int start, int unit)
    {
        var address = ModbusAddress.Text(area, start, unit);
        return new(address, string.Create(CultureInfo.InvariantCulture, $"{((ModbusTable)area.Code).ToString().ToLowerInvariant()} {start} … {Math.Min(65_535, start + PageCells - 1)}"), true, null, null, null);
    }

    /// <summary>The end of a point must still be an address.</summary>
    private static void CheckEnds(ConnectionSettings settings, ModbusOptions options)
    {
        foreach (var p in PollPoint.Read(settings, new ModbusProtocol(options.Unit, options.Framing), options.Poll))
            if (p.Start + p.Count > 65_536)
                throw new ConnectionSettingsException(ConnectRules.PointWrong,
                    $"Connection '{settings.Source}' (modbus): point '{p.Settings.Name}' at '{p.Settings.Address}': it reaches beyond address 65535.");
    }
}
