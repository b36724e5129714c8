using Ieum.Connect.OpcUa.Client;

namespace Ieum.Tests.Connect.OpcUa;

public class ReconnectLadderTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void Without_a_session_everything_is_made_anew()
    {
        Assert.Equal(Rung.Recreate, new ReconnectLadder().Next(TimeSpan.Zero));
    }

    [Fact]
    public void A_short_cut_reactivates_the_same_session()
    {
        var ladder = Standing();
        Assert.Equal(Rung.Reactivate, ladder.Next(TimeSpan.FromSeconds(5)));
        Assert.False(ladder.Take(RungResult.Done));
    }

    [Fact]
    public void A_line_that_fails_stays_on_the_rung_however_often()
    {
        var ladder = Standing();
        for (var i = 0; i < 20; i++)
        {
            Assert.Equal(Rung.Reactivate, ladder.Next(TimeSpan.FromSeconds(i)));
            Assert.False(ladder.Take(RungResult.LineFailed));
        }
    }

    [Fact]
    public void A_lost_session_takes_its_subscriptions_over_and_then_makes_them_anew()
    {
        var ladder = Standing();
        ladder.Next(TimeSpan.FromSeconds(5));
        Assert.True(ladder.Take(RungResult.SessionGone));
        Assert.Equal(Rung.Transfer, ladder.Next(TimeSpan.FromSeconds(5)));
        Assert.True(ladder.Take(RungResult.SubscriptionsGone));
        Assert.Equal(Rung.Recreate, ladder.Next(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void After_the_life_of_the_session_it_is_not_even_tried()
    {
        var ladder = Standing();
        Assert.Equal(Rung.Reactivate, ladder.Next(Minute * 1.5));
        Assert.Equal(Rung.Transfer, ladder.Next(Minute * 1.5 + TimeSpan.FromTicks(1)));
        Assert.Equal(Rung.Recreate, ladder.Next(Minute * 4));
    }

    [Fact]
    public void A_server_that_refused_a_transfer_once_is_not_asked_again()
    {
        var ladder = Standing();
        ladder.Next(Minute * 2);
        Assert.True(ladder.Take(RungResult.TransferRefused));
        ladder.Standing(Minute, Minute * 2);
        ladder.Take(RungResult.SessionGone);
        Assert.Equal(Rung.Recreate, ladder.Next(TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void A_session_without_subscriptions_has_nothing_to_transfer()
    {
        var ladder = new ReconnectLadder();
        ladder.Standing(Minute, TimeSpan.Zero);
        Assert.Equal(Rung.Recreate, ladder.Next(Minute * 2));
    }

    private static ReconnectLadder Standing()
    {
        var ladder = new ReconnectLadder();
        ladder.Standing(Minute, Minute * 2);
        return ladder;
    }
}
