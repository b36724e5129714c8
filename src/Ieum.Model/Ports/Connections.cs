using System.Collections.Immutable;

namespace Ieum.Model;

/// <summary>How to reach one counterpart that delivers a machine's data.</summary>
/// <param name="Protocol">Protocol key: <c>mtconnect</c>, <c>shdr</c>, <c>sparkplug</c>.</param>
/// <param name="Endpoint">Address in the protocol's own form: an agent URL, <c>host:port</c>, <c>group/node/device</c> on the node's broker.</param>
/// <param name="Options">Settings of the protocol by name; unknown names are refused.</param>
public sealed record ConnectionSettings(
    SourceId Source, MachineId Machine, string Protocol, string Endpoint, ImmutableDictionary<string, string> Options);

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

    /// <summary>Runs until cancelled. Broken peers, bytes and networks never end it; only a bug does.</summary>
    Task RunAsync(ISampleSink sink, CancellationToken cancel);
}

/// <summary>The answer of a live test of a connection.</summary>
/// <param name="Ok">The counterpart answered and speaks the protocol.</param>
/// <param name="Rule">What is wrong, as in <see cref="SourceProblem"/>; null when fine.</param>
/// <param name="Message">What was found: name, version, number of signals; or what is wrong and what to do.</param>
/// <param name="Signals">Signals it offers, at most 500.</param>
public sealed record ConnectionTest(bool Ok, string? Rule, string Message, IReadOnlyList<Signal> Signals);
