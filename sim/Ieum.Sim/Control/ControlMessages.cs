using System.Text.Json.Serialization;

namespace Ieum.Sim.Control;

/// <summary>Answer of <c>GET /status</c>.</summary>
internal sealed record SimStatus(DateTimeOffset FactoryTime, double Speed, IReadOnlyList<MachineStatus> Machines);

/// <summary>One machine; counts as in <see cref="Play.OutletCounts"/>.</summary>
internal sealed record MachineStatus(
    string Machine, string Protocol, string Endpoint, int Clients,
    long Produced, long Sent, long Unseen, long Lost, long Garbage, long Ignored,
    DateTimeOffset? Played, string? Failure, WorkStatus? Work);

/// <summary>Generated machines only.</summary>
internal sealed record WorkStatus(int Waiting, string? Program, long PiecesMade);

/// <summary>Body of <c>POST /fault</c>.</summary>
internal sealed record FaultRequest(string? Machine = null, string? Kind = null, double Seconds = 5, double SkewSeconds = 300);

/// <summary>Body of <c>POST /work</c>.</summary>
internal sealed record WorkRequest(
    string? Machine = null, string? Program = null, string? Item = null, int Pieces = 0, double CycleSeconds = 0, DateTimeOffset? At = null, bool Attended = false);

/// <summary>Body of <c>POST /breakdown</c>; <c>seconds</c> of scenario time from <c>at</c> on, or from now.</summary>
internal sealed record BreakdownRequest(string? Machine = null, double Seconds = 0, DateTimeOffset? At = null, string Code = "1001", string Text = "SPINDLE ALARM");

/// <summary>Answer of <c>GET /said</c>.</summary>
internal sealed record SaidAnswer(long Values);

/// <summary>A refusal, or "done".</summary>
internal sealed record ControlAnswer(bool Ok, string Message);

/// <summary>The one line on standard output when everything listens.</summary>
internal sealed record ReadyLine(bool Ready, string Control, IReadOnlyList<ReadyMachine> Machines);

/// <param name="Points">What to read, for machines that are asked point by point; not there for the others.</param>
internal sealed record ReadyMachine(string Machine, string Protocol, string Endpoint,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] IReadOnlyList<Play.OutletPoint>? Points = null);

[JsonSerializable(typeof(SimStatus)), JsonSerializable(typeof(FaultRequest)), JsonSerializable(typeof(BreakdownRequest)), JsonSerializable(typeof(WorkRequest))]
[JsonSerializable(typeof(ControlAnswer)), JsonSerializable(typeof(ReadyLine)), JsonSerializable(typeof(SaidAnswer))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class ControlJson : JsonSerializerContext;
