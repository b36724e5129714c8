using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Ieum.Model;
using Ieum.Sim.Feeds;
using Ieum.Sim.MtConnect;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ieum.Sim.Tests.MtConnect;

public sealed class AgentEndTests
{
    /// <summary>A replay ends when everything was written; a slow client has most of it before it still, in buffers.</summary>
    [Fact]
    public async Task An_agent_that_ends_leaves_a_slow_client_time_to_read_what_was_sent()
    {
        const int Values = 5_000;
        var agent = new AgentOutlet(new("m", IPAddress.Loopback, 0, SchemaVersion.Parse("2.0"), 14), new("t", "test", [new("a", "SAMPLE", "LOAD")]), Clocks.Real, NullLogger.Instance);
        await agent.StartAsync(TestContext.Current.CancellationToken);
        agent.Write([.. Enumerable.Range(0, Values).Select(i => new FeedLine(i + 1, "a", i.ToString(CultureInfo.InvariantCulture)))]);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        var at = new Uri(agent.Endpoint);
        await socket.ConnectAsync(at.Host, at.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.ASCII.GetBytes($"GET /sample?from=1&count=16000&interval=0&heartbeat=1000 HTTP/1.1\r\nHost: {at.Authority}\r\n\r\n"));
        await agent.FirstClient;
        await agent.DrainAsync(all: true, TestContext.Current.CancellationToken);   // written, as far as the agent can know
        var ending = agent.DisposeAsync().AsTask();

        var text = new StringBuilder();
        var buffer = new byte[8192];
        for (int count; (count = await socket.ReceiveAsync(buffer, TestContext.Current.CancellationToken)) > 0;) text.Append(Encoding.ASCII.GetString(buffer, 0, count));
        await ending;
        Assert.Contains(">" + (Values - 1).ToString(CultureInfo.InvariantCulture) + "<", text.ToString(), StringComparison.Ordinal);
        Assert.EndsWith("0\r\n\r\n", text.ToString(), StringComparison.Ordinal);   // the last chunk of HTTP: nothing was cut off
    }
}
