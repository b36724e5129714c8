using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Ieum.Conformance.Sim;
using Ieum.Conformance.Sparkplug;
using Ieum.Connect.Polling;
using Ieum.Connect.Slmp;

namespace Ieum.Conformance.Slmp;

/// <summary>npm mcprotocol, a client by others: what it sends is what we send, and it reads our controller as we do.</summary>
/// <remarks>
/// Reads only: it does not understand the answers to its own 3E writes. In ASCII at most nine points: it writes the count in
/// decimal digits where the field is hexadecimal, so that twenty would ask for thirty-two.
/// </remarks>
public sealed class McProtocolTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static Counterpart Client(int port, string code, string numbers = "hex") =>
        Counterpart.Script("mcprotocol", "mcprotocol-read.cjs", "127.0.0.1", port.ToString(CultureInfo.InvariantCulture), "3E", code, numbers);

    [Theory]
    [InlineData("D100,5", "D100", 5, "binary", "hex")]
    [InlineData("D0", "D0", 1, "binary", "hex")]
    [InlineData("D7999", "D7999", 1, "binary", "hex")]
    [InlineData("DFLOAT200", "D200", 2, "binary", "hex")]
    [InlineData("R10,3", "R10", 3, "binary", "hex")]
    [InlineData("M0,16", "M0", 1, "binary", "hex")]          // bits asked as words
    [InlineData("M32,16", "M32", 1, "binary", "hex")]
    [InlineData("X20,16", "X20", 1, "binary", "octal")]      // X20 of an FX is the seventeenth input
    [InlineData("D100,5", "D100", 5, "ascii", "hex")]
    [InlineData("M32,16", "M32", 1, "ascii", "hex")]
    public async Task A_read_is_byte_for_byte_what_mcprotocol_sends(string item, string address, int words, string code, string numbers)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = Client(((IPEndPoint)listener.LocalEndpoint).Port, code, numbers);
        using var socket = await listener.AcceptSocketAsync(Cancel);
        await client.UntilAsync(l => l == "connected");
        client.Say("read " + item);
        var framing = new SlmpFraming(SlmpFrame.Frame3E, code == "ascii", numbers == "octal" ? SlmpCpu.Fx : SlmpCpu.Q);
        Assert.True(SlmpAddress.TryRead(address, framing.Cpu, out var at, out var why), why);
        var ours = SlmpCodec.Encode(new SlmpRequest.ReadWords(at, words), framing, SlmpRoute.Own, 0, 0x10);
        var theirs = new byte[ours.Length];
        for (var filled = 0; filled < theirs.Length;) filled += await socket.ReceiveAsync(theirs.AsMemory(filled), SocketFlags.None, Cancel);
        // In ASCII they write hexadecimal digits in lower case; controllers take both.
        if (framing.Ascii) theirs = [.. theirs.Select(b => (byte)char.ToUpperInvariant((char)b))];
        Assert.Equal(Convert.ToHexString(ours), Convert.ToHexString(theirs));
    }

    [Theory]
    [InlineData("binary", 20)]
    [InlineData("ascii", 9)]
    public async Task Mcprotocol_reads_from_our_controller_what_our_client_reads(string code, int count)
    {
        await using var sim = await SimProcess.RunAsync("""{"id":"H","protocol":"slmp","source":{"generated":"hone","seed":3}}""", speed: 600);
        var endpoint = IPEndPoint.Parse(sim.Endpoint("H"));
        Assert.Equal(200, (await sim.PostAsync("/stop", new { })).Status);

        var protocol = new SlmpProtocol(new(SlmpFrame.Frame4E, false, SlmpCpu.Q), SlmpRoute.Own, 4);
        using var link = await RegisterLink.OpenAsync(new() { Host = "127.0.0.1", Port = endpoint.Port, Timeout = TimeSpan.FromSeconds(10) }, protocol, TimeProvider.System, Cancel);
        var area = SlmpProtocol.AreaOf("D");
        // One write so that the bits are not all alike, and one setpoint.
        Assert.Equal(AnswerKind.Done, (await link.AskAsync(new(SlmpProtocol.AreaOf("M"), 3, 2, new byte[] { 1, 1 }), Cancel)).Kind);
        Assert.Equal(AnswerKind.Done, (await link.AskAsync(new(area, 1001, 1, new byte[] { 0xFF, 0xFE }), Cancel)).Kind);
        var words = (await link.AskAsync(new(area, 0, count), Cancel)).Data.ToArray();

        using var client = Client(endpoint.Port, code);
        await client.UntilAsync(l => l == "connected");
        client.Say($"read D0,{count} D1001 M0,16");
        var line = await client.UntilAsync(l => l.StartsWith("values", StringComparison.Ordinal));
        var read = JsonDocument.Parse(line[7..]).RootElement;
        Assert.False(read.GetProperty("bad").GetBoolean(), line);
        var values = read.GetProperty("values");
        Assert.Equal(Enumerable.Range(0, count).Select(i => (int)BinaryPrimitives.ReadInt16BigEndian(words.AsSpan(i * 2))), values.GetProperty($"D0,{count}").EnumerateArray().Select(v => v.GetInt32()));
        Assert.Contains(words, b => b != 0);
        Assert.Equal(-2, values.GetProperty("D1001").GetInt32());
        Assert.Equal([3, 4], values.GetProperty("M0,16").EnumerateArray().Select((v, i) => v.GetBoolean() ? i : -1).Where(i => i >= 0));
    }
}
