using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Server;
using static Ieum.Tests.Connect.OpcUa.Server.Harness;

namespace Ieum.Tests.Connect.OpcUa.Server;

public sealed class SubscriptionTests : IDisposable
{
    private readonly Harness _house = new(new ServerLimits { MaxPublishRequests = 3, AnonymousTransfer = true });
    private readonly Client _client;

    public SubscriptionTests() => _client = _house.Open().Activate();

    public void Dispose() => _house.Dispose();

    private void Set(double value, double second = 0) => _house.Load.Set(Harness.At(Variant.Of(value), second));

    [Fact]
    public async Task The_first_message_brings_the_present_value_and_the_next_ones_every_change()
    {
        Set(10);
        var s = _client.Subscribe();
        _client.Watch(s, _house.Load, handle: 42);
        var first = await _client.Next();
        Assert.Equal(1u, first.NotificationMessage.SequenceNumber);
        Assert.Equal((42u, 10.0), (Changes(first)[0].ClientHandle, Changes(first)[0].Value.Value.Number));
        Set(11);
        Set(12);
        Set(12);   // the same value again is no change
        var second = await _client.Next(acks: (s, 1));
        Assert.Equal([11, 12], Values(second));
        Assert.Equal(StatusCodes.Good, second.Results[0]);
        Assert.Equal(2u, second.NotificationMessage.SequenceNumber);

        static MonitoredItemNotification[] Changes(PublishResponse r) => Client.Changes(r);
    }

    private static double[] Values(PublishResponse r) => Client.Values(r);

    private static void Told(PublishResponse r, params double[] values) => Assert.Equal(values, Values(r));

    [Fact]
    public async Task A_quiet_subscription_keeps_alive_with_the_number_that_comes_next()
    {
        var s = _client.Subscribe(keepAlive: 3);
        var first = await _client.Next();
        Assert.Empty(first.NotificationMessage.NotificationData);
        Assert.Equal(1u, first.NotificationMessage.SequenceNumber);
        var waiting = _client.Publish();
        _house.Clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.False(waiting.IsCompleted);
        _house.Clock.Advance(TimeSpan.FromMilliseconds(100));
        var alive = (PublishResponse)await waiting;
        Assert.Equal((s, 1u, 0), (alive.SubscriptionId, alive.NotificationMessage.SequenceNumber, alive.NotificationMessage.NotificationData.Length));
    }

    [Fact]
    public async Task A_full_queue_drops_the_oldest_and_marks_the_one_that_is_oldest_now()
    {
        var s = _client.Subscribe();
        _client.Watch(s, _house.Load, queue: 3);
        await _client.Next();
        for (var v = 1; v <= 5; v++) Set(v);
        var got = Client.Changes(await _client.Next());
        Assert.Equal([3, 4, 5], got.Select(c => c.Value.Value.Number));
        Assert.Equal([0x480u, 0u, 0u], got.Select(c => c.Value.StatusCode.Value));
    }

    [Fact]
    public async Task A_full_queue_that_keeps_the_oldest_replaces_its_newest()
    {
        var s = _client.Subscribe();
        _client.Watch(s, _house.Load, queue: 3, discardOldest: false);
        await _client.Next();
        for (var v = 1; v <= 5; v++) Set(v);
        var got = Client.Changes(await _client.Next());
        Assert.Equal([1, 2, 5], got.Select(c => c.Value.Value.Number));
        Assert.Equal([0u, 0u, 0x480u], got.Select(c => c.Value.StatusCode.Value));
    }

    [Fact]
    public async Task A_queue_of_one_holds_the_newest_without_a_mark()
    {
        var s = _client.Subscribe();
        _client.Watch(s, _house.Load, queue: 1);
        await _client.Next();
        Set(1);
        Set(2);
        var got = Assert.Single(Client.Changes(await _client.Next()));
        Assert.Equal((2.0, 0u), (got.Value.Value.Number, got.Value.StatusCode.Value));
    }

    [Fact]
    public async Task An_absolute_deadband_holds_back_what_differs_by_no_more_than_it()
    {
        Set(0);
        var s = _client.Subscribe();
        _client.Watch(s, _house.Load, filter: new() { Trigger = DataChangeTrigger.StatusValue, DeadbandType = 1, DeadbandValue = 2 });
        await _client.Next();
        foreach (var v in new[] { 1.0, 2, 2.1, 3, 0.05, 0.1 }) Set(v);   // 2.1 is 2.1 from 0; 0.05 is 2.05 from 2.1
        Told(await _client.Next(), 2.1, 0.05);
    }

