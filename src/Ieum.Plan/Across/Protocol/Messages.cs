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
    /// <summary>Public keys of all companies, in their order; once, when all are known.</summary>
    [JsonPropertyName("keys"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public byte[]?[]? Keys { get; init; }
    /// <summary>Letters of other companies.</summary>
    [JsonPropertyName("mail"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public Mail[]? Mail { get; init; }
    [JsonPropertyName("trials"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public Trial[]? Trials { get; init; }
    /// <summary>What the referee is asked to compare.</summary>
    [JsonPropertyName("judge"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public Judgement[]? Judge { get; init; }
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

/// <summary>A sealed letter. In a request the company it comes from, in a reply the one it goes to.</summary>
internal sealed record Mail([property: JsonPropertyName("c")] int Company, [property: JsonPropertyName("l")] byte[] Letter);

/// <summary>A plan to be carried out on paper with true times; hand-overs go from company to company in sealed letters.</summary>
/// <param name="Plan">Number of the negotiated plan; without meaning when there is a <paramref name="Base"/>.</param>
/// <param name="Base">The rehearsal whose sequences are taken; 0 for none.</param>
/// <param name="Parties">All companies that take part; their masks cancel.</param>
/// <param name="Referee">Company that adds up what the plan costs.</param>
/// <param name="To">op, company that does the order's next operation, …; for a negotiated plan.</param>
/// <param name="Look">Given to a company that is to re-sequence its own machines first, by true times; what lies outside, in blurred ones.</param>
/// <param name="Tries">Tries for that.</param>
/// <param name="Bound">Others re-sequence at the same time: nobody is put before one that ended before its part came.</param>
internal sealed record Trial(
    [property: JsonPropertyName("r")] int Number,
    [property: JsonPropertyName("p")] int Plan,
    [property: JsonPropertyName("b"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Base,
    [property: JsonPropertyName("all")] int[] Parties,
    [property: JsonPropertyName("to")] int Referee,
    [property: JsonPropertyName("next")] long[] To,
    [property: JsonPropertyName("look"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] Look? Look,
    [property: JsonPropertyName("e"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Tries,
    [property: JsonPropertyName("bound"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Bound);

/// <summary>Asks the referee which of some rehearsals is better than the best of their series before.</summary>
/// <param name="Parties">How many companies must have told what it costs them.</param>
/// <param name="Now">Those that are not through are left out.</param>
/// <param name="Series">Plans are compared with those of the same series.</param>
internal sealed record Judgement(
    [property: JsonPropertyName("g")] int Group,
    [property: JsonPropertyName("r")] int[] Rehearsals,
    [property: JsonPropertyName("k")] int Parties,
    [property: JsonPropertyName("now"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool Now,
    [property: JsonPropertyName("s"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Series);

/// <summary>One reply of a company; lists stand in the order of the request's.</summary>
internal sealed record Reply
{
    [JsonPropertyName("n")] public int Number { get; init; }
    [JsonPropertyName("steps"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public Reaction[]? Steps { get; init; }
    /// <summary>Per ask, per arrival: count, then so many finish, price pairs.</summary>
    [JsonPropertyName("menus"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public long[][]? Menus { get; init; }
    /// <summary>Public key of the company, in its first reply.</summary>
    [JsonPropertyName("key"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public byte[]? Key { get; init; }
    [JsonPropertyName("mail"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public Mail[]? Mail { get; init; }
    /// <summary>The referee's word: group, the rehearsal in it that is better than any of its series before or 0, how many of the group came to an end, 1 if it is the best of all series or 0; ….</summary>
    [JsonPropertyName("word"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public long[]? Word { get; init; }
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
