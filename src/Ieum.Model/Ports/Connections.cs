using System.Collections.Immutable;

namespace Ieum.Model;

/// <summary>How to reach one counterpart that delivers a machine's data.</summary>
/// <param name="Protocol">Protocol key, as <c>IConnectRoom.Protocols</c> lists them: <c>mtconnect</c>, <c>opcua</c>, <c>modbus</c> …</param>
/// <param name="Endpoint">Address in the protocol's own form: an agent URL, <c>host:port</c>, <c>group/node/device</c> on the node's broker.</param>
/// <param name="Options">Settings of the protocol by name; unknown names are refused.</param>
public sealed record ConnectionSettings(
    SourceId Source, MachineId Machine, string Protocol, string Endpoint, ImmutableDictionary<string, string> Options)
{
    /// <summary>What to read, for counterparts that are asked point by point (OPC UA, Modbus, SLMP, XGT, S7, FINS, plain MQTT, files); empty where the counterpart tells what it has.</summary>
    public ImmutableArray<PointSettings> Points { get; init; } = [];
}

/// <summary>One value of a counterpart that becomes one signal of the machine.</summary>
/// <param name="Name">Name of the signal, unique in the connection; may contain '/'.</param>
/// <param name="Address">Where it stands, in the protocol's own words: a NodeId, <c>holding:100</c>, <c>D100</c>, <c>%DW10</c>, a topic.</param>
public sealed record PointSettings(string Name, string Address)
{
    /// <summary>How the bytes are read, in the protocol's words (<c>int16</c>, <c>float32</c>, <c>bool</c> …); empty: what the counterpart or the address says.</summary>
    public string Type { get; init; } = "";

    /// <summary>UNECE Rec. 20 code of the value after scaling; empty: what the counterpart says, else none.</summary>
    public string Unit { get; init; } = "";

    public SignalRole Role { get; init; }

    /// <summary>Value = raw × <c>Scale</c> + <c>Offset</c>; 1 and 0 leave a whole number whole.</summary>
    public double Scale { get; init; } = 1;
    public double Offset { get; init; }

    /// <summary>Least change that is passed on, in the unit of the value; 0 passes every change.</summary>
    public double Deadband { get; init; }

    /// <summary>How often it is asked or sampled; zero: as the connection says.</summary>
    public TimeSpan Period { get; init; }

    /// <summary>Words for raw values, for example <c>1 → ACTIVE</c>; a raw value without a word is passed on as it is.</summary>
    public ImmutableSortedDictionary<string, string> Words { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    public string Description { get; init; } = "";

    /// <summary>Between which values it normally lies, in the unit of the value after scaling, for example the EURange of OPC UA; null: not known. A value outside is told, and kept.</summary>
    public ValueRange? Range { get; init; }
}

public enum LinkState : byte { Connecting = 0, Connected = 1, Silent = 2, Disconnected = 3, Refused = 4 }

/// <summary>A broken rule, told so that the reader can act.</summary>
/// <param name="Rule">Stable id; also the key of the translated text in the pages.</param>
/// <param name="Message">Who, what, which rule, what to do. English; for the log.</param>
/// <param name="Count">How often since the source started.</param>
public sealed record SourceProblem(string Rule, string Message, DateTimeOffset At, long Count);

/// <summary>How a source is doing.</summary>
/// <param name="Since">When the present link state began, by the factory clock.</param>
/// <param name="LastData">Newest receive time; null before the first sample.</param>
/// <param name="ClockSkew">Source clock minus node clock, robust; null until it can be told.</param>
/// <param name="Problems">The newest problem per rule.</param>
public sealed record SourceHealth(
    LinkState Link, DateTimeOffset Since, DateTimeOffset? LastData, SourceCounters Counters,
    TimeSpan? ClockSkew, int Reconnects, ImmutableArray<SourceProblem> Problems);

/// <summary>Reads one machine over one protocol, for ever, reconnecting by itself.</summary>
public interface IMachineSource : IAsyncDisposable
{
    ConnectionSettings Settings { get; }
    SourceHealth Health { get; }

