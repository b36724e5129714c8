using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Ieum.Model;
using Ieum.Node.Loop;
using Ieum.Node.Push;
using Ieum.Node.Store;
using Ieum.Node.Views;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace Ieum.House.Tests.Node;

/// <summary>Calls on phones: sealed as the standard's own example, told by role and level, answered, taken back.</summary>
public sealed class PushTests
{
    private const string Shop = """
        { "company": { "id": "shop", "country": "KR", "sites": [ { "id": "s", "areas": [ { "id": "a", "lines": [ { "id": "l", "machines": [ { "id": "MC1", "name": { "ko": "엠씨1", "ja": "MC1", "en": "Mill 1" } } ] } ] } ] } ] },
          "Push": { "Enabled": false }, "Andon": { "FaultAfter": "0 s" } }
        """;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void The_example_of_RFC_8291_is_sealed_to_the_byte()
    {
        using var sender = ECDiffieHellman.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256, D = Base64Url.DecodeFromChars("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
            Q = PushSeal.PointOf(Base64Url.DecodeFromChars("BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8")),
        });
        var body = PushSeal.Seal("When I grow up, I want to be a watermelon"u8, Base64Url.DecodeFromChars("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
            Base64Url.DecodeFromChars("BTBZMqHH6r4Tts7J_aSIgg"), sender, Base64Url.DecodeFromChars("DGv6ra1nlYgDCS1FRnbzlw"));
        Assert.Equal("DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN", Base64Url.EncodeToString(body));
    }

