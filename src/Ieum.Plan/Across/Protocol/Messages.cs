using System.Text.Json.Serialization;

namespace Ieum.Plan.Across;

/// <summary>One request of the coordinator to one company: everything it wants to know in this round.</summary>
/// <remarks>
/// Plan numbers name hypothetical plans that a company keeps apart; operations are numbered through in order of their orders.
/// Lists of numbers are flat: docs/protocols/closed-book-planning.md gives the meaning of each field and what it may reveal.
/// </remarks>
internal sealed record Request
{
    /// <summary>Counts up by one per company; a repeated number gets the stored reply again, nothing is done twice.</summary>
    [JsonPropertyName("n")] public int Number { get; init; }
    [JsonPropertyName("keep"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int[]? Keep { get; init; }
    [JsonPropertyName("drop"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public int[]? Drop { get; init; }
    [JsonPropertyName("targets"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public Targets[]? Targets { get; init; }
    [JsonPropertyName("steps"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public Step[]? Steps { get; init; }
    [JsonPropertyName("menus"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public MenuAsk[]? Menus { get; init; }
    /// <summary>Two-phase accept of a plan number: <c>prepare</c>, then <c>commit</c> or <c>abort</c>.</summary>
    [JsonPropertyName("phase"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Phase { get; init; }
    [JsonPropertyName("plan"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public int Plan { get; init; }
}

/// <summary>Latest finishes that the coordinator grants in a plan, with the price of missing them per unit of time.</summary>
/// <param name="List">op, limit, weight, second limit, second weight; …</param>
internal sealed record Targets([property: JsonPropertyName("p")] int Plan, [property: JsonPropertyName("t")] long[] List);

/// <summary>A change of one hypothetical plan: remove operations, insert some, tell new arrivals; then the company answers its finishes.</summary>
/// <param name="Plan">The plan changed; made as a copy of <paramref name="From"/> when it does not exist yet.</param>
/// <param name="Insert">op, arrival, agreed finish; …</param>
/// <param name="Arrive">op, arrival; …</param>
/// <param name="Effort">Above 0: the company re-sequences its own machines first, for about so many tries.</param>
internal sealed record Step(
    [property: JsonPropertyName("p")] int Plan,
    [property: JsonPropertyName("f"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int From,
    [property: JsonPropertyName("out"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int[]? Remove,
    [property: JsonPropertyName("in"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long[]? Insert,
    [property: JsonPropertyName("at"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long[]? Arrive,
    [property: JsonPropertyName("e"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Effort);

/// <summary>Asks what the company offers for one operation, would it arrive at each of some times, were others not there.</summary>
/// <param name="Without">Operations thought away from the plan first.</param>
internal sealed record MenuAsk(
    [property: JsonPropertyName("p")] int Plan,
    [property: JsonPropertyName("out"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int[]? Without,
    [property: JsonPropertyName("o")] int Operation,
    [property: JsonPropertyName("r")] long[] Arrivals);

/// <summary>One reply of a company; lists stand in the order of the request's.</summary>
internal sealed record Reply
{
    [JsonPropertyName("n")] public int Number { get; init; }
    [JsonPropertyName("steps"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public Timing[]? Steps { get; init; }
    /// <summary>Per ask, per arrival: count, then so many finish, price pairs.</summary>
    [JsonPropertyName("menus"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public long[][]? Menus { get; init; }
    /// <summary>Slack pass, per entry of the request's targets: op, latest arrival, weight, second latest arrival, second weight; … of all that arrives from outside.</summary>
    [JsonPropertyName("slack"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public long[][]? Slack { get; init; }
    /// <summary><c>ready</c>, <c>committed</c>, <c>aborted</c> or <c>refused</c>.</summary>
    [JsonPropertyName("phase"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Phase { get; init; }
    /// <summary>Reason of a refusal of the whole request; nothing of it was done.</summary>
    [JsonPropertyName("error"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Error { get; init; }
}

/// <summary>What became of a plan.</summary>
/// <param name="Finish">op, finish; … of the shared operations whose finish changed since last told.</param>
/// <param name="Price">What the plan costs the company's own customers, in weight × time; null: the plan is impossible here.</param>
internal sealed record Timing(
    [property: JsonPropertyName("f"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long[]? Finish,
    [property: JsonPropertyName("c")] long? Price);

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Default)]
[JsonSerializable(typeof(Request))]
[JsonSerializable(typeof(Reply))]
internal sealed partial class MessageJson : JsonSerializerContext;