    /// <summary>The way to write to the machine; null when the protocol or this counterpart has none.</summary>
    IMachineWriter? Writer => null;

    /// <summary>
    /// Whether it goes on by itself where <see cref="IPlaces"/> says that it stopped, and tells what could not be read
    /// afterwards. Of a source that does not, the time without a node is recorded as a gap by the node.
    /// </summary>
    bool Resumes => false;

    /// <summary>Runs until cancelled. Broken peers, bytes and networks never end it; only a bug does.</summary>
    Task RunAsync(ISampleSink sink, CancellationToken cancel);
}

/// <summary>The answer of a live test of a connection.</summary>
/// <param name="Ok">The counterpart answered and speaks the protocol.</param>
/// <param name="Rule">What is wrong, as in <see cref="SourceProblem"/>; null when fine.</param>
/// <param name="Message">What was found: name, version, number of signals; or what is wrong and what to do.</param>
/// <param name="Signals">Signals it offers, at most 500.</param>
public sealed record ConnectionTest(bool Ok, string? Rule, string Message, IReadOnlyList<Signal> Signals);

/// <summary>
/// Writes to one machine. Nobody but the guarded write-back of Act calls it: limits, roles and approvals were judged
/// before. Faults of the machine or the network are answers, not exceptions.
/// </summary>
public interface IMachineWriter
{
    /// <summary>Writes one value, in the unit of the signal; scaling back to the raw value is the writer's.</summary>
    Task<WriteAnswer> WriteAsync(SignalId signal, SampleValue value, CancellationToken cancel);

    /// <summary>Asks the machine itself what it holds now; null when it cannot be asked or does not answer. Protocols that cannot ask (Sparkplug) wait for the next value the machine sends.</summary>
    Task<Sample?> ReadBackAsync(SignalId signal, CancellationToken cancel);
}

/// <param name="Done">The machine said it took the value.</param>
/// <param name="Rule">What was broken, as in <see cref="SourceProblem"/>; null when done.</param>
/// <param name="Message">The machine's own answer in words.</param>
public sealed record WriteAnswer(bool Done, string? Rule, string Message);

/// <summary>One entry while browsing a counterpart.</summary>
/// <param name="Address">What <c>Browse</c> takes to go one level deeper.</param>
/// <param name="Point">Ready settings when this entry can be read as a signal: name, type, unit and role as far as the counterpart tells them.</param>
/// <param name="Model">The companion model that defined it (Machinery, MachineTool, PackML …); null when none is known.</param>
/// <param name="Value">The present value as text, when it came along.</param>
public sealed record BrowseItem(string Address, string Name, bool HasChildren, PointSettings? Point, string? Model, string? Value)
{
    /// <summary>Between which values the counterpart says the value normally lies, in its unit; null when it tells none.</summary>
    public ValueRange? Range { get; init; }
}

/// <summary>A closed interval, <c>Low</c> &lt; <c>High</c>, in the unit of the value it belongs to.</summary>
public sealed record ValueRange(double Low, double High);

/// <param name="Rule">What is wrong, as in <see cref="SourceProblem"/>; null when fine.</param>
public sealed record BrowseAnswer(bool Ok, string? Rule, string Message, ImmutableArray<BrowseItem> Items)
{
    /// <summary>Options of the connection that what was seen speaks for, such as where the time of a value stands; they are offered, not set.</summary>
    public ImmutableDictionary<string, string> Suggested { get; init; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>A counterpart that a scan found.</summary>
/// <param name="Message">Who it says it is: name, version, security.</param>
/// <param name="Options">Options with which a connection to it can be opened.</param>
public sealed record ScanHit(string Protocol, string Endpoint, string Message, ImmutableDictionary<string, string> Options);
