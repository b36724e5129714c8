using System.Globalization;
using System.Net;
using Ieum.Connect.Modbus;
using Ieum.Connect.Polling;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.Fins;
using Ieum.Sim.Generate;
using Ieum.Sim.Machines;
using Ieum.Sim.Modbus;
using Ieum.Sim.MtConnect;
using Ieum.Sim.OpcUa;
using Ieum.Sim.PlainMqtt;
using Ieum.Sim.Play;
using Ieum.Sim.Recordings;
using Ieum.Sim.Registers;
using Ieum.Sim.S7;
using Ieum.Sim.Shdr;
using Ieum.Sim.Slmp;
using Ieum.Sim.Sparkplug;
using Ieum.Sim.Xgt;
using Microsoft.Extensions.Logging;

namespace Ieum.Sim.Config;

/// <summary>Builds machines from their settings.</summary>
internal sealed class MachineFactory(Clocks clocks, DateTimeOffset start, string? broker, ILogger log)
{
    /// <exception cref="InvalidDataException">A setting cannot be used; the message names machine and setting.</exception>
    public SimMachine Create(MachineConfig m)
    {
        var (feed, device) = Story(m.Id, m.Source);
        if (m.Protocol is "retrofit" or "mqtt") (feed, device) = (new RetrofitFeed(feed, m.Source.Seed), DeviceDescription.Of("retrofit"));
        return new(m.Id, feed, Outlet(m, device), clocks, m.WaitForClient, log);
    }

    public IOutlet Outlet(MachineConfig m, DeviceDescription device)
    {
        if (!IPAddress.TryParse(m.Bind, out var bind)) throw new InvalidDataException($"Machine '{m.Id}': 'bind' must be an IP address, not '{m.Bind}'.");
        return m.Protocol switch
        {
            "mtconnect" => m.BufferPower is < 1 or > 24
                ? throw new InvalidDataException($"Machine '{m.Id}': 'bufferPower' must lie between 1 and 24, not at {m.BufferPower}.")
                : new AgentOutlet(new(m.Id, bind, m.Port, SchemaVersion.Parse(m.Schema), m.BufferPower), device, clocks, log),
            "shdr" => new ShdrOutlet(new(m.Id, bind, m.Port), clocks, log),
            "modbus" => new RegisterOutlet(m.Id, bind, m.Port, ModbusSpeech.Server(m.Framing switch
            {
                "tcp" => ModbusFraming.Tcp,
                "rtu" => ModbusFraming.Rtu,
                _ => throw new InvalidDataException($"Machine '{m.Id}': 'framing' must be tcp or rtu, not '{m.Framing}'."),
            }), new(device), clocks, log),
            "slmp" => new RegisterOutlet(m.Id, bind, m.Port, SlmpStation.Server(), new(device, RegisterOrder.Cdab, textsAreSwapped: true), clocks, log),
            "fins" => new RegisterOutlet(m.Id, bind, m.Port, FinsStation.Server(), new(device, RegisterOrder.Cdab), clocks, log),
            "xgt" => new RegisterOutlet(m.Id, bind, m.Port, XgtSpeech.Server(), new(device, XgtSpeech.WordOrder), clocks, log),
            "s7" => new RegisterOutlet(m.Id, bind, m.Port, S7Speech.Server(), new(device), clocks, log),
            "opcua" => new UaOutlet(OpcUa(m, bind), device, clocks, log),
            "sparkplug" or "retrofit" => new EdgeOutlet(
                EdgeSettings.Of(m.Id, broker ?? m.Broker, m.Group, m.Node ?? m.Id, m.Device ?? m.Id, m.PrimaryHost, m.User, m.Password),
                device, m.Protocol, clocks, log),
            "mqtt" => new BoxOutlet(EdgeSettings.Of(m.Id, broker ?? m.Broker, m.Group, m.Id, m.Id, null, m.User, m.Password), device, clocks, log),
            _ => throw new InvalidDataException($"Machine '{m.Id}': protocol '{m.Protocol}' is not known. Known: mtconnect, shdr, opcua, modbus, slmp, fins, xgt, s7, sparkplug, retrofit, mqtt."),
        };
    }

    private static UaSettings OpcUa(MachineConfig m, IPAddress bind)
    {
        if (m.History is < 0 or > 1_000_000) throw new InvalidDataException($"Machine '{m.Id}': 'history' must lie between 0 and 1000000 values, not at {m.History}.");
        if (m.OperationLimit is < 1 or > 100_000) throw new InvalidDataException($"Machine '{m.Id}': 'operationLimit' must lie between 1 and 100000, not at {m.OperationLimit}.");
        if (m.MinQueue is < 1 or > 100_000) throw new InvalidDataException($"Machine '{m.Id}': 'minQueue' must lie between 1 and 100000, not at {m.MinQueue}.");
        if (m.User is null && !m.Anonymous) throw new InvalidDataException($"Machine '{m.Id}': nobody could log in; allow 'anonymous' or give 'user' and 'password'.");
        var limit = m.OperationLimit;
        return new(m.Id, bind, m.Port, m.Pki ?? Path.Combine(Path.GetTempPath(), "ieum-sim-pki", m.Id), UaSettings.Parse(m.Id, m.Security), m.Anonymous, m.User, m.Password,
            m.History, m.TrustAll, new()
            {
                MaxNodesPerRead = limit,
                MaxNodesPerWrite = limit,
                MaxNodesPerBrowse = limit,
                MaxMonitoredItemsPerCall = limit,
                MaxNodesPerRegister = limit,
                MaxNodesPerTranslate = limit,
                MinQueueSize = m.MinQueue,
                AnonymousTransfer = true,
            });
    }

    private (IFeed Feed, DeviceDescription Device) Story(string id, SourceConfig s)
    {
        if (s.Generated is { } type)
        {
            var device = DeviceDescription.Of(type);
            return (new DayGenerator(MachineModel.Of(type), device, s.Seed, start, ShopHours.Parse(s.Shift, start.Offset), s.OnlyWork, s.Dropouts), device);
        }
        if (!Directory.Exists(s.Recordings)) throw new InvalidDataException($"Machine '{id}': recordings folder '{s.Recordings}' does not exist.");
        var files = Directory.EnumerateFiles(s.Recordings, s.Prefix + "*")
            .Where(f => f.EndsWith(".txt", StringComparison.Ordinal) || f.EndsWith(".txt.gz", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).ToList();
        if (files.Count == 0) throw new InvalidDataException($"Machine '{id}': no recording '{s.Prefix}*.txt[.gz]' in '{s.Recordings}'.");
        var (anchor, from) = Anchors.Parse(s.From);
        return (new RecordingFeed(files, start, anchor, from, loop: true), DeviceDescription.For(files.MaxBy(f => new FileInfo(f).Length)!));
    }
}

internal static class Anchors
{
    /// <exception cref="InvalidDataException">Neither a word nor an instant.</exception>
    public static (Anchor Anchor, DateTimeOffset? From) Parse(string text) => text switch
    {
        "first-event" => (Anchor.FirstEvent, null),
        "first-run" => (Anchor.FirstRun, null),
        _ when DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var from) => (Anchor.FirstEvent, from),
        _ => throw new InvalidDataException($"'from' must be first-event, first-run or an ISO 8601 instant, not '{text}'."),
    };
}
