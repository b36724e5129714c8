using Ieum.Connect.Sparkplug;
using Ieum.Connect.Sparkplug.Payload;
using Ieum.Connect.Sparkplug.Session;
using Ieum.Model;

namespace Ieum.Tests.Connect.Sparkplug;

public class EdgeNodeSessionTests
{
    private readonly SessionBench _bench = new();

    [Fact]
    public void Data_by_alias_are_filed_under_the_name_of_the_birth()
    {
        _bench.NBirth(0, 0, _bench.Born("temp", 5, 20));
        _bench.NData(1, _bench.Data(5, 21.5));
        Assert.Equal(["temp", "temp"], _bench.Live.Select(s => s.Name));
        Assert.Equal(21.5, _bench.Samples[1].Sample.Value.Number);
        Assert.Equal(Quality.Good, _bench.Samples[1].Sample.Quality);
        Assert.Empty(_bench.Rebirths);
    }

    [Fact]
    public void Data_before_any_birth_are_counted_and_not_filed_and_a_rebirth_is_asked()
    {
        _bench.NData(7, _bench.Data(5, 1), _bench.Data(6, 2));
        Assert.Empty(_bench.Samples);
        Assert.Equal([(SparkplugRules.DataBeforeBirth, 2L)], _bench.Rejected);
        Assert.Single(_bench.Rebirths);
    }

    [Fact]
    public void An_unknown_alias_is_never_misfiled_and_its_neighbours_are_kept()
    {
        _bench.NBirth(0, 0, _bench.Born("temp", 5, 20));
        _bench.NData(1, _bench.Data(6, 99), _bench.Data(5, 21), _bench.Data(7, 98));
        Assert.Equal([20.0, 21.0], _bench.Live.Select(s => s.Sample.Value.Number));
        Assert.Equal([(SparkplugRules.AliasUnknown, 2L)], _bench.Rejected);
        Assert.Single(_bench.Rebirths);
    }

    [Fact]
    public void Aliases_of_an_older_birth_mean_nothing_after_a_new_one()
    {
        _bench.NBirth(0, 0, _bench.Born("pressure", 1, 3), _bench.Born("temp", 2, 20));
        _bench.NBirth(1, 0, _bench.Born("temp", 1, 21));
        _bench.NData(1, _bench.Data(1, 22), _bench.Data(2, 4));
        Assert.Equal(("temp", 22.0), _bench.Live.Select(s => (s.Name, s.Sample.Value.Number)).Last());
        Assert.Equal([(SparkplugRules.AliasUnknown, 1L)], _bench.Rejected);
    }

    [Fact]
    public void Rebirths_are_asked_at_most_once_in_ten_seconds()
    {
        for (var i = 0; i < 100; i++)
        {
            _bench.NData((ulong)i, _bench.Data(5, 1));
            _bench.Wait(99.Milliseconds);   // 100 messages in 9.9 s
        }
        Assert.Single(_bench.Rebirths);
        _bench.Wait(200.Milliseconds);      // 10.1 s after the first: the wish that was kept back goes out
        Assert.Equal(2, _bench.Rebirths.Count);
    }

    [Fact]
    public void A_birth_in_time_takes_the_kept_back_wish_away()
    {
        _bench.NData(0, _bench.Data(5, 1));
        _bench.NData(1, _bench.Data(5, 1));
        _bench.NBirth();
        _bench.Wait(20.Seconds);
        Assert.Single(_bench.Rebirths);
    }

