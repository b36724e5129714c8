using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Ieum.Model;
using Ieum.Node.Security;
using Ieum.Node.Ui;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

/// <summary>
/// What the history explorer draws: sums of several signals in tiles, states and marks. A tile is <see cref="TileSteps"/> steps long and begins at a whole number
/// of tiles since 1970, so a moved window asks only for the tiles that come into it. Times are milliseconds since 1970.
/// </summary>
internal static class ExploreRoutes
{
    public const int TileSteps = 256;
    private const int MostSignals = 16, MostTiles = 32;
    /// <summary>1 ms to 30 d.</summary>
    private const long LongestStep = 30L * 24 * 3600 * 1000;
    private static readonly JsonWriterOptions Plain = new() { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Map(RouteGroupBuilder api)
    {
        var g = api.MapGroup("/explore").WithTags("explore").RequireAuthorization(Policies.CanView);
        g.MapGet("/tiles", TilesAsync);
        g.MapGet("/states", StatesAsync);
        g.MapGet("/marks", MarksAsync);
    }

    private static async Task<IResult> TilesAsync(string? signals, long? step, long? first, int? count, IExplorer explorer, CancellationToken cancel)
    {
        List<SignalNumber> numbers = [];
        foreach (var word in (signals ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var n) || !explorer.Knows(new SignalNumber(n))) return Problems.NotFound($"There is no signal {word}.");
            numbers.Add(new(n));
        }
        if (numbers.Count is 0 or > MostSignals) return Problems.Wrong($"Name 1 to {MostSignals} signals by number, commas between.");
        if (step is not (>= 1 and <= LongestStep) || first is not { } begin || count is not (>= 1 and <= MostTiles))
            return Problems.Wrong($"step is in milliseconds, 1 to {LongestStep}; first is the number of the first tile since 1970; count is 1 to {MostTiles}.");
        var width = step.Value * TileSteps;
        if (begin < 0 || begin > (253402300799999 / width) - count) return Problems.Of(400, ApiRules.WrongRange, "The tiles lie outside the years 1970 to 9999.");
        var range = new TimeRange(DateTimeOffset.FromUnixTimeMilliseconds(begin * width), DateTimeOffset.FromUnixTimeMilliseconds((begin + count.Value) * width));
        var answers = await Task.WhenAll(numbers.Select(n => explorer.BucketsAsync(n, range, TimeSpan.FromMilliseconds(step.Value), cancel)));
        return Json(explorer, json =>
        {
            json.WriteStartArray("signals");
            for (var s = 0; s < numbers.Count; s++) WriteSignal(json, numbers[s], answers[s], step.Value, begin, count.Value);
            json.WriteEndArray();
        });
    }

