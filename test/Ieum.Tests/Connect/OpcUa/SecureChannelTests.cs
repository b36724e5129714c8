using System.Net;
using System.Net.Sockets;
using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Secure;
using Ieum.Connect.OpcUa.Security;
using Ieum.Connect.OpcUa.Transport;
using Ieum.Model;
using Ieum.TestKit;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.Tests.Connect.OpcUa;

public sealed class SecureChannelTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);
    private static CancellationToken Stop => TestContext.Current.CancellationToken;
    private static readonly ApplicationCertificate Client = ApplicationCertificate.Create("client", "urn:test:client", TimeProvider.System.GetUtcNow());
    private static readonly ApplicationCertificate Server = ApplicationCertificate.Create("server", "urn:test:server", TimeProvider.System.GetUtcNow());

    public static TheoryData<string, int> Ways()
    {
        var data = new TheoryData<string, int> { { "None", 1 } };
        foreach (var policy in (string[])["Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss", "Basic256", "Basic128Rsa15"])
        {
            data.Add(policy, 2);
            data.Add(policy, 3);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Requests_small_and_large_pass_both_ways_in_every_policy_and_mode(string policy, int mode)
    {
        await using var rig = new Rig(policy, (MessageSecurityMode)mode);
        await using var channel = await rig.OpenAsync();
        // Many at once, and answers in another order than the questions.
        var answers = await Task.WhenAll(Enumerable.Range(1, 50).Select(i => channel.CallAsync<ReadResponse>(Ask(i * 97), Limit, Stop)));
        Assert.Equal(Enumerable.Range(1, 50).Select(i => i * 97), answers.Select(a => a.Results.Length));
        // Over many chunks: 300,000 values are some megabytes.
        var large = await channel.CallAsync<ReadResponse>(Ask(300_000), Limit, Stop);
        Assert.Equal(299_999.0, large.Results[^1].Value.Number);
    }

    [Fact]
    public async Task A_fault_of_the_server_is_an_exception_with_its_status()
    {
        await using var rig = new Rig("None", MessageSecurityMode.None);
        await using var channel = await rig.OpenAsync();
        var fault = await Assert.ThrowsAsync<OpcUaException>(() => channel.CallAsync<ReadResponse>(Ask(0), Limit, Stop));
        Assert.Equal(StatusCodes.BadNothingToDo, fault.Status);
        var mixed = await Assert.ThrowsAsync<OpcUaException>(() => channel.CallAsync<WriteResponse>(Ask(1), Limit, Stop));
        Assert.Equal(StatusCodes.BadUnknownResponse, mixed.Status);
    }

    [Theory]
    [InlineData("None", 1)]
    [InlineData("Basic256Sha256", 3)]
    public async Task A_channel_is_renewed_at_three_quarters_and_an_answer_under_the_old_token_still_counts(string policy, int mode)
    {
        var wire = new FakeTimeProvider();
        await using var rig = new Rig(policy, (MessageSecurityMode)mode, wire);
        await using var channel = await rig.OpenAsync();
        var before = channel.TokenId;
        // This one is answered only after the channel has new keys, as a Publish is.
        rig.Hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = channel.CallAsync<ReadResponse>(Ask(7), TimeSpan.FromHours(10), Stop);
        await rig.Holding.Task.WaitAsync(Limit, Stop);
        // Three quarters of an hour, minute by minute: a jump might pass before the channel has set its timer.
        Assert.InRange(await MinutesUntilAsync(wire, () => channel.TokenId != before), 45, 74);
        rig.Hold.SetResult();
        Assert.Equal(7, (await held.WaitAsync(Limit, Stop)).Results.Length);
        // Once more: the first token is forgotten on the way.
        var second = channel.TokenId;
        Assert.InRange(await MinutesUntilAsync(wire, () => channel.TokenId != second), 45, 74);
        Assert.Equal(3, (await channel.CallAsync<ReadResponse>(Ask(3), TimeSpan.FromHours(10), Stop)).Results.Length);
    }

    [Fact]
    public async Task When_the_line_breaks_every_call_that_waits_is_told()
    {
        await using var rig = new Rig("Basic256Sha256", MessageSecurityMode.Sign);
        await using var channel = await rig.OpenAsync();
        rig.Hold = new(TaskCreationOptions.RunContinuationsAsynchronously);
        var calls = Enumerable.Range(0, 5).Select(_ => channel.CallAsync<ReadResponse>(Ask(1), Limit, Stop)).ToList();
        await rig.Holding.Task.WaitAsync(Limit, Stop);
        rig.Listener.CutAll();
        foreach (var call in calls) Assert.Equal(StatusCodes.BadConnectionClosed, (await Assert.ThrowsAsync<OpcUaException>(() => call)).Status);
        Assert.Equal(StatusCodes.BadConnectionClosed, (await Assert.ThrowsAsync<OpcUaException>(() => channel.CallAsync<ReadResponse>(Ask(1), Limit, Stop))).Status);
        rig.Hold.SetResult();
    }

    [Fact]
    public async Task A_client_nobody_trusts_is_refused_and_found_among_the_rejected_and_after_a_click_it_is_in()
    {
        await using var rig = new Rig("Basic256Sha256", MessageSecurityMode.SignAndEncrypt, trustClient: false);
        var refused = await Assert.ThrowsAsync<OpcUaException>(rig.OpenAsync);
        Assert.Equal(StatusCodes.BadSecurityChecksFailed, refused.Status);
        Assert.Contains("nobody has trusted it yet", Assert.Single(rig.Refused), StringComparison.Ordinal);
        var rejected = Assert.Single(rig.Trust.Rejected);
        Assert.Equal(("client", "urn:test:client"), (rejected.Name, rejected.ApplicationUri));
        // Only the whole thumbprint chooses: neither its beginning nor a word of the file's name does.
        Assert.All((string[])["", rejected.Thumbprint[..20], rejected.Name, "pki", "der"], part => Assert.False(rig.Trust.Trust(part)));
        Assert.True(rig.Trust.Trust(rejected.Thumbprint.ToLowerInvariant()));
        await using var channel = await rig.OpenAsync();
        Assert.Equal(2, (await channel.CallAsync<ReadResponse>(Ask(2), Limit, Stop)).Results.Length);
        Assert.True(rig.Trust.Distrust(rejected.Thumbprint));
        await Assert.ThrowsAsync<OpcUaException>(rig.OpenAsync);
    }

    [Fact]
    public async Task Limits_that_the_other_side_tells_are_kept()
    {
        await using var rig = new Rig("None", MessageSecurityMode.None, serverLimits: new(8192, 8192, 0, 16), mostMessage: 100_000);
        await using var channel = await rig.OpenAsync();
        // 131 kB in chunks of 8 kB are more than 16, so the client does not even send it.
        var request = new ReadRequest { NodesToRead = [.. Enumerable.Range(0, 9000).Select(i => new ReadValueId { NodeId = new(2, "a node with a long name"), AttributeId = 13 })] };
        Assert.Equal(StatusCodes.BadEncodingLimitsExceeded, (await Assert.ThrowsAsync<OpcUaException>(() => channel.CallAsync<ReadResponse>(request, Limit, Stop))).Status);
        Assert.Equal(5, (await channel.CallAsync<ReadResponse>(Ask(5), Limit, Stop)).Results.Length);
    }

    [Fact]
    public async Task Garbage_and_half_open_clients_cost_the_server_nothing_but_their_connection()
    {
        await using var rig = new Rig("Basic256Sha256", MessageSecurityMode.SignAndEncrypt);
        var random = new Random(2);
        byte[][] openings = [Uacp.Hello(WireLimits.Default, "opc.tcp://x"), [.. Uacp.Hello(WireLimits.Default, "opc.tcp://x"), .. "OPNF"u8, 0xFF, 0xFF, 0xFF, 0x7F], "GET / HTTP/1.1\r\n\r\n"u8.ToArray(), []];
        for (var i = 0; i < 200; i++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(rig.Listener.Endpoint, Stop);
            var noise = new byte[random.Next(1, 400)];
            random.NextBytes(noise);
            try
            {
                await socket.SendAsync(openings[i % openings.Length], Stop);
                await socket.SendAsync(noise, Stop);
            }
            catch (SocketException)
            {
                // It hung up on us, which is what it should do.
            }
        }
        await using var channel = await rig.OpenAsync();
        Assert.Equal(4, (await channel.CallAsync<ReadResponse>(Ask(4), Limit, Stop)).Results.Length);
    }

    [Fact]
    public void Damaged_chunks_are_refused_and_never_taken() => OpcUaChannelFuzz.Run(3_000, seed: 4);

    [Fact]
    public void A_password_reaches_the_server_only_whole_and_only_for_its_nonce()
    {
        var nonce = new byte[32];
        foreach (var policy in (SecurityPolicy[])[SecurityPolicy.Basic256Sha256, SecurityPolicy.Aes128Sha256RsaOaep, SecurityPolicy.Aes256Sha256RsaPss, SecurityPolicy.Basic256, SecurityPolicy.Basic128Rsa15])
            foreach (var password in (string[])["", "secret", "비밀번호パスワード", new('x', 1000)])
            {
                var (secret, algorithm) = SessionProofs.Protect(policy, password, Server.Der, nonce);
                Assert.True(SessionProofs.TryReveal(policy, Server.Key, secret, algorithm, nonce, out var read));
                Assert.Equal(password, read);
                Assert.False(SessionProofs.TryReveal(policy, Server.Key, secret, algorithm, [1, .. nonce[1..]], out _));
                Assert.False(SessionProofs.TryReveal(policy, Client.Key, secret, algorithm, nonce, out _));
            }
    }

    private static ReadRequest Ask(int count) => new() { RequestHeader = new() { RequestHandle = (uint)count }, MaxAge = count };

    /// <summary>Moves the clock by minutes, with time in between for messages to come and go, until the condition holds.</summary>
    private static async Task<int> MinutesUntilAsync(FakeTimeProvider wire, Func<bool> condition)
    {
        for (var minutes = 0; minutes < 200; minutes++)
        {
            for (var i = 0; i < 15; i++)
            {
                if (condition()) return minutes;
                await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, TestContext.Current.CancellationToken);
            }
            wire.Advance(TimeSpan.FromMinutes(1));
        }
        throw new TimeoutException("It did not come.");
    }

    private sealed class Rig : IAsyncDisposable
    {
        private readonly SecurityPolicy _policy;
        private readonly MessageSecurityMode _mode;
        private readonly Clocks _clocks;
        private readonly string _folder = Path.Combine(Needs.Scratch, "pki", Guid.NewGuid().ToString("N"));

        public Rig(string policy, MessageSecurityMode mode, TimeProvider? wire = null, bool trustClient = true, WireLimits? serverLimits = null, int mostMessage = 64 << 20)
        {
            (_policy, _mode) = (SecurityPolicy.Find("http://opcfoundation.org/UA/SecurityPolicy#" + policy, legacy: true)!, mode);
            _clocks = new(TimeProvider.System, wire ?? TimeProvider.System);
            Trust = new(_folder, TimeProvider.System);
            if (trustClient) Trust.Trust(Client.Der);
            Listener = ChannelListener.Open(new(new(IPAddress.Loopback, 0), [(_policy, mode)], Server, Trust, AnswerAsync, _ => { })
            {
                Limits = serverLimits ?? WireLimits.Default, MostMessage = mostMessage, Refused = m => { lock (Refused) Refused.Add(m); },
            }, _clocks);
        }

        public ChannelListener Listener { get; }
        public TrustList Trust { get; }
        public List<string> Refused { get; } = [];
        public TaskCompletionSource? Hold { get; set; }
        public TaskCompletionSource Holding { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<ClientChannel> OpenAsync()
        {
            var url = $"opc.tcp://{Listener.Endpoint}";
            return ClientChannel.OpenAsync(new(new(url), url, _policy, _mode, Client, _policy.IsNone ? [] : Server.Der) { DialLimit = TimeSpan.FromHours(1000) }, _clocks, TestContext.Current.CancellationToken);
        }

        private async ValueTask<IServiceResponse> AnswerAsync(IServiceRequest request, ChannelPeer peer, CancellationToken cancel)
        {
            Assert.Equal(_mode, peer.Mode);
            if (Hold is { } hold)
            {
                Holding.TrySetResult();
                await hold.Task.WaitAsync(cancel);
            }
            var count = (int)((ReadRequest)request).MaxAge;
            if (count == 0) return new ServiceFault { ResponseHeader = new() { ServiceResult = StatusCodes.BadNothingToDo } };
            return new ReadResponse { Results = [.. Enumerable.Range(0, count).Select(i => new DataValue(Variant.Of((double)i)))] };
        }

        public async ValueTask DisposeAsync()
        {
            await Listener.DisposeAsync();
            Directory.Delete(_folder, recursive: true);
        }
    }
}

/// <summary>Good chunks with random damage into both sides of a conversation: nothing is taken that was changed.</summary>
public static class OpcUaChannelFuzz
{
    private static readonly ApplicationCertificate A = ApplicationCertificate.Create("a", "urn:a", TimeProvider.System.GetUtcNow()), B = ApplicationCertificate.Create("b", "urn:b", TimeProvider.System.GetUtcNow());

    public static void Run(long count, int seed)
    {
        var random = new Random(seed);
        for (long i = 0; i < count; i++)
        {
            var mode = (MessageSecurityMode)random.Next(1, 4);
            var policy = mode == MessageSecurityMode.None ? SecurityPolicy.None : SecurityPolicy.Basic256Sha256;
            using var sender = Side(policy, mode, A, B);
            using var receiver = Side(policy, mode, B, A);
            byte[] n1 = new byte[32], n2 = new byte[32];
            sender.AddToken(1, n1, n2, sendNow: true);
            receiver.AddToken(1, n2, n1, sendNow: true);
            using var w = new OpcWriter();
            var body = new byte[random.Next(1, 300)];
            random.NextBytes(body);
            // Openings cost two RSA operations, so only now and then.
            sender.Encode(i % 50 == 0 ? MessageKind.Open : MessageKind.Message, 7, body, w);
            var chunk = w.ToArray();
            var damaged = i % 10 != 9;
            if (damaged) for (var hits = random.Next(1, 4); hits > 0; hits--) chunk[random.Next(chunk.Length)] ^= (byte)random.Next(1, 256);
            if (damaged && random.Next(4) == 0) chunk = chunk[..random.Next(chunk.Length)];
            try
            {
                var whole = receiver.TryTake(chunk, out var message);
                if (!damaged && (!whole || !message.Body!.AsSpan().SequenceEqual(body))) throw new InvalidOperationException("A good message was not taken.");
                // Two changes may undo each other; without security, a changed body cannot be told.
                if (damaged && whole && !policy.IsNone && message.Body is { } taken && !taken.AsSpan().SequenceEqual(body)) throw new InvalidOperationException("A changed message was taken.");
            }
            catch (OpcUaException)
            {
                if (!damaged) throw;
            }
        }
    }

    private static Conversation Side(SecurityPolicy policy, MessageSecurityMode mode, ApplicationCertificate own, ApplicationCertificate peer)
    {
        var side = new Conversation(policy, mode, own, WireLimits.Default, 1 << 20, 100) { ChannelId = 3 };
        side.SetPeer(policy.IsNone ? [] : peer.Der);
        return side;
    }
}