    [Fact]
    public void Sequence_numbers_wrap_from_255_to_0()
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 0));
        for (var i = 1; i <= 600; i++) _bench.NData((ulong)(i % 256), _bench.Data(1, i));
        Assert.Equal(601, _bench.Live.Count());
        Assert.Empty(_bench.Gaps);
    }

    [Fact]
    public void Swapped_messages_are_put_in_order_without_a_gap()
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 0));
        _bench.NData(3, _bench.Data(1, 3));
        _bench.NData(1, _bench.Data(1, 1));
        _bench.NData(2, _bench.Data(1, 2));
        _bench.Wait(5.Seconds);
        Assert.Equal([0.0, 1, 2, 3], _bench.Live.Select(s => s.Sample.Value.Number));
        Assert.Empty(_bench.Gaps);
        Assert.Empty(_bench.Rebirths);
    }

    [Fact]
    public void A_lost_message_becomes_a_gap_after_the_reorder_limit_and_not_before()
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 0));
        var before = _bench.Now;
        _bench.Wait(1.Seconds);
        _bench.NData(3, _bench.Data(1, 3));   // 1 and 2 are missing
        var after = _bench.Now;
        _bench.Wait(1950.Milliseconds);
        Assert.Empty(_bench.Gaps);
        Assert.Single(_bench.Live);
        _bench.Wait(50.Milliseconds);         // 2.0 s
        var gap = Assert.Single(_bench.Gaps);
        Assert.Equal((GapCause.SequenceSkip, "2 messages lost (seq 1 to 2)"), (gap.Cause, gap.Detail));
        Assert.Equal(new TimeRange(before, after), gap.Range);
        Assert.Single(_bench.Rebirths);
        // The lost one may have been a birth that moved the alias: kept, but in doubt until the next birth.
        Assert.Equal((3.0, Quality.Uncertain), _bench.Live.Select(s => (s.Sample.Value.Number, s.Sample.Quality)).Last());
        _bench.NBirth(0, 0, _bench.Born("n", 1, 3));
        _bench.NData(1, _bench.Data(1, 4));
        Assert.Equal(Quality.Good, _bench.Live.Last().Sample.Quality);
    }

    [Fact]
    public void A_message_that_comes_after_it_was_given_up_is_still_taken_and_a_double_is_not()
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 0));
        _bench.NData(2, _bench.Data(1, 2));
        _bench.Wait(3.Seconds);
        _bench.NData(1, _bench.Data(1, 1));
        Assert.Equal([0.0, 2, 1], _bench.Live.Select(s => s.Sample.Value.Number));
        _bench.NData(1, _bench.Data(1, 1));
        Assert.Equal(3, _bench.Live.Count());
        Assert.Contains(SparkplugRules.MessageTwice, _bench.Told);
    }

    [Fact]
    public void Death_marks_every_value_stale_and_the_gap_ends_with_the_next_birth()
    {
        _bench.NBirth(4, 0, _bench.Born("n", 1, 7));
        _bench.DBirth(1, _bench.Born("force", 2, 50));
        _bench.Wait(1.Seconds);
        _bench.NDeath(4);
        var death = _bench.Now;
        Assert.Equal([("n", Quality.Stale, 7.0), ("force", Quality.Stale, 50.0)], _bench.Marks.Select(s => (s.Name, s.Sample.Quality, s.Sample.Value.Number)));
        Assert.All(_bench.Marks, s => Assert.Equal(death, s.Sample.SourceTime));
        Assert.Contains((null, LinkState.Disconnected), _bench.Links);
        Assert.Contains(("press", LinkState.Disconnected), _bench.Links);
        _bench.Wait(5.Seconds);
        _bench.NBirth(5, 0, _bench.Born("n", 1, 8));
        _bench.DBirth(1, _bench.Born("force", 2, 51));
        Assert.Equal([(null, GapCause.Death), ("press", GapCause.Death)], _bench.Gaps.Select(g => (g.Device, g.Cause)));
        Assert.All(_bench.Gaps, g => Assert.Equal(new TimeRange(death, death + 5.Seconds), g.Range));
        Assert.Empty(_bench.Rebirths);
    }

    [Fact]
    public void A_device_death_touches_that_device_only()
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7));
        _bench.DBirth(1, _bench.Born("force", 2, 50));
        _bench.Take(MessageKind.DDeath, new(SessionBench.Ms(_bench.Now), [], 2), "press");
        Assert.Equal(["force"], _bench.Marks.Select(m => m.Name));
        _bench.NData(3, _bench.Data(1, 8));
        Assert.Equal(8.0, _bench.Live.Last().Sample.Value.Number);
        _bench.DData(4, _bench.Data(2, 51));
        Assert.Equal([(SparkplugRules.DataBeforeBirth, 1L)], _bench.Rejected);
    }

    [Fact]
    public void A_death_of_an_earlier_session_is_ignored()
    {
        _bench.NBirth(4, 0, _bench.Born("n", 1, 7));
        _bench.NDeath(3);
        _bench.NDeath(null);
        Assert.Empty(_bench.Marks);
        Assert.Equal([SparkplugRules.DeathNotCurrent, SparkplugRules.BdSeqMissing], _bench.Told);
        Assert.True(_bench.Session.IsAlive);
    }

    [Fact]
    public void A_new_session_without_a_death_is_a_restart_with_a_gap()
    {
        _bench.NBirth(4, 0, _bench.Born("n", 1, 7));
        var last = _bench.Now;
        _bench.Wait(3.Seconds);
        _bench.NBirth(5, 0, _bench.Born("n", 1, 9));
        var gap = Assert.Single(_bench.Gaps);
        Assert.Equal((GapCause.PeerRestart, new TimeRange(last, last + 3.Seconds)), (gap.Cause, gap.Range));
        Assert.Equal([7.0, 9.0], _bench.Live.Select(s => s.Sample.Value.Number));
    }

    [Fact]
    public void Values_of_a_rebirth_count_once_and_leave_no_gap()
    {
        var measured = _bench.Now;
        _bench.NBirth(4, 0, _bench.Born("n", 1, 7, measured), _bench.Born("m", 2, 1, measured));
        _bench.Wait(60.Milliseconds);
        _bench.NBirth(4, 0, _bench.Born("n", 1, 7, measured), _bench.Born("m", 2, 2));   // m has changed, n has not
        Assert.Equal([7.0, 1.0, 2.0], _bench.Live.Select(s => s.Sample.Value.Number));
        Assert.Empty(_bench.Marks);
        Assert.Empty(_bench.Gaps);
    }

    [Fact]
    public void An_unchanged_value_after_a_death_ends_its_stale_mark_without_counting_again()
    {
        var measured = _bench.Now;
        _bench.NBirth(4, 0, _bench.Born("n", 1, 7, measured));
        _bench.Wait(1.Seconds);
        _bench.NDeath(4);
        _bench.Wait(1.Seconds);
        _bench.NBirth(5, 0, _bench.Born("n", 1, 7, measured));
        Assert.Single(_bench.Live);
        Assert.Equal([(measured + 1.Seconds, Quality.Stale), (measured + 2.Seconds, Quality.Good)], _bench.Marks.Select(m => (m.Sample.SourceTime, m.Sample.Quality)));
    }

    [Fact]
    public void Historical_values_keep_their_time_and_do_not_become_the_last()
    {
        var early = _bench.Now - 1.Hours;
        _bench.NBirth(4, 0, _bench.Born("n", 1, 7));
        _bench.NData(1, _bench.Data(1, 3, early) with { IsHistorical = true });
        var historical = _bench.Samples.Last();
        Assert.Equal((SampleOrigin.Historical, early), (historical.Origin, historical.Sample.SourceTime));
        _bench.NDeath(4);
        Assert.Equal(7.0, _bench.Marks.Single().Sample.Value.Number);
    }

    [Fact]
    public void Null_is_unavailable_and_the_quality_property_is_kept()
    {
        Metric WithQuality(ulong alias, uint quality) => _bench.Data(alias, 1) with
        { Properties = new([KeyValuePair.Create("Quality", new PropertyValue(SparkplugDataType.Int32, SparkplugValue.Of(quality)))]) };
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7));
        _bench.NData(1, _bench.Data(1, 0) with { IsNull = true, Value = SparkplugValue.None });
        _bench.NData(2, WithQuality(1, 0), WithQuality(1, 192), WithQuality(1, 500), WithQuality(1, 300));
        Assert.Equal([Quality.Good, Quality.Unavailable, Quality.Bad, Quality.Good, Quality.Stale, Quality.Uncertain], _bench.Live.Select(s => s.Sample.Quality));
        Assert.Equal(ValueKind.None, _bench.Samples[1].Sample.Value.Kind);
    }

    [Fact]
    public void An_alias_given_twice_belongs_to_the_first()
    {
        _bench.NBirth(0, 0, _bench.Born("a", 1, 1), _bench.Born("b", 1, 2));
        _bench.NData(1, _bench.Data(1, 3));
        Assert.Equal([SparkplugRules.AliasTwice], _bench.Told);
        Assert.Equal("a", _bench.Live.Last().Name);
    }

    [Fact]
    public void A_quiet_node_is_asked_for_a_sign_of_life_and_its_answer_costs_no_gap()
    {
        var measured = _bench.Now;
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7, measured));
        _bench.Wait(29.Seconds + 950.Milliseconds);
        Assert.Empty(_bench.Rebirths);
        _bench.Wait(50.Milliseconds);
        Assert.Single(_bench.Rebirths);
        Assert.Equal((null, LinkState.Silent), _bench.Links.Last());
        _bench.Wait(100.Milliseconds);
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7, measured));
        Assert.Equal((null, LinkState.Connected), _bench.Links.Last());
        Assert.Empty(_bench.Gaps);
        Assert.Single(_bench.Live);
    }

    [Fact]
    public void A_node_that_does_not_answer_has_a_gap_from_its_last_message()
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7));
        var last = _bench.Now;
        _bench.Wait(100.Seconds);
        Assert.True(_bench.Rebirths.Count >= 3);
        _bench.NBirth(0, 0, _bench.Born("n", 1, 8));
        var gap = Assert.Single(_bench.Gaps);
        Assert.Equal((GapCause.Disconnected, new TimeRange(last, last + 100.Seconds)), (gap.Cause, gap.Range));
    }

    [Fact]
    public void Losing_the_broker_is_a_gap_until_the_next_birth()
    {
        _bench.NBirth(0, 0, _bench.Born("n", 1, 7));
        var last = _bench.Now;
        _bench.Wait(2.Seconds);
        _bench.Session.LinkLost(_bench.Now.UtcTicks);
        Assert.Equal((null, LinkState.Disconnected), _bench.Links.Last());
        _bench.Wait(3.Seconds);
        _bench.NBirth(1, 0, _bench.Born("n", 1, 8));
        var gap = Assert.Single(_bench.Gaps);
        Assert.Equal((GapCause.Disconnected, new TimeRange(last, last + 5.Seconds)), (gap.Cause, gap.Range));
    }
}