    [Fact]
    public async Task A_deadband_in_percent_is_one_of_the_range_of_the_value()
    {
        Set(0);
        var s = _client.Subscribe();
        var percent = new DataChangeFilter { Trigger = DataChangeTrigger.StatusValue, DeadbandType = 2, DeadbandValue = 5 };   // 5 % of 0 to 200 is 10
        Assert.True(_client.Watch(s, _house.Load, filter: percent).StatusCode.IsGood);
        await _client.Next();
        foreach (var v in new[] { 10.0, 10.5, 20.5, 21 }) Set(v);
        Told(await _client.Next(), 10.5, 21);
        Assert.Equal(StatusCodes.BadMonitoredItemFilterUnsupported, _client.Watch(s, _house.Axes, filter: percent).StatusCode);   // no range
        Assert.Equal(StatusCodes.BadFilterNotAllowed, _client.Watch(s, _house.Program, filter: percent).StatusCode);              // a text
        Assert.Equal(StatusCodes.BadDeadbandFilterInvalid, _client.Watch(s, _house.Load, filter: percent with { DeadbandValue = 101 }).StatusCode);
    }

    [Fact]
    public async Task A_change_of_quality_passes_every_deadband()
    {
        Set(5);
        var s = _client.Subscribe();
        _client.Watch(s, _house.Load, filter: new() { Trigger = DataChangeTrigger.StatusValue, DeadbandType = 1, DeadbandValue = 100 });
        await _client.Next();
        _house.Load.Set(new(Variant.Of(5.0), StatusCodes.BadNotConnected));
        Assert.Equal(StatusCodes.BadNotConnected, Client.Changes(await _client.Next())[0].Value.StatusCode);
    }

    [Fact]
    public async Task Sampling_takes_the_newest_value_at_each_sampling_time()
    {
        Set(0);
        var s = _client.Subscribe(interval: 1000);
        _client.Watch(s, _house.Load, sampling: 300);
        await _client.Next(1000);
        Set(1);            // at 1.0 s: due, taken at once
        Step(100);
        Set(2);            // waits
        Step(100);
        Set(3);            // replaces 2
        Step(150);
        Set(4);            // 350 ms after the sample: 3 was the value at 300 ms, 4 waits for 600
        Step(650);
        Told(await _client.Next(1000), 1, 3, 4);

        void Step(int ms) => _house.Clock.Advance(TimeSpan.FromMilliseconds(ms));
    }

