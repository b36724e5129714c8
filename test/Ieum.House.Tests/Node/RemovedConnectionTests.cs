using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Record;
using Microsoft.Extensions.DependencyInjection;

namespace Ieum.House.Tests.Node;

/// <summary>A connection that is taken away in a running node, and put back under its name.</summary>
public sealed class RemovedConnectionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_read_is_stored_and_the_time_without_the_connection_is_told_when_it_is_back()
    {
        using var adapter = new TcpListener(IPAddress.Loopback, 0);
        adapter.Start();
        await using var node = await RunningNode.StartAsync("""
            { "company": { "id": "shop", "sites": [ { "id": "s", "areas": [ { "id": "a", "lines": [ { "id": "l", "machines": [ { "id": "MC1" } ] } ] } ] } ] },
              "Security": { "DemoOwner": true } }
            """);
        var (intake, recorder) = (node.Services.GetRequiredService<Intake>(), node.Services.GetRequiredService<IRecorder>());
        var settings = new ConnectionSettings(new("MC1.shdr"), new("MC1"), "shdr", adapter.LocalEndpoint.ToString()!, ImmutableDictionary<string, string>.Empty);

        await intake.SaveAsync(settings, "test", Cancel);
        // The lines stand until the node closes them: an adapter that went away would be a gap of its own.
        using var first = await CountAsync(1, 50);
        var before = TimeProvider.System.GetUtcNow();
        await intake.RemoveAsync(settings.Source, "test", Cancel);
        Assert.Null(intake.Line(settings.Source));
        await UntilAsync(async () => (await StoredAsync()).Length >= 50);   // what waits of a connection that is gone is stored all the same
        Assert.Equal(Enumerable.Range(1, 50), await StoredAsync());
        Assert.Equal(0, (await node.JsonAsync("/api/v1/sources")).GetArrayLength());
        // 51 to 60 were said to nobody.
        var after = TimeProvider.System.GetUtcNow();
        await intake.SaveAsync(settings, "test", Cancel);
        using var second = await CountAsync(61, 70);
        await UntilAsync(async () => (await GapsAsync()).GetArrayLength() > 0);

        var gap = Assert.Single((await GapsAsync()).EnumerateArray());
        Assert.Equal("NodeDown", gap.GetProperty("cause").GetString(), ignoreCase: true);
        Assert.True(gap.GetProperty("from").GetDateTimeOffset() <= before && gap.GetProperty("to").GetDateTimeOffset() >= after, gap.ToString());
        Assert.Equal(Enumerable.Range(1, 50).Concat(Enumerable.Range(61, 10)), await StoredAsync());

        // Gone for good: what was missing can still be asked for.
        await intake.RemoveAsync(settings.Source, "test", Cancel);
        Assert.Equal(1, (await GapsAsync()).GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, (await node.GetAsync("/api/v1/sources/MC9.shdr/gaps")).StatusCode);

        async Task<TcpClient> CountAsync(int from, int to)
        {
            var line = await adapter.AcceptTcpClientAsync(Cancel);
            for (var i = from; i <= to; i++)
                await line.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture)}|count|{i}\n"), Cancel);
            await UntilAsync(() => Task.FromResult(intake.Line(settings.Source)?.Source.Health.Counters.Received >= to - from + 1));
            return line;
        }

        Task<JsonElement> GapsAsync() => node.JsonAsync("/api/v1/sources/MC1.shdr/gaps");

        async Task<int[]> StoredAsync()
        {
            var number = recorder.Find(new SignalId(new("MC1"), "count"))!.Value;
            var values = new List<int>();
            await foreach (var s in recorder.RangeAsync(number, new(DateTimeOffset.UnixEpoch, TimeProvider.System.GetUtcNow().AddHours(1)), Cancel))
                if (s.Value.Kind != ValueKind.None && s.Quality == Quality.Good) values.Add(int.Parse(s.Value.ToString(), CultureInfo.InvariantCulture));
            return [.. values];
        }
    }

    private static async Task UntilAsync(Func<Task<bool>> reached)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        while (!await reached()) await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, limit.Token);
    }
}
