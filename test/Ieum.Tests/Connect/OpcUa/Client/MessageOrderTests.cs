using Ieum.Connect.OpcUa;
using Ieum.Model;

namespace Ieum.Tests.Connect.OpcUa;

/// <summary>Messages that overtake each other, and messages that are too large for the line: neither loses a value without a word.</summary>
public class MessageOrderTests
{
    /// <summary>The first values of 1,000 points come in two messages at once; the second was handed over first and the first was taken for a double.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_message_that_was_overtaken_is_taken_before_the_one_that_overtook_it(bool isRepublished)
    {
        await using var bench = new Bench();
        var (held, second) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        bench.Late = answer => answer is PublishResponse p && IsFirst(p) && held.TrySetResult() ? second.Task : Task.CompletedTask;
        bench.Refuse = request => request is RepublishRequest && !isRepublished ? StatusCodes.BadTimeout : null;
        await bench.StartAsync();
        await held.Task;
        bench.Set(1, 1);
        await Bench.UntilAsync(() => bench.Seen.Any(s => s.Request is PublishRequest p && p.SubscriptionAcknowledgements.Any(a => a.SequenceNumber == 2)), "the second message is taken");
        if (isRepublished) await bench.UntilValueAsync(1, 1);
        second.SetResult();
        await bench.UntilValueAsync(1, 1);
        Assert.Equal([0.0, 1], bench.Values(1));
        Assert.Equal([0.0], bench.Values(2));
        Assert.Equal(bench.Sink.Samples.Count, bench.Source.Health.Counters.Received);
        Assert.Empty(bench.Sink.Gaps);
    }

    [Fact]
    public async Task What_overtook_a_message_that_never_comes_is_kept_when_the_line_ends()
    {
        await using var bench = new Bench(options: ("history", "false"));
        var lost = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bench.Tamper = (_, answer) =>
        {
            if (answer is not RepublishResponse && !(answer is PublishResponse p && IsFirst(p))) return answer;
            lost.TrySetResult();
            return null;
        };
        await bench.StartAsync();
        await lost.Task;
        bench.Set(1, 1);
        await Bench.UntilAsync(() => bench.Seen.Any(s => s.Request is PublishRequest p && p.SubscriptionAcknowledgements.Any(a => a.SequenceNumber == 2)), "the second message is taken");
        bench.Cut();
        await bench.UntilValueAsync(1, 1);
    }

    [Fact]
    public async Task A_message_too_large_for_the_server_is_told_and_smaller_ones_are_asked_for()
    {
        await using var bench = new Bench { MostAnswer = 4 * 64 };
        bench.Tamper = (_, answer) => answer switch
        {
            PublishResponse p when Count(p.NotificationMessage) > 2 => TooLarge(),
            RepublishResponse r when Count(r.NotificationMessage) > 2 => TooLarge(),
            _ => answer,
        };
        await bench.StartAsync();
        await Bench.UntilAsync(() => bench.Seen.Any(s => s.Request is ModifySubscriptionRequest { MaxNotificationsPerPublish: 2 }));
        for (var i = 0; i < 3; i++) bench.Set(i, 7);
        for (var i = 0; i < 3; i++) await bench.UntilValueAsync(i, 7);
        await Bench.UntilAsync(() => bench.Sink.Gaps.Count > 0);
        Assert.Contains(bench.Source.Health.Problems, p => p.Rule == OpcUaRules.NotificationMissing);
        Assert.Equal(GapCause.SequenceSkip, bench.Sink.Gaps[0].Cause);
        Assert.Equal(0, bench.Source.Health.Reconnects);
    }

    [Theory]
    [InlineData(0, 5000)]
    [InlineData(32_768, 512)]
    [InlineData(10, 1)]
    public async Task A_message_gets_no_more_notifications_than_fit_the_line(int mostAnswer, int expected)
    {
        await using var bench = await new Bench { MostAnswer = mostAnswer }.StartAsync();
        Assert.Equal((uint)expected, bench.Seen.Select(s => s.Request).OfType<CreateSubscriptionRequest>().First().MaxNotificationsPerPublish);
    }

    private static bool IsFirst(PublishResponse answer) => answer.NotificationMessage is { SequenceNumber: 1, NotificationData.Length: > 0 };

    private static int Count(NotificationMessage message) => message.NotificationData.Sum(d => d.Body is DataChangeNotification c ? c.MonitoredItems.Length : 0);

    private static ServiceFault TooLarge() => new() { ResponseHeader = new() { ServiceResult = StatusCodes.BadResponseTooLarge } };
}
