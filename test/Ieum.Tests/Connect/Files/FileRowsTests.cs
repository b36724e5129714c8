using System.Collections.Immutable;
using System.Text;
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
}
