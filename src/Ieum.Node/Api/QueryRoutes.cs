using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Ieum.Model;
using Ieum.Node.Security;
using Ieum.Node.Store.Transfer;
using Ieum.Record;
using Microsoft.Extensions.Options;

namespace Ieum.Node.Api;

/// <summary>Questions to the recorded past: ranges as a stream, as of an instant, changes, states, several signals side by side, files; and deleting.</summary>
internal static class QueryRoutes
{
    private const int MostSignals = 64, MostSteps = 100_000, FlushEvery = 2000;
    private static readonly JsonWriterOptions Lines = new() { SkipValidation = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Map(RouteGroupBuilder api)
    {
        var g = api.MapGroup("/history").WithTags("history").RequireAuthorization(Policies.CanView);
        g.MapGet("/signals", (string? machine, IRecorder recorder) => recorder.All().Where(s => machine is null || s.Signal.Id.Machine.Value == machine).Select(s => SignalDto.Of(s.Number, s.Signal)).ToArray());
        g.MapGet("/{number:int}/range.ndjson", (int number, DateTimeOffset? from, DateTimeOffset? to, long? limit, string? quality, bool? changes, IRecorder recorder, Clocks clocks, CancellationToken cancel) =>
            Stream(recorder, clocks, number, from, to, limit, quality, changes ?? false, cancel));
        g.MapGet("/{number:int}/asof", AsOfAsync);
        g.MapGet("/{number:int}/buckets", BucketsAsync);
        g.MapGet("/{number:int}/states", async (int number, DateTimeOffset? from, DateTimeOffset? to, IRecorder recorder, Clocks clocks, CancellationToken cancel) =>
            Ask(recorder, clocks, number, from, to, out var range) ?? TypedResults.Ok((await recorder.StateDurationsAsync(new(number), range, cancel))
                .Select(s => new { state = s.State, seconds = s.Duration.TotalSeconds, entries = s.Entries }).ToArray()));
        g.MapGet("/align", AlignAsync);
        g.MapGet("/export.{format}", (string format, string? signals, string? machine, DateTimeOffset? from, DateTimeOffset? to, IRecorder recorder, Clocks clocks, CancellationToken cancel) =>
            File(format, signals, machine, from, to, recorder, clocks, cancel));
        var own = api.MapGroup("/history").WithTags("history").RequireAuthorization(Policies.CanOwn);
        own.MapDelete("/{number:int}", DeleteAsync);
        own.MapGet("/deletions", async (int? most, IRecordUpkeep upkeep, IOptions<BackupOptions> backup, CancellationToken cancel) =>
            (await upkeep.DeletionsAsync(Math.Clamp(most ?? 100, 1, 10_000), cancel)).Select(d => new
            {
                at = d.At, signal = d.Signal.Value, from = d.Range.From, to = d.Range.To, samples = d.Samples, reason = d.Reason, backups = BackupService.MadeBefore(backup.Value.Folder, d.At),
            }).ToArray());
    }

    private static IResult? Ask(IRecorder recorder, Clocks clocks, int number, DateTimeOffset? from, DateTimeOffset? to, out TimeRange range)
    {
        range = default;
        if (recorder.Find(new SignalNumber(number)) is null) return Problems.NotFound($"There is no signal {number}.");
        return TryRange(clocks, from, to, out range) ? null : WrongRange();
    }

    private static IResult WrongRange() => Problems.Of(400, ApiRules.WrongRange, "from and to are instants (ISO 8601), from before to. Without to: now; without from: an hour before to.");

    /// <summary>By the clock of the factory, which in the town runs faster than real time.</summary>
    private static bool TryRange(Clocks clocks, DateTimeOffset? from, DateTimeOffset? to, out TimeRange range)
    {
        range = default;
        var now = clocks.Factory.GetUtcNow();
        var end = to ?? (from is null ? now : now.AddDays(1));
        var begin = from ?? end.AddHours(-1);
        if (begin > end) return false;
        range = new(begin.ToUniversalTime(), end.ToUniversalTime());
        return true;
    }

    private static bool TryQuality(string? text, out Quality worst)
    {
        worst = Quality.Stale;
        return text is null || (Enum.TryParse(text, ignoreCase: true, out worst) && Enum.IsDefined(worst) && !char.IsAsciiDigit(text[0]));
    }

    private static IResult Stream(IRecorder recorder, Clocks clocks, int number, DateTimeOffset? from, DateTimeOffset? to, long? limit, string? quality, bool changes, CancellationToken cancel)
    {
        if (Ask(recorder, clocks, number, from, to, out var range) is { } wrong) return wrong;
        if (limit is < 1) return Problems.Wrong("limit is a whole number, 1 or more.");
        if (!TryQuality(quality, out var worst)) return Problems.Wrong("quality is the worst that is wanted: good, uncertain, bad, unavailable or stale.");
        return TypedResults.Stream(async to_ =>
        {
            var left = limit ?? long.MaxValue;
            var buffer = new ArrayBufferWriter<byte>(64 * 1024);
            await using var json = new Utf8JsonWriter(buffer, Lines);
            SampleValue? held = null;
            var since = 0;
            await foreach (var s in recorder.RangeAsync(new(number), range, cancel))
            {
                if (s.Quality > worst || (changes && held is { } h && h == s.Value)) continue;
                held = s.Value;
                if (left-- == 0)
                {
                    // Said in the stream itself: the status has long been sent.
                    buffer.Write("{\"truncated\":true}\n"u8);
                    break;
                }
                json.Reset(buffer);
                Write(json, s);
                json.Flush();
                buffer.Write("\n"u8);
                if (++since < FlushEvery) continue;
                since = 0;
                await to_.WriteAsync(buffer.WrittenMemory, cancel);
                buffer.ResetWrittenCount();
            }
            await to_.WriteAsync(buffer.WrittenMemory, cancel);
        }, "application/x-ndjson");
    }

    private static void Write(Utf8JsonWriter json, Sample s)
    {
        json.WriteStartObject();
        json.WriteString("t", s.SourceTime.UtcDateTime);
        json.WritePropertyName("v");
        WriteValue(json, s.Value);
        json.WriteString("q", s.Quality.ToString());
        json.WriteString("r", s.ReceiveTime.UtcDateTime);
        json.WriteEndObject();
    }

    internal static void WriteValue(Utf8JsonWriter json, SampleValue value)
    {
        switch (value.Kind)
        {
            case ValueKind.Real when double.IsFinite(value.Number): json.WriteNumberValue(value.Number); break;
            case ValueKind.Real: json.WriteStringValue(double.IsNaN(value.Number) ? "NaN" : value.Number > 0 ? "Infinity" : "-Infinity"); break;
            case ValueKind.Integer: json.WriteNumberValue(value.Integer); break;
            case ValueKind.Boolean: json.WriteBooleanValue(value.Boolean); break;
            case ValueKind.Text: json.WriteStringValue(value.Text); break;
            default: json.WriteNullValue(); break;
        }
    }

    private static async Task<IResult> AsOfAsync(int number, DateTimeOffset? at, IRecorder recorder, CancellationToken cancel)
    {
        if (recorder.Find(new SignalNumber(number)) is null) return Problems.NotFound($"There is no signal {number}.");
        // What held at the instant: the newest at or before it.
        var sample = at is { } instant ? await recorder.BeforeAsync(new(number), instant.AddTicks(1), cancel) : recorder.Last(new SignalNumber(number));
        return sample is { } s ? TypedResults.Ok(SampleDto.Of(s)) : Problems.NotFound($"Signal {number} has no sample then.");
    }

    private static async Task<IResult> BucketsAsync(int number, DateTimeOffset? from, DateTimeOffset? to, double? stepSeconds, string? gaps, IRecorder recorder, Clocks clocks, CancellationToken cancel)
    {
        if (Ask(recorder, clocks, number, from, to, out var range) is { } wrong) return wrong;
        var step = TimeSpan.FromSeconds(Math.Clamp(stepSeconds ?? Math.Max(1, range.Duration.TotalSeconds / 300), 0, 1e9));
        if (step < TimeSpan.FromMilliseconds(1) || range.Duration / step > MostSteps)
            return Problems.Of(400, ApiRules.WrongRange, $"stepSeconds must be at least 0.001 and give at most {MostSteps} steps.");
        if (gaps is not (null or "skip" or "null" or "previous")) return Problems.Wrong("gaps is skip (leave empty steps out), null (show them), or previous (hold the last value).");
        var buckets = await recorder.DownsampleAsync(new(number), range, step, cancel);
        if (gaps is null or "skip") return TypedResults.Ok(buckets.Select(BucketDto.Of).ToArray());
        var by = buckets.ToDictionary(b => (b.Range.From - range.From).Ticks / step.Ticks);
        var held = gaps == "previous" && await recorder.BeforeAsync(new(number), range.From, cancel) is { Quality: <= Quality.Uncertain } before ? before.Value.Number : double.NaN;
        List<BucketDto> all = [];
        for (var i = 0L; range.From + i * step < range.To; i++)
        {
            var span = new TimeRange(range.From + i * step, range.From + (i + 1) * step > range.To ? range.To : range.From + (i + 1) * step);
            var bucket = by.GetValueOrDefault(i) ?? new(span, 0, double.NaN, double.NaN, double.NaN, double.NaN, 0);
            if (bucket.Count > 0) held = bucket.Last;
            else if (gaps == "previous") bucket = bucket with { Average = held, Min = held, Max = held, Last = held };
            all.Add(BucketDto.Of(bucket));
        }
        return TypedResults.Ok(all.ToArray());
    }

    /// <summary>What each of several signals held at each step: the newest sample at or before it, with its quality.</summary>
    private static async Task<IResult> AlignAsync(string? signals, DateTimeOffset? from, DateTimeOffset? to, double? stepSeconds, IRecorder recorder, Clocks clocks, CancellationToken cancel)
    {
        if (!TryNumbers(signals, null, recorder, out var numbers)) return Problems.Wrong($"signals are numbers with commas between, at most {MostSignals}, each known.");
        if (!TryRange(clocks, from, to, out var range)) return WrongRange();
        var step = TimeSpan.FromSeconds(Math.Clamp(stepSeconds ?? 1, 0, 1e9));
        if (step < TimeSpan.FromMilliseconds(1) || range.Duration / step * numbers.Count > 1_000_000)
            return Problems.Of(400, ApiRules.WrongRange, "stepSeconds must be at least 0.001 and give at most 1,000,000 values of all signals together.");
        var rows = (int)Math.Ceiling(range.Duration / step);
        var columns = new List<Sample?[]>();
        foreach (var number in numbers)
        {
            var column = new Sample?[rows];
            var held = await recorder.BeforeAsync(number, range.From.AddTicks(1), cancel);
            var row = 0;
            await foreach (var s in recorder.RangeAsync(number, range, cancel))
            {
                while (row < rows && range.From + row * step < s.SourceTime) column[row++] = held;
                held = s;
            }
            while (row < rows) column[row++] = held;
            columns.Add(column);
        }
        return TypedResults.Stream(async stream =>
        {
            await using var json = new Utf8JsonWriter(stream, Lines);
            json.WriteStartObject();
            json.WriteStartArray("signals");
            foreach (var n in numbers) json.WriteNumberValue(n.Value);
            json.WriteEndArray();
            json.WriteStartArray("rows");
            for (var row = 0; row < rows; row++)
            {
                json.WriteStartArray();
                json.WriteStringValue((range.From + row * step).UtcDateTime);
                foreach (var column in columns)
                    if (column[row] is { Quality: <= Quality.Uncertain } s) WriteValue(json, s.Value); else json.WriteNullValue();
                json.WriteEndArray();
                if (row % 500 == 499) await json.FlushAsync();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }, "application/json");
    }

    private static bool TryNumbers(string? text, string? machine, IRecorder recorder, out List<SignalNumber> numbers)
    {
        numbers = [];
        if (text is null) numbers = [.. recorder.All().Where(s => machine is not null && s.Signal.Id.Machine.Value == machine).Select(s => s.Number)];
        else
            foreach (var part in text.Split(','))
            {
                if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || recorder.Find(new SignalNumber(number)) is null) return false;
                numbers.Add(new(number));
            }
        return numbers.Count > 0 && (text is null || numbers.Count <= MostSignals);
    }

    private static IResult File(string format, string? signals, string? machine, DateTimeOffset? from, DateTimeOffset? to, IRecorder recorder, Clocks clocks, CancellationToken cancel)
    {
        if (!TryNumbers(signals, machine, recorder, out var numbers)) return Problems.Wrong($"Name signals by number (at most {MostSignals}, commas between) or a machine.");
        if (!TryRange(clocks, from, to, out var range)) return WrongRange();
        (RecordFileFormat Kind, string Type)? wanted = format switch
        {
            "csv" => (RecordFileFormat.Csv, "text/csv; charset=utf-8"),
            "parquet" => (RecordFileFormat.Parquet, "application/vnd.apache.parquet"),
            "arrow" => (RecordFileFormat.Arrow, "application/vnd.apache.arrow.stream"),
            _ => null,
        };
        return wanted is not { } w ? Problems.Wrong("The formats are csv, parquet and arrow.")
            : TypedResults.Stream(stream => RecordFiles.WriteAsync(recorder, numbers, range, w.Kind, stream, cancel), w.Type, $"measurements.{format}");
    }

    private static async Task<IResult> DeleteAsync(int number, DateTimeOffset? from, DateTimeOffset? to, string? reason, IRecorder recorder, IRecordUpkeep upkeep, IOptions<BackupOptions> backup, CancellationToken cancel)
    {
        if (recorder.Find(new SignalNumber(number)) is null) return Problems.NotFound($"There is no signal {number}.");
        if (from is not { } begin || to is not { } end || begin > end) return Problems.Of(400, ApiRules.WrongRange, "A deletion names from and to.");
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > 500) return Problems.Wrong("A deletion names its reason, at most 500 characters.");
        var d = await upkeep.DeleteAsync(new(number), new(begin.ToUniversalTime(), end.ToUniversalTime()), reason, cancel);
        // Backups are whole and checksummed, so nothing is cut out of them: who deletes is told which still hold it, until they go by age.
        return TypedResults.Ok(new { at = d.At, signal = number, samples = d.Samples, backups = BackupService.MadeBefore(backup.Value.Folder, d.At) });
    }
}