    [Fact]
    public void The_sender_is_signed_for_one_service_and_for_half_a_day()
    {
        var key = PushKey.Make();
        var header = Vapid.HeaderFor(new("https://push.example/send/abc"), key, "mailto:kim@shop.example", new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero));
        Assert.True(FakePushService.IsSigned(header, key.Public, "https://push.example"));
        Assert.False(FakePushService.IsSigned(header, key.Public, "https://other.example"));
        Assert.Contains("\"exp\":1795867200", Encoding.UTF8.GetString(Base64Url.DecodeFromChars(header.Split('.')[1])), StringComparison.Ordinal);   // noon of that day
    }

    private sealed record Rig(RunningNode Node, FakePushService Service, AndonDesk Andon, PushDesk Desk, FakeTimeProvider Factory, FakeTimeProvider Wire) : IAsyncDisposable
    {
        public async Task<FakePushService.Message[]> TurnAsync()
        {
            await Desk.TurnAsync(Cancel);
            return Service.Taken();
        }

        public async ValueTask DisposeAsync()
        {
            Desk.Dispose();
            await Service.DisposeAsync();
            await Node.DisposeAsync();
        }
    }

    /// <summary>An operator, a planner and an owner, each with a phone; the push desk runs by hand.</summary>
    private static async Task<Rig> RigAsync()
    {
        var (factory, wire) = (new FakeTimeProvider(new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero)), new FakeTimeProvider(new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero)));
        var node = await RunningNode.StartAsync(Shop, clocks: new(factory, TimeProvider.System));
        await node.SignInAsOwnerAsync();
        var accounts = node.Services.GetRequiredService<IAccountDesk>();
        foreach (var (name, role) in new[] { ("op", "operator"), ("plan", "planner") }) Assert.True((await accounts.SaveAsync(new(name, role), "a long password", "test", Cancel)).Ok);
        var service = await FakePushService.StartAsync();
        var andon = node.Services.GetRequiredService<AndonDesk>();
        var desk = new PushDesk(node.Services.GetRequiredService<DocumentStore>(), andon, accounts, node.Services.GetRequiredService<FactoryState>(), node.Services.GetRequiredService<IHttpClientFactory>(),
            Options.Create(new PushOptions { Hosts = "127.0.0.1" }), new(factory, wire), NullLogger<PushDesk>.Instance);
        await desk.LoadAsync(Cancel);
        service.Sender = desk.PublicKey;
        foreach (var phone in new[] { service.PhoneOf("op", "ko"), service.PhoneOf("plan"), service.PhoneOf("owner") }) Assert.True(await desk.SubscribeAsync(phone, Cancel));
        return new(node, service, andon, desk, factory, wire);
    }

    [Fact]
    public async Task A_call_climbs_from_operator_to_owner_until_somebody_comes_and_all_who_were_told_hear_of_it()
    {
        await using var rig = await RigAsync();
        var call = await rig.Andon.CallAsync(Guid.NewGuid(), new("MC1"), "help", "lee", Cancel);
        var first = Assert.Single(await rig.TurnAsync());
        Assert.Equal(("op", "엠씨1 · 도움이 필요해요", $"/api/v1/andon/{call.Id}/acknowledge", call.Id.ToString("N")), (first.Phone, first.Title, first.Answer, first.Topic));
        Assert.Empty(await rig.TurnAsync());   // once
        rig.Factory.Advance(5.Minutes);
        await rig.Andon.LookAsync(Cancel);
        Assert.Equal(("plan", "Mill 1 · Help needed"), Assert.Single(await rig.TurnAsync()) is var p ? (p.Phone, p.Title) : default);
        rig.Factory.Advance(10.Minutes);
        await rig.Andon.LookAsync(Cancel);
        Assert.Equal("owner", Assert.Single(await rig.TurnAsync()).Phone);
        // The planner answers from the notification: the route it carries, in the planner's own name.
        await rig.Andon.AcknowledgeAsync(call.Id, "plan", Cancel);
        Assert.Equal([("op", "plan 님이 갑니다"), ("owner", "plan is coming")], (await rig.TurnAsync()).Select(m => (m.Phone, m.Body)));
        await rig.Andon.CloseAsync(call.Id, "plan", Cancel);
        Assert.Equal(["op", "owner", "plan"], (await rig.TurnAsync()).Select(m => m.Phone));
        Assert.Empty(await rig.TurnAsync());
    }

    [Fact]
    public async Task An_answer_before_the_planner_was_told_reaches_only_who_knew()
    {
        await using var rig = await RigAsync();
        var call = await rig.Andon.CallAsync(Guid.NewGuid(), new("MC1"), "quality", "lee", Cancel);
        await rig.TurnAsync();
        await rig.Andon.AcknowledgeAsync(call.Id, "op", Cancel);
        rig.Factory.Advance(1.Hours);
        await rig.Andon.LookAsync(Cancel);
        Assert.Empty(await rig.TurnAsync());   // nobody else knew, and it climbs no further
    }

    [Fact]
    public async Task A_service_that_fails_is_tried_again_and_a_browser_that_is_gone_is_forgotten()
    {
        await using var rig = await RigAsync();
        var call = await rig.Andon.CallAsync(Guid.NewGuid(), new("MC1"), "help", "lee", Cancel);
        rig.Service.Status = 503;
        Assert.Empty(await rig.TurnAsync());
        rig.Service.Status = 201;
        rig.Wire.Advance(4.Seconds);
        Assert.Empty(await rig.TurnAsync());
        rig.Wire.Advance(1.Seconds);
        Assert.Equal("op", Assert.Single(await rig.TurnAsync()).Phone);
        rig.Service.Status = 410;
        await rig.Andon.CloseAsync(call.Id, "lee", Cancel);
        Assert.Empty(await rig.TurnAsync());
        Assert.Empty(rig.Desk.Of("op"));
        Assert.Single(rig.Desk.Of("plan"));
        // The same for an address that was never there (RFC 8030 section 7.3 allows either answer).
        Assert.True(await rig.Desk.SubscribeAsync(rig.Service.PhoneOf("op"), Cancel));
        rig.Service.Status = 404;
        await rig.Andon.CallAsync(Guid.NewGuid(), new("MC1"), "help", "lee", Cancel);
        Assert.Empty(await rig.TurnAsync());
        Assert.Empty(rig.Desk.Of("op"));
        // What the service will never take is not sent again, and the browser stays.
        rig.Service.Status = 413;
        Assert.Equal(0, await rig.Desk.TryAsync("plan", Cancel));
        Assert.Single(rig.Desk.Of("plan"));
    }

    [Fact]
    public async Task A_service_that_asks_for_patience_is_given_it_in_seconds_or_until_a_time()
    {
        await using var rig = await RigAsync();
        await rig.Andon.CallAsync(Guid.NewGuid(), new("MC1"), "help", "lee", Cancel);
        (rig.Service.Status, rig.Service.RetryAfter) = (429, "60");
        Assert.Empty(await rig.TurnAsync());
        rig.Service.Status = 201;
        rig.Wire.Advance(59.Seconds);
        Assert.Empty(await rig.TurnAsync());
        (rig.Service.Status, rig.Service.RetryAfter) = (429, rig.Wire.GetUtcNow().AddMinutes(2).ToString("R", System.Globalization.CultureInfo.InvariantCulture));
        rig.Wire.Advance(1.Seconds);
        Assert.Empty(await rig.TurnAsync());   // asked, and refused until 119 s from now
        rig.Service.Status = 201;
        rig.Wire.Advance(118.Seconds);
        Assert.Empty(await rig.TurnAsync());
        rig.Wire.Advance(1.Seconds);
        Assert.Equal("op", Assert.Single(await rig.TurnAsync()).Phone);
    }

    [Fact]
    public async Task People_choose_when_they_are_told_and_whoever_left_hears_nothing()
    {
        await using var rig = await RigAsync();
        Assert.True(await rig.Desk.SubscribeAsync(rig.Service.PhoneOf("owner", from: 0), Cancel));
        await rig.Node.Services.GetRequiredService<IAccountDesk>().RemoveAsync("op", "owner", Cancel);
        await rig.Andon.CallAsync(Guid.NewGuid(), new("MC1"), "help", "lee", Cancel);
        Assert.Equal("owner", Assert.Single(await rig.TurnAsync()).Phone);
    }

    [Fact]
    public async Task Only_known_services_and_whole_keys_are_taken()
    {
        await using var rig = await RigAsync();
        var good = rig.Service.PhoneOf("op");
        Assert.False(await rig.Desk.SubscribeAsync(good with { Endpoint = "https://inside.shop.example/admin" }, Cancel));
        Assert.False(await rig.Desk.SubscribeAsync(good with { Endpoint = "not an address" }, Cancel));
        Assert.False(await rig.Desk.SubscribeAsync(good with { Auth = "c2hvcnQ" }, Cancel));
        Assert.False(await rig.Desk.SubscribeAsync(good with { P256dh = Base64Url.EncodeToString([4, .. new byte[64]]) }, Cancel));   // no point on the curve
        Assert.False(new PushOptions().Allows(new("http://fcm.googleapis.com/x")));
        Assert.True(new PushOptions().Allows(new("https://wns2-sg2p.notify.windows.com/x")));
        Assert.Equal(HttpStatusCode.BadRequest, (await rig.Node.PostAsync("/api/v1/push/subscriptions", new { endpoint = "https://fcm.googleapis.com/x", p256dh = good.P256dh, auth = good.Auth })).StatusCode);   // switched off in this node
        Assert.False((await rig.Node.JsonAsync("/api/v1/push/key")).GetProperty("enabled").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await rig.Node.PostAsync("/api/v1/push/subscriptions/remove", new { endpoint = "https://fcm.googleapis.com/x" })).StatusCode);
    }

    private sealed class OneMachine(FakeTimeProvider clock) : IShopFloor
    {
        public event Action? Changed { add { } remove { } }
        public MachineCard Shown { get; set; } = new(new(new("MC1"), LocalName.Same("MC1"), "milling"), MachineState.Stopped, MachineOverlay.Fault, clock.GetUtcNow(), null, default, null, null, null, null, []);
        public DateTimeOffset Now => clock.GetUtcNow();
        public Company Company => throw new NotSupportedException();
        public System.Collections.Immutable.ImmutableArray<MachineCard> Cards => [Shown];
        public MachineCard? Card(MachineId machine) => Shown;
        public IReadOnlyList<LastValue> Values(MachineId machine) => [];
        public Task<System.Collections.Immutable.ImmutableArray<Ieum.Analyze.StateSpan>> TimelineAsync(MachineId machine, TimeRange range, CancellationToken cancel) => throw new NotSupportedException();
        public Task<Ieum.Analyze.OeeAnswer> OeeAsync(MachineId machine, TimeRange range, CancellationToken cancel) => throw new NotSupportedException();
        public Task<System.Collections.Immutable.ImmutableArray<Ieum.Analyze.AlarmLine>> AlarmsAsync(MachineId machine, TimeRange range, CancellationToken cancel) => throw new NotSupportedException();
        public Task<System.Collections.Immutable.ImmutableArray<Ieum.Analyze.CycleStatistics>> CyclesAsync(MachineId machine, TimeRange range, CancellationToken cancel) => throw new NotSupportedException();
        public Task<IReadOnlyList<Bucket>> TrendAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel) => throw new NotSupportedException();
    }

    [Fact]
    public async Task A_machine_that_stands_with_a_fault_calls_by_itself_and_takes_it_back()
    {
        await using var node = await RunningNode.StartAsync(Shop);
        var andon = node.Services.GetRequiredService<AndonDesk>();
        var clock = new FakeTimeProvider(new(2026, 11, 28, 0, 0, 0, TimeSpan.Zero));
        var floor = new OneMachine(clock);
        using var calls = new FaultCalls(floor, andon, Options.Create(new AndonOptions()), new(clock, clock), NullLogger<FaultCalls>.Instance);
        clock.Advance(119.Seconds);
        await calls.LookAsync(Cancel);
        Assert.Empty(andon.Open);
        clock.Advance(1.Seconds);
        await calls.LookAsync(Cancel);
        Assert.Equal(("fault", "MC1"), Assert.Single(andon.Open) is var c ? (c.Kind, c.By) : default);
        await andon.CloseAsync(andon.Open[0].Id, "kim", Cancel);
        await calls.LookAsync(Cancel);
        Assert.Empty(andon.Open);                                            // a person said that it is enough
        floor.Shown = floor.Shown with { Since = clock.GetUtcNow() };
        clock.Advance(2.Minutes);
        await calls.LookAsync(Cancel);
        Assert.Single(andon.Open);                                           // another standstill
        floor.Shown = floor.Shown with { State = MachineState.Running, Since = clock.GetUtcNow() };
        await calls.LookAsync(Cancel);
        Assert.Empty(andon.Open);
    }
}