    /// <summary>Per tile the numbers of its steps that have samples, and beside them mean, lowest, highest, last, how many, and how many without a usable number.</summary>
    private static void WriteSignal(Utf8JsonWriter json, SignalNumber number, IReadOnlyList<Bucket> buckets, long step, long first, int count)
    {
        json.WriteStartObject();
        json.WriteNumber("n", number.Value);
        json.WriteStartArray("tiles");
        var at = 0;
        for (var t = first; t < first + count; t++)
        {
            var begin = at;
            while (at < buckets.Count && StepOf(buckets[at], step) < (t + 1) * TileSteps) at++;
            json.WriteStartObject();
            Column("i", b => StepOf(b, step) - t * TileSteps);
            Column("a", b => b.Average);
            Column("lo", b => b.Min);
            Column("hi", b => b.Max);
            Column("l", b => b.Last);
            Column("c", b => b.Count);
            Column("b", b => b.BadCount);
            json.WriteEndObject();

            void Column(string name, Func<Bucket, double> of)
            {
                json.WriteStartArray(name);
                for (var i = begin; i < at; i++) if (of(buckets[i]) is var v && double.IsFinite(v)) json.WriteNumberValue(v); else json.WriteNullValue();
                json.WriteEndArray();
            }
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static long StepOf(Bucket bucket, long step) => bucket.Range.From.ToUnixTimeMilliseconds() / step;

    private static async Task<IResult> StatesAsync(string? machine, long? from, long? to, IExplorer explorer, CancellationToken cancel)
    {
        if (Refusal(explorer, machine, from, to, out var range) is { } wrong) return wrong;
        var states = await explorer.StatesAsync(new(machine!), range, cancel);
        return Json(explorer, json =>
        {
            json.WriteNumber("pending", states.Pending);
            json.WriteStartArray("spans");
            foreach (var s in states.Spans)
            {
                Begin(json, s.Range);
                json.WriteStringValue(StateLook.Of(s.State, s.Overlay).Name);
                json.WriteBooleanValue(s.State == MachineState.Running && s.Overlay.HasFlag(MachineOverlay.Fault));
                json.WriteStringValue(s.Cause);
                json.WriteEndArray();
            }
            json.WriteEndArray();
            json.WriteStartArray("shares");
            foreach (var s in states.Shares)
            {
                Begin(json, s.Range);
                foreach (var p in s.Parts) json.WriteNumberValue(MathF.Round(p, 4));
                json.WriteEndArray();
            }
            json.WriteEndArray();
        });
    }

    private static async Task<IResult> MarksAsync(string? machine, long? from, long? to, IExplorer explorer, CancellationToken cancel)
    {
        if (Refusal(explorer, machine, from, to, out var range) is { } wrong) return wrong;
        var marks = await explorer.MarksAsync(new(machine!), range, cancel);
        return Json(explorer, json =>
        {
            json.WriteNumber("left", marks.Left);
            Rows("gaps", marks.Gaps, g => g.Range, g => json.WriteStringValue(g.Cause.ToString().ToLowerInvariant()));
            Rows("stops", marks.Stops, s => s.Stop.Range, s =>
            {
                json.WriteStringValue(s.Reason?.Reason ?? "");
                json.WriteBooleanValue(s.Stop.Fault);
            });
            Rows("alarms", marks.Alarms, a => a.Range, a =>
            {
                json.WriteStringValue(a.Level == ConditionLevel.Fault ? "fault" : "warning");
                json.WriteStringValue($"{a.Code} {a.Message}".Trim());
            });
            Rows("findings", marks.Findings, f => new(f.At, f.At), f =>
            {
                json.WriteNumberValue(f.Number);
                json.WriteNumberValue(f.Signal);
                json.WriteStringValue(f.Kind.ToString().ToLowerInvariant());
            });

            void Rows<T>(string name, IEnumerable<T> rows, Func<T, TimeRange> when, Action<T> rest)
            {
                json.WriteStartArray(name);
                foreach (var row in rows)
                {
                    Begin(json, when(row));
                    rest(row);
                    json.WriteEndArray();
                }
                json.WriteEndArray();
            }
        });
    }

    private static IResult? Refusal(IExplorer explorer, string? machine, long? from, long? to, out TimeRange range)
    {
        range = default;
        if (!Identifier.IsValid(machine) || !explorer.Knows(new MachineId(machine!))) return Problems.NotFound($"There is no machine '{machine}'.");
        if (from is not >= 0 || to is not <= 253402300799999 || from > to) return Problems.Of(400, ApiRules.WrongRange, "from and to are milliseconds since 1970, from not after to.");
        range = new(DateTimeOffset.FromUnixTimeMilliseconds(from.Value), DateTimeOffset.FromUnixTimeMilliseconds(to.Value));
        return null;
    }

    private static void Begin(Utf8JsonWriter json, TimeRange range)
    {
        json.WriteStartArray();
        json.WriteNumberValue(range.From.ToUnixTimeMilliseconds());
        json.WriteNumberValue(range.To.ToUnixTimeMilliseconds());
    }

    private static Microsoft.AspNetCore.Http.HttpResults.FileContentHttpResult Json(IExplorer explorer, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(32 * 1024);
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteNumber("now", explorer.Now.ToUnixTimeMilliseconds());
            write(json);
            json.WriteEndObject();
        }
        return TypedResults.Bytes(buffer.WrittenMemory, "application/json; charset=utf-8");
    }
}