    [Fact]
    public async Task More_than_fits_into_one_message_goes_on_at_once()
    {
        var s = _client.Subscribe(most: 4);
        _client.Watch(s, _house.Load, queue: 100);
        await _client.Next();
        for (var v = 1; v <= 10; v++) Set(v);
        var first = await _client.Next();
        var second = await _client.Next(0);
        var third = await _client.Next(0);
        Assert.Equal((true, true, false), (first.MoreNotifications, second.MoreNotifications, third.MoreNotifications));
        Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [.. Values(first), .. Values(second), .. Values(third)]);
    }

    [Fact]
    public async Task A_message_is_republished_until_it_is_acknowledged()
    {
        var s = _client.Subscribe();
        _client.Watch(s, _house.Load);
        await _client.Next();
        Set(3);
        var sent = await _client.Next();
        var again = _client.Ask<RepublishResponse>(new RepublishRequest { RequestHeader = _client.Header, SubscriptionId = s, RetransmitSequenceNumber = 2 });
        Assert.Equal(sent.NotificationMessage, again.NotificationMessage);
        Set(4);
        uint[] kept = [1, 3];
        Assert.Equal(kept, (await _client.Next(acks: (s, 2))).AvailableSequenceNumbers);
        Assert.Equal(StatusCodes.BadMessageNotAvailable, _client.Refusal(new RepublishRequest { RequestHeader = _client.Header, SubscriptionId = s, RetransmitSequenceNumber = 2 }));
        Set(5);
        var last = await _client.Next(100, (s, 2), (99, 1));
        Assert.Equal([StatusCodes.BadSequenceNumberUnknown, StatusCodes.BadSubscriptionIdInvalid], last.Results);
    }

    [Fact]
    public async Task One_publish_request_too_many_refuses_the_oldest()
    {
        _client.Subscribe();
        await _client.Next();
        var waiting = Enumerable.Range(0, 4).Select(_ => _client.Publish()).ToArray();
        Assert.Equal(StatusCodes.BadTooManyPublishRequests, (await waiting[0]).ResponseHeader.ServiceResult);
        Assert.All(waiting[1..], w => Assert.False(w.IsCompleted));
    }

    [Fact]
    public async Task A_subscription_nobody_asks_for_ends()
    {
        var s = _client.Subscribe(lifetime: 10, keepAlive: 2);
        var other = _client.Subscribe(interval: 60_000);
        _house.Clock.Advance(TimeSpan.FromMilliseconds(1000));
        Assert.Null(_house.Engine.Subscriptions.Find(s));
        Assert.NotNull(_house.Engine.Subscriptions.Find(other));
        var waiting = _client.Publish((s, 1));
        Assert.False(waiting.IsCompleted);   // it waits for the other subscription
        _house.Clock.Advance(TimeSpan.FromSeconds(60));
        var told = (PublishResponse)await waiting;
        Assert.Equal((other, StatusCodes.BadSubscriptionIdInvalid), (told.SubscriptionId, told.Results[0]));
    }

    [Fact]
    public async Task Without_a_subscription_a_publish_request_is_refused() =>
        Assert.Equal(StatusCodes.BadNoSubscription, (await _client.Publish()).ResponseHeader.ServiceResult);

    [Fact]
    public async Task The_more_important_subscription_is_served_first()
    {
        var low = _client.Subscribe(priority: 1);
        var high = _client.Subscribe(priority: 9);
        _house.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(high, (await _client.Next(0)).SubscriptionId);
        Assert.Equal(low, (await _client.Next(0)).SubscriptionId);
    }

    [Fact]
    public async Task Publishing_switched_off_collects_and_switched_on_delivers()
    {
        var s = _client.Subscribe();
        _client.Watch(s, _house.Load);
        await _client.Next();
        Publishing(false);
        Set(1);
        Set(2);
        var waiting = _client.Publish();
        _house.Clock.Advance(TimeSpan.FromMilliseconds(300));
        Assert.False(waiting.IsCompleted);
        Publishing(true);
        _house.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Told((PublishResponse)await waiting, 1, 2);

        void Publishing(bool on) => Assert.Equal(StatusCodes.Good, _client.Ask<SetPublishingModeResponse>(
            new SetPublishingModeRequest { RequestHeader = _client.Header, PublishingEnabled = on, SubscriptionIds = [s] }).Results[0]);
    }

    [Fact]
    public async Task A_sampled_item_is_told_when_the_item_it_hangs_on_is()
    {
        var s = _client.Subscribe();
        var trigger = _client.Watch(s, _house.Program, handle: 1);
        var linked = _client.Watch(s, _house.Load, handle: 2, mode: MonitoringMode.Sampling);
        _client.Ask<SetTriggeringResponse>(new SetTriggeringRequest { RequestHeader = _client.Header, SubscriptionId = s, TriggeringItemId = trigger.MonitoredItemId, LinksToAdd = [linked.MonitoredItemId] });
        await _client.Next();
        Set(1);
        Set(2);
        var waiting = _client.Publish();
        _house.Clock.Advance(TimeSpan.FromMilliseconds(100));
        Assert.False(waiting.IsCompleted);
        _house.Program.Set(Harness.At(Variant.Of("O100")));
        _house.Clock.Advance(TimeSpan.FromMilliseconds(100));
        var told = Client.Changes((PublishResponse)await waiting);
        Assert.Equal([1u, 2u, 2u], told.Select(c => c.ClientHandle));   // the program, then the two changes of the load that waited for it
    }

    [Fact]
    public async Task A_subscription_goes_over_to_another_session_with_what_was_not_acknowledged()
    {
        Set(1);
        var s = _client.Subscribe();
        _client.Watch(s, _house.Load);
        var sent = await _client.Next();
        var other = _house.Open(2).Activate();
        var result = other.Ask<TransferSubscriptionsResponse>(new TransferSubscriptionsRequest { RequestHeader = other.Header, SubscriptionIds = [s, 4711], SendInitialValues = true }).Results;
        Assert.Equal([StatusCodes.Good, StatusCodes.BadSubscriptionIdInvalid], result.Select(r => r.StatusCode));
        Assert.Equal([sent.NotificationMessage.SequenceNumber], result[0].AvailableSequenceNumbers);
        Told(await other.Next(), 1);
        Assert.Equal(StatusCodes.BadNoSubscription, (await _client.Publish()).ResponseHeader.ServiceResult);
    }

    [Fact]
    public async Task Values_of_a_part_of_an_array_are_watched_alone()
    {
        _house.Axes.Set(Harness.At(Variant.OfArray(new[] { 1.0, 2, 3 })));
        var s = _client.Subscribe();
        _client.Watch(s, _house.Axes, range: "1");
        var first = Client.Changes(await _client.Next());
        Assert.Equal([2.0], (double[])first[0].Value.Value.Value!);
        _house.Axes.Set(Harness.At(Variant.OfArray(new[] { 9.0, 2, 9 })));
        _house.Axes.Set(Harness.At(Variant.OfArray(new[] { 9.0, 5, 9 })));
        var change = Assert.Single(Client.Changes(await _client.Next()));
        Assert.Equal([5.0], (double[])change.Value.Value.Value!);
    }

    [Fact]
    public void Items_and_subscriptions_are_bounded()
    {
        using var small = new Harness(new ServerLimits { MaxMonitoredItemsPerSubscription = 1, MaxSubscriptionsPerSession = 1, MaxMonitoredItemsPerCall = 2 });
        var client = small.Open().Activate();
        var s = client.Subscribe();
        Assert.True(client.Watch(s, small.Load).StatusCode.IsGood);
        Assert.Equal(StatusCodes.BadTooManyMonitoredItems, client.Watch(s, small.Load).StatusCode);
        Assert.Equal(StatusCodes.BadTooManySubscriptions, client.Refusal(new CreateSubscriptionRequest { RequestHeader = client.Header }));
        Assert.Equal(StatusCodes.BadTooManyOperations, client.Refusal(new DeleteMonitoredItemsRequest { RequestHeader = client.Header, SubscriptionId = s, MonitoredItemIds = [1, 2, 3] }));
        Assert.Equal(1, small.Engine.Subscriptions.Items);
    }
}
