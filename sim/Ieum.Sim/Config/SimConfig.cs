using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ieum.Sim.Config;

/// <summary>What one simulator process runs; see docs/simulated-machines.md. Unknown keys are refused.</summary>
/// <remarks>Properties have setters because the generated reader gives init-only ones their type's default, not ours.</remarks>
internal sealed record SimConfig
{
    public ClockConfig? Clock { get; set; }

    /// <summary>Port of the control channel on loopback; 0 takes a free one.</summary>
    public int ControlPort { get; set; }

    /// <summary>MQTT broker for machines that name none, <c>host:port</c>.</summary>
    public string? Broker { get; set; }

    public IReadOnlyList<MachineConfig> Machines { get; set; } = [];

    /// <exception cref="InvalidDataException">The file is not what the documentation says; the message names key and remedy.</exception>
    public static SimConfig Read(string json, string name)
    {
        try
        {
            var config = JsonSerializer.Deserialize(json, SimConfigJson.Default.SimConfig) ?? throw new JsonException("The document is null.");
            config.Check(name);
            return config;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{name}: {e.Message} See docs/simulated-machines.md for the keys.", e);
        }
    }

    private void Check(string name)
    {
        if (Machines.Count == 0) throw new InvalidDataException($"{name}: 'machines' is empty; give at least one machine.");
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var machine in Machines)
        {
            if (!seen.Add(machine.Id)) throw new InvalidDataException($"{name}: machine id '{machine.Id}' is given twice; ids must differ.");
            if (machine.Source is { Recordings: null, Generated: null } or { Recordings: not null, Generated: not null })
                throw new InvalidDataException($"{name}: machine '{machine.Id}' needs either 'source.recordings' or 'source.generated'.");
        }
        var twice = Machines.Where(m => m.Protocol is "sparkplug" or "retrofit").GroupBy(m => (m.Group, m.Node ?? m.Id)).FirstOrDefault(g => g.Count() > 1);
        if (twice is not null)
            throw new InvalidDataException($"{name}: machines {string.Join(" and ", twice.Select(m => $"'{m.Id}'"))} share Sparkplug node '{twice.Key.Item2}'; give each its own 'node'.");
    }
}

/// <param name="Start">Scenario time at <paramref name="Origin"/>.</param>
/// <param name="Speed">Scenario seconds per real second.</param>
/// <param name="Origin">Real instant at which the scenario began; default: when the process started.</param>
internal sealed record ClockConfig(DateTimeOffset? Start = null, double Speed = 1, DateTimeOffset? Origin = null);

internal sealed record MachineConfig
{
    public required string Id { get; set; }

    /// <summary><c>mtconnect</c>, <c>shdr</c>, <c>modbus</c>, <c>slmp</c>, <c>fins</c>, <c>opcua</c>, <c>sparkplug</c>, <c>retrofit</c> or <c>mqtt</c>.</summary>
    public required string Protocol { get; set; }

    public required SourceConfig Source { get; set; }

    /// <summary>Address to listen on; default loopback.</summary>
    public string Bind { get; set; } = "127.0.0.1";

    /// <summary>TCP port of agent or adapter; 0 takes a free one.</summary>
    public int Port { get; set; }

    /// <summary>MTConnect schema: 1.3, 1.8, 2.0 or 2.5.</summary>
    public string Schema { get; set; } = "1.3";

    /// <summary>The agent's buffer holds 2 to this power observations. 17 is what agents of the field come with.</summary>
    public int BufferPower { get; set; } = 17;

    /// <summary>Modbus: <c>tcp</c> or <c>rtu</c>, serial frames through TCP.</summary>
    public string Framing { get; set; } = "tcp";

    /// <summary>OPC UA: security offered, each <c>None</c>, a policy name for both modes, or <c>POLICY:Sign</c>, <c>POLICY:SignAndEncrypt</c>.</summary>
    public IReadOnlyList<string> Security { get; set; } = ["None", "Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss"];

    /// <summary>OPC UA: anonymous users may look. <see cref="User"/> and <see cref="Password"/> make the one account.</summary>
    public bool Anonymous { get; set; } = true;

    /// <summary>OPC UA: values kept per item for HistoryRead; 0 keeps none.</summary>
    public int History { get; set; } = 10_000;

    /// <summary>OPC UA: take every client certificate; off: only those in the folder's <c>trusted</c>.</summary>
    public bool TrustAll { get; set; } = true;

    /// <summary>OPC UA: folder of certificate and trust list; default: one for this machine below the folder for temporary files.</summary>
    public string? Pki { get; set; }

    /// <summary>OPC UA: operations in one request at most (read, write, browse, monitored items …).</summary>
    public int OperationLimit { get; set; } = 1000;

    /// <summary>OPC UA: values an item that asked for a queue gets at least; larger than a burst, so that no queue overflows.</summary>
    public int MinQueue { get; set; } = 1;

    /// <summary>Say nothing before the first client has asked, so that what was sent and what arrived compare exactly.</summary>
    public bool WaitForClient { get; set; }

    /// <summary>MQTT broker, <c>host:port</c>; default: the file's.</summary>
    public string? Broker { get; set; }

    /// <summary>Sparkplug group id.</summary>
    public string Group { get; set; } = "ieum";

    /// <summary>Sparkplug edge node id; default: the machine's id.</summary>
    public string? Node { get; set; }

    /// <summary>Sparkplug device id; default: the machine's id.</summary>
    public string? Device { get; set; }

    /// <summary>Sparkplug host application whose STATE the node obeys; none: it publishes at once.</summary>
    public string? PrimaryHost { get; set; }

    public string? User { get; set; }
    public string? Password { get; set; }
}

internal sealed record SourceConfig
{
    /// <summary>Folder of recordings; files <c>PREFIX*.txt</c> and <c>PREFIX*.txt.gz</c> in order of name.</summary>
    public string? Recordings { get; set; }

    /// <summary>First letters of the recordings to play, for example <c>Mazak01-2016112</c>.</summary>
    public string Prefix { get; set; } = "";

    /// <summary>Instant of the first recording that is laid at the scenario's start, or <c>first-event</c> (default) or <c>first-run</c>.</summary>
    public string From { get; set; } = "first-event";

    /// <summary>Machine type whose days are generated: mill, fiveaxis, vmc, lathe, hone.</summary>
    public string? Generated { get; set; }

    public int Seed { get; set; } = 1;

    /// <summary>Generated machines: working periods, local to the scenario's start.</summary>
    public string Shift { get; set; } = Generate.ShopHours.Default;

    /// <summary>Generated machines: lose the control as often as the recorded adapter did. Off: that was the adapter's habit, not the machine's life.</summary>
    public bool Dropouts { get; set; }

    /// <summary>Generated machines: run only what <c>POST /work</c> asks for, no work of their own.</summary>
    public bool OnlyWork { get; set; }
}

[JsonSerializable(typeof(SimConfig))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
internal sealed partial class SimConfigJson : JsonSerializerContext;
