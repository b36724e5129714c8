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
    [JsonPropertyName("looks"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public Look[]? Looks { get; init; }
    [JsonPropertyName("steps"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public Step[]? Steps { get; init; }
    [JsonPropertyName("menus"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public MenuAsk[]? Menus { get; init; }
    /// <summary>Two-phase accept of a plan number: <c>prepare</c>, then <c>commit</c> or <c>abort</c>.</summary>
    [JsonPropertyName("phase"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Phase { get; init; }
    [JsonPropertyName("plan"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public int Plan { get; init; }
}

/// <summary>What lies outside a company in a plan: when parts arrive and what its finishes mean to the customers, with lags over all ways outside.</summary>
/// <param name="Arrivals">op, arrival that does not depend on the company, count, then one of its operations and the lag from its finish, …; …</param>
/// <param name="Orders">weight, due, end that does not depend on the company, count, then one of its operations and the lag, …; …: they count for the end of all.</param>
/// <param name="Others">The same for whom the companies protect: their own customers, nameless.</param>
/// <param name="Last">End of all as far as it does not depend on the company.</param>
internal sealed record Look(
    [property: JsonPropertyName("p"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Plan,
    [property: JsonPropertyName("a")] long[] Arrivals,
    [property: JsonPropertyName("r")] long[] Orders,
    [property: JsonPropertyName("h")] long[] Others,
    [property: JsonPropertyName("m")] long Last);

/// <summary>A change of one hypothetical plan: remove operations, insert some, re-sequence; then the company answers how its finishes react.</summary>
/// <param name="Plan">The plan changed; made as a copy of <paramref name="From"/> when it does not exist yet.</param>
/// <param name="Insert">op, arrival, agreed finish, price per unit of time after it; …</param>
/// <param name="Look">What lies outside in this plan; null: as in the plan it was copied from.</param>
/// <param name="Effort">Above 0: the company re-sequences its own machines, for about so many tries.</param>
internal sealed record Step(
    [property: JsonPropertyName("p")] int Plan,
    [property: JsonPropertyName("f"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int From,
    [property: JsonPropertyName("out"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int[]? Remove,
    [property: JsonPropertyName("in"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long[]? Insert,
    [property: JsonPropertyName("look"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Look? Look,
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
    [JsonPropertyName("steps"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public Reaction[]? Steps { get; init; }
    /// <summary>Per ask, per arrival: count, then so many finish, price pairs.</summary>
    [JsonPropertyName("menus"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public long[][]? Menus { get; init; }
    /// <summary><c>ready</c>, <c>committed</c>, <c>aborted</c> or <c>refused</c>.</summary>
    [JsonPropertyName("phase"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Phase { get; init; }
    /// <summary>Reason of a refusal of the whole request; nothing of it was done.</summary>
    [JsonPropertyName("error"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Error { get; init; }
}

/// <summary>What became of a plan: how its finishes follow from arrivals.</summary>
/// <param name="Finish">op, finish that no arrival moves, count, then arrival's op and lag, …; … of the shared operations for which this changed against the plan copied from.</param>
/// <param name="Own">Own customers: weight × lateness that no arrival moves; then per customer weight, least lateness, count, arrival's op and latest harmless arrival, …. Null: the plan is impossible here.</param>
internal sealed record Reaction(
    [property: JsonPropertyName("f"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] long[]? Finish,
    [property: JsonPropertyName("c")] long[]? Own);

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Default)]
[JsonSerializable(typeof(Request))]
[JsonSerializable(typeof(Reply))]
internal sealed partial class MessageJson : JsonSerializerContext;
