using System.Collections.Immutable;
using System.Text;
using Ieum.Connect;
using Ieum.Connect.Files;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Tests.Connect.Files;

public sealed class FileRowsTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 3, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateDirectory(Path.Combine(Needs.Scratch, "files-" + Guid.NewGuid().ToString("n"))).FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private ConnectionSettings Settings(params (string, string)[] options) => new(new("cmm.files"), new("cmm"), "files", _folder,
        options.Append(("time", "측정시각")).Append(("offset", "+09:00")).ToImmutableDictionary(o => o.Item1, o => o.Item2))
    {
        Points = [new("bore", "내경(mm)") { Unit = "MMT" }, new("result", "판정") { Type = "text" }],
    };

    private static (List<FileValue> Values, List<FileFault> Faults) Read(ConnectionSettings settings, string text, HashSet<ulong> known)
    {
        List<FileFault> faults = [];
        List<ulong> rows = [];
        var values = new FileRows(settings, FilesOptions.Read(settings)).Read(text, Now, Now, known.Contains, faults, rows);
        known.UnionWith(rows);
        return (values, faults);
    }

    [Fact]
    public void Bad_rows_are_told_with_their_line_while_the_others_go_on()
    {
        var (values, faults) = Read(Settings(), "측정시각,내경(mm),판정\n2026-03-02 17:00:00,12.345,OK\n2026-03-02 17:01:00,12.3x,OK\nyesterday,1,OK\n2026-03-02 17:02:00,1\n2026-03-02 17:03:00,\"12.5,NG\n2026-03-02 17:04:00,12.6,NG\n", []);
        Assert.Equal([(3, FilesRules.ValueWrong), (4, FilesRules.TimeWrong), (5, FilesRules.RowWrong), (6, FilesRules.RowWrong)], faults.Select(f => (f.Line, f.Rule)));
        Assert.Equal(["12.345", "OK", "OK", "12.6", "NG"], values.Select(v => v.Value.ToString()));
        Assert.Equal(new DateTime(2026, 3, 2, 8, 0, 0, DateTimeKind.Utc).Ticks, values[0].Ticks);
    }

    [Theory]
    [InlineData("\"12,345\"", null, "12345")]
    [InlineData("\"12,5\"", null, null)]
    [InlineData("\"12,5\"", "true", "12.5")]
    [InlineData("12.5", "true", null)]
    public void A_comma_is_thousands_or_decimals_and_never_guessed(string figure, string? comma, string? value)
    {
        var settings = comma is null ? Settings() : Settings(("decimal-comma", comma));
        var (values, faults) = Read(settings, $"측정시각,내경(mm),판정\n2026-03-02 17:00:00,{figure},OK\n", []);
        Assert.Equal(value, values.Where(v => v.Column == 0).Select(v => v.Value.ToString()).SingleOrDefault());
        Assert.Equal(value is null ? [(2, FilesRules.ValueWrong)] : [], faults.Select(f => (f.Line, f.Rule)));
    }

    [Theory]
    [InlineData("측정 성적서\n품번: A-100, 로트: 7\n\n측정시각,내경(mm),판정\n2026-03-02 17:00:00,12.345,OK\n", 4)]
    [InlineData("성적서, 2026년 3월, 1호기, 박\n측정시각;판정;비고;내경(mm)\n2026-03-02 17:00:00;OK;a,b;12.345\n", 2)]
    [InlineData("Report\t1\r\nNo\t측정시각\t내경（mm）\t판정\r\n1\t2026/3/2 17:00\t12.345\tOK\r\n", 2)]
    public void Titles_above_the_names_of_the_columns_and_other_separators_do_not_hide_a_table(string text, int header)
    {
        var (values, faults) = Read(Settings(), text, []);
        Assert.Empty(faults);
        Assert.Equal(["12.345", "OK"], values.OrderBy(v => v.Column).Select(v => v.Value.ToString()));
        // What is wrong below is told by its line in the file.
        Assert.Equal([(header + 2, FilesRules.RowWrong)], Read(Settings(), text + "x\n", []).Faults.Select(f => (f.Line, f.Rule)));
        // Nobody names the columns: told as before, by the first row.
        Assert.Equal((FilesRules.ColumnMissing, true), Read(Settings(), text.Replace("내경", "외경", StringComparison.Ordinal), []).Faults.Select(f => (f.Rule, f.IsWhole)).Single());
    }

    [Theory]
    [InlineData("2026-03-02 20:15:00")]
    [InlineData("2026/3/2 20:15")]
    [InlineData("2026年3月2日 20時15分00秒")]
    [InlineData("2026년 3월 2일 오후 8:15")]
    [InlineData("2026. 3. 2. 오후 8:15:00")]
    [InlineData("20260302 201500")]
    [InlineData("2026-03-02T11:15:00Z")]
    public void Times_are_read_as_both_countries_write_them(string text)
    {
        Assert.True(RowTime.TryParse(text, null, 9.Hours, out var ticks));
        Assert.Equal(new DateTime(2026, 3, 2, 11, 15, 0, DateTimeKind.Utc).Ticks, ticks);
    }

    [Theory]
    [InlineData("utf-8", "측정시각,내경,판정 합격")]
    [InlineData("ks_c_5601-1987", "측정시각,내경,판정 합격")]
    [InlineData("shift_jis", "測定時刻,内径,判定 ごうかく")]
    public void The_encoding_is_found(string name, string text)
    {
        Assert.NotNull(FilesOptions.Read(Settings()).Folder);   // registers the code pages
        Assert.True(TextDecoding.TryDecode(Encoding.GetEncoding(name).GetBytes(text), null, out var read));
        Assert.Equal(text, read);
    }

    [Fact]
    public void However_a_file_grows_is_renamed_or_comes_again_each_row_counts_once()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var lines = Enumerable.Range(0, random.Next(1, 40)).Select(i => $"2026-03-02 17:{i:00}:00,{random.Next(3)}.5,OK").ToList();
            // The same row twice in one file is two measurements.
            lines.Insert(random.Next(lines.Count), lines[random.Next(lines.Count)]);
            HashSet<ulong> known = [];
            var values = 0;
            for (var sent = 0; sent < lines.Count;)
            {
                sent = Math.Min(lines.Count, sent + random.Next(0, 9));
                values += Read(Settings(), "측정시각,내경(mm),판정\r\n" + string.Join("\r\n", lines.Take(sent)), known).Values.Count;
            }
            Assert.True(values == 2 * lines.Count, $"seed {seed}: {values} of {2 * lines.Count}");
        }
    }

    [Fact]
    public void Damaged_text_is_answered_never_thrown()
    {
        var text = "측정시각,내경(mm),판정\n2026-03-02 17:00:00,12.345,\"O\"\"K\"\n2026-03-02 17:01:00,12.4,NG\n";
        for (var seed = 0; seed < 20_000; seed++)
        {
            var random = new Random(seed);
            var damaged = new StringBuilder(text);
            for (var n = random.Next(1, 6); n > 0; n--) damaged[random.Next(damaged.Length)] = "\",;\n\r\t\0x9"[random.Next(9)];
            var (_, faults) = Read(Settings(), damaged.ToString()[..random.Next(damaged.Length)], []);
            Assert.All(faults, f => Assert.True(FilesRules.All.ContainsKey(f.Rule), $"seed {seed}"));
        }
    }

    [Fact]
    public async Task A_dropped_file_goes_to_done_a_wrong_one_to_refused_with_why_and_a_second_delivery_adds_nothing()
    {
        using var stop = new CancellationTokenSource();
        using var sink = new CollectingSink();
        var settings = Settings(("period", "0.05"), ("settle", "0.05"));
        var source = new FilesSource(settings, FilesOptions.Read(settings), Path.Combine(_folder, "data"), new InMemorySignals(), Clocks.Real, NullLogger.Instance);
        var running = source.RunAsync(sink, stop.Token);
        const string Text = "측정시각,내경(mm),판정\n2026-03-02 17:00:00,12.345,OK\n2026-03-02 17:01:00,12.3x,NG\n";
        await File.WriteAllTextAsync(Path.Combine(_folder, "a.csv"), Text, TestContext.Current.CancellationToken);
        await sink.UntilAsync(s => s.Samples.Count == 3, 2.Minutes);
        await Gone("a.csv");
        await File.WriteAllTextAsync(Path.Combine(_folder, "b.csv"), Text + "2026-03-02 17:02:00,12.5,OK\n", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "c.csv"), "x,y\n1,2\n", TestContext.Current.CancellationToken);
        await sink.UntilAsync(s => s.Samples.Count == 5, 2.Minutes);
        await Gone("b.csv");
        await Gone("c.csv");
        Assert.True(File.Exists(Path.Combine(_folder, "done", "a.csv")) && File.Exists(Path.Combine(_folder, "done", "b.csv")));
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!File.Exists(Path.Combine(_folder, "refused", "c.csv.txt"))) await look.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        Assert.Equal((6L, 1L), (source.Health.Counters.Received, source.Health.Counters.Rejected));
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        async Task Gone(string name)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
            while (File.Exists(Path.Combine(_folder, name))) await timer.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task A_file_that_is_still_written_is_read_whole_and_every_row_counts_once()
    {
        using var stop = new CancellationTokenSource();
        using var sink = new CollectingSink();
        // Times by a clock that is moved: nothing here depends on how fast the machine is.
        var wire = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(new(2026, 3, 3, 0, 0, 0, TimeSpan.Zero));
        var settings = Settings(("period", "1"), ("settle", "10"));
        var source = new FilesSource(settings, FilesOptions.Read(settings), Path.Combine(_folder, "data"), new InMemorySignals(), new(wire, wire), NullLogger.Instance);
        var path = Path.Combine(_folder, "a.csv");
        await using var writer = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
        var running = source.RunAsync(sink, stop.Token);

        // A pause of 40 s in the middle of 12.345: 12.3 is no value of this file.
        await WriteAsync("측정시각,내경(mm),판정\n2026-03-02 17:00:00,12.3");
        await wire.TurnAsync(40);
        Assert.Empty(sink.Samples);
        await WriteAsync("45,OK\n");
        await UntilAsync(() => File.Exists(Path.Combine(_folder, "done", "a.csv")));
        Assert.Equal(["12.345", "OK"], sink.Samples.Select(s => s.Value.ToString()));

        // The writer had only paused, and writes on into the file that was moved.
        await WriteAsync("2026-03-02 17:01:00,12.5,NG\n");
        await UntilAsync(() => sink.Samples.Count == 4 && File.Exists(Path.Combine(_folder, "done", "a.csv")));
        Assert.Equal(["12.345", "OK", "12.5", "NG"], sink.Samples.Select(s => s.Value.ToString()));

        // A program that never ends its last line is waited for, but not for ever.
        await File.WriteAllTextAsync(Path.Combine(_folder, "b.csv"), "측정시각,내경(mm),판정\n2026-03-02 17:02:00,12.6,OK", TestContext.Current.CancellationToken);
        await UntilAsync(() => File.Exists(Path.Combine(_folder, "done", "b.csv")));
        Assert.Equal((6, 6L, 0L), (sink.Samples.Count, source.Health.Counters.Received, source.Health.Counters.Rejected));

        // Local times that nobody named as such: kept, and told.
        Assert.Empty(source.Health.Problems);
        await File.WriteAllTextAsync(Path.Combine(_folder, "c.csv"), "측정시각,내경(mm),판정\n2026-03-03T20:00:00Z,12.7,OK\n", TestContext.Current.CancellationToken);
        await UntilAsync(() => File.Exists(Path.Combine(_folder, "done", "c.csv")));
        var told = Assert.Single(source.Health.Problems);
        Assert.Equal((ConnectRules.ClockSkew, true), (told.Rule, told.Message.Contains("offset (+09:00", StringComparison.Ordinal)));
        await stop.CancelAsync();
        await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);

        async Task WriteAsync(string text)
        {
            await writer.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken);
            await writer.FlushAsync(TestContext.Current.CancellationToken);
        }

        Task UntilAsync(Func<bool> condition) => wire.TurnUntilAsync(condition, _folder);
    }

    [Fact]
    public async Task A_log_that_stays_where_it_lies_gives_its_new_rows_and_after_a_restart_none_twice()
    {
        var settings = Settings(("period", "0.05"), ("settle", "0"), ("move", "false"));
        var log = Path.Combine(_folder, "today.csv");
        await File.WriteAllTextAsync(log, "측정시각,내경(mm),판정\n2026-03-02 17:00:00,12.1,OK\n", TestContext.Current.CancellationToken);
        Assert.Equal(["12.1", "OK"], await RunAsync(2));
        await File.AppendAllTextAsync(log, "2026-03-02 17:01:00,12.2,NG\n", TestContext.Current.CancellationToken);
        Assert.Equal(["12.2", "NG"], await RunAsync(2, async () => await File.AppendAllTextAsync(log, "2026-03-02 17:02:00,12.3,OK\n", TestContext.Current.CancellationToken), ["12.3", "OK"]));
        Assert.Equal(["today.csv"], Directory.GetFiles(_folder, "*.csv*", SearchOption.AllDirectories).Select(Path.GetFileName));

        // One run of the node: what it finds, and what comes while it runs.
        async Task<string[]> RunAsync(int count, Func<Task>? meanwhile = null, string[]? then = null)
        {
            using var stop = new CancellationTokenSource();
            using var sink = new CollectingSink();
            var source = new FilesSource(settings, FilesOptions.Read(settings), Path.Combine(_folder, "data"), new InMemorySignals(), Clocks.Real, NullLogger.Instance);
            var running = source.RunAsync(sink, stop.Token);
            await sink.UntilAsync(s => s.Samples.Count == count, 2.Minutes);
            string[] first = [.. sink.Samples.Select(s => s.Value.ToString())];
            if (meanwhile is not null)
            {
                await meanwhile();
                await sink.UntilAsync(s => s.Samples.Count >= count + then!.Length, 2.Minutes);
                Assert.Equal(then, sink.Samples.Skip(count).Select(s => s.Value.ToString()));
            }
            await stop.CancelAsync();
            await running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
            return first;
        }
    }
}
