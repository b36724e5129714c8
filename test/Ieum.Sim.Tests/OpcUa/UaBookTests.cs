using Ieum.Connect.OpcUa.Server;
using Ieum.Sim.OpcUa;

namespace Ieum.Sim.Tests.OpcUa;

public class UaBookTests
{
    private readonly UaBook _book = new();

    private (long Produced, long Sent, long Delivered, long Lost) Counts => (_book.Produced, _book.Sent, _book.Delivered, _book.Lost);

    [Fact]
    public void A_value_nobody_could_read_is_produced_and_no_more()
    {
        _book.Produce();
        Assert.Equal((1, 0, 0, 0), Counts);
    }

    [Fact]
    public void A_value_in_two_queues_is_sent_once_and_delivered_once()
    {
        var v = _book.Produce();
        _book.Held(v);
        _book.Held(v);
        _book.Released(v, delivered: true);
        _book.Released(v, delivered: true);
        Assert.Equal((1, 1, 1, 0), Counts);
    }

    [Fact]
    public void A_value_is_lost_only_when_its_last_holder_lets_go()
    {
        var v = _book.Produce();
        _book.Held(v);   // a queue
        _book.Held(v);   // the history
        _book.Released(v, delivered: false);
        Assert.Equal((1, 1, 0, 0), Counts);
        _book.Released(v, delivered: false);
        Assert.Equal((1, 1, 0, 1), Counts);
    }

    [Fact]
    public void A_value_told_again_after_its_queue_died_is_not_lost_after_all()
    {
        var v = _book.Produce();
        _book.Held(v);
        _book.Released(v, delivered: false);
        _book.Held(v);
        Assert.Equal((1, 1, 0, 0), Counts);
        _book.Released(v, delivered: true);
        Assert.Equal((1, 1, 1, 0), Counts);
    }

    [Fact]
    public void A_value_read_from_the_history_is_delivered_though_a_queue_loses_it()
    {
        var v = _book.Produce();
        _book.Held(v);
        ((IDeliveryBook)_book).Delivered(v);
        _book.Released(v, delivered: false);
        Assert.Equal((1, 1, 1, 0), Counts);
    }

    [Fact]
    public void Settled_values_take_no_memory()
    {
        for (var i = 0; i < 100_000; i++)
        {
            var v = _book.Produce();
            _book.Held(v);
            _book.Released(v, delivered: true);
        }
        Assert.Equal((100_000, 100_000, 100_000, 0), Counts);
        Assert.InRange(_book.Pages, 0, 1);
    }
}
