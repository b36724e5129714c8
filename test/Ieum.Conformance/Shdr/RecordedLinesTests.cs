using System.Collections.Immutable;
using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ieum.Connect.Shdr;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Conformance.Shdr;

/// <summary>Lines of real machines, counted a second time by a plain split that shares no code with the reader.</summary>
public class RecordedLinesTests
{
    private static readonly string[] Levels = ["NORMAL", "WARNING", "FAULT", "UNAVAILABLE"];

    private static ConnectionSettings Settings(string endpoint) => new(new("M.shdr"), new("M"), "shdr", endpoint, ImmutableDictionary<string, string>.Empty);

    [Theory]
    [InlineData("data/mtconnect/okuma.shdr.txt")]
    [InlineData("data/machine-recordings/raw/Mazak01-20161206-20161207.txt.gz")]
    [InlineData("data/machine-recordings/raw/GFAgie01-20161004-20161005.txt.gz")]
    [InlineData("data/machine-recordings/raw/Hurco01-20170227-20170228.txt.gz")]
    public void A_recording_is_read_without_a_reject_and_counts_as_an_independent_split_counts(string file)
    {
        var lines = Lines(file);
        var effects = new Counting();
        var settings = Settings("h:7878");
        var session = new ShdrSession(settings, ShdrOptions.Read(settings), effects.Signals, effects);
        foreach (var line in lines) session.Take(Encoding.UTF8.GetBytes(line), Late);
        Assert.Equal("", string.Join('\n', effects.Problems.Take(5)));
        Assert.Equal(Split(lines), effects.PerKey.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => (p.Key, p.Value)));
        Assert.Equal(lines.Count(l => l.Contains("|@", StringComparison.Ordinal)), session.Assets);
    }

    [Fact]
    public async Task A_day_of_a_machine_sent_at_full_speed_through_a_socket_arrives_to_the_last_sample()
    {
        var bytes = Bytes("data/machine-recordings/raw/Mazak01-20161206-20161207.txt.gz");
        var sent = Split(Lines("data/machine-recordings/raw/Mazak01-20161206-20161207.txt.gz")).Sum(p => p.Count);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var settings = Settings($"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
        var signals = new InMemorySignals();
        using var sink = new CollectingSink();
        using var stop = new CancellationTokenSource();
        var source = new ShdrSource(settings, ShdrOptions.Read(settings), signals, new(new FakeTimeProvider(new(Late, TimeSpan.Zero)), TimeProvider.System), NullLogger.Instance);
        var running = source.RunAsync(sink, stop.Token);
        using var adapter = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var watch = Stopwatch.StartNew();
        await adapter.GetStream().WriteAsync(bytes, TestContext.Current.CancellationToken);
        await sink.UntilAsync(s => source.Health.Counters.Received >= sent && s.Count >= sent, TimeSpan.FromMinutes(2));
        TestContext.Current.SendDiagnosticMessage($"{sent / watch.Elapsed.TotalSeconds:N0} samples/s from socket to sink");
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        Assert.Equal(new(sent, 0, 0, 0), source.Health.Counters);
        Assert.Equal(sent, sink.Samples.Count);
        Assert.All(sink.Batches, b => Assert.InRange(b.Samples.Length, 1, 1000));
    }

    /// <summary>Far after every recording, so that no time lies ahead.</summary>
    private static long Late { get; } = new DateTime(2026, 3, 2, 0, 0, 0, DateTimeKind.Utc).Ticks;

    /// <summary>Samples per key by a split at the bars: six fields with a level word and empty fields between are one condition, else pairs.</summary>
    private static IReadOnlyList<(string Key, int Count)> Split(IEnumerable<string> lines)
    {
        var counts = new SortedDictionary<string, int>(StringComparer.Ordinal);
        foreach (var line in lines)
        {
            var f = line.Split('|');
            if (f.Length < 3 || !char.IsAsciiDigit(f[0].FirstOrDefault()) || f[1].StartsWith('@')) continue;
            if (f.Length == 7 && Levels.Contains(f[2].ToUpperInvariant()) && (f[3].Length == 0 || f[5].Length == 0 || f[2].ToUpperInvariant() is "FAULT" or "WARNING")) Count(f[1]);
            else for (var i = 1; i + 1 < f.Length; i += 2) Count(f[i]);
        }
        return [.. counts.Select(p => (p.Key, p.Value))];
        void Count(string key) => counts[key] = counts.GetValueOrDefault(key) + 1;
    }

    private static List<string> Lines(string relative) =>
        [.. Encoding.UTF8.GetString(Bytes(relative)).Split('\n').Select(l => l.TrimEnd('\r')).Where(l => l.Length > 0)];

    private static byte[] Bytes(string relative)
    {
        var path = Needs.Shared(relative);
        using var file = File.OpenRead(path);
        using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    private sealed class Counting : IShdrEffects
    {
        public InMemorySignals Signals { get; } = new();
        public Dictionary<string, int> PerKey { get; } = [];
        public List<string> Problems { get; } = [];

        public void Sample(in Sample sample)
        {
            var name = Signals.Find(sample.Signal)!.Id.Name;
            PerKey[name] = PerKey.GetValueOrDefault(name) + 1;
        }

        public void Problem(string rule, string message, int rejected) => Problems.Add(message);
        public void Pong(TimeSpan interval) { }
    }
}
