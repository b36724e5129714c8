using Ieum.Connect.OpcUa.Client;

namespace Ieum.Tests.Connect.OpcUa;

public class SequenceBookTests
{
    [Fact]
    public void Messages_in_order_leave_nothing_missing_and_are_acknowledged_once()
    {
        var book = new SequenceBook();
        for (uint n = 1; n <= 5; n++) Assert.True(book.Take(n));
        Assert.False(book.HasMissing);
        Assert.Equal([1u, 2, 3, 4, 5], book.TakeAcknowledgements());
        Assert.Empty(book.TakeAcknowledgements());
    }

    [Fact]
    public void A_skipped_number_is_missing_until_it_comes()
    {
        var book = new SequenceBook();
        book.Take(7);
        book.Take(10);
        Assert.Equal([8u, 9], book.Missing);
        Assert.True(book.Take(9));
        Assert.Equal([8u], book.Missing);
        Assert.Equal(10u, book.Last);
    }

    /// <summary>Two answers come together and two threads hand them over: the second may be first.</summary>
    [Fact]
    public void Of_a_new_subscription_the_first_message_is_not_mistaken_for_a_double_when_the_second_overtakes_it()
    {
        var book = new SequenceBook();
        book.Reset();
        Assert.True(book.Take(2));
        Assert.True(book.IsAhead(2));
        Assert.Equal([1u], book.Missing);
        Assert.True(book.Take(1));
        Assert.False(book.IsAhead(2));
        Assert.False(book.HasMissing);
    }

    [Theory]
    [InlineData(4711u)]
    [InlineData(uint.MaxValue)]
    public void A_server_that_counts_from_a_number_of_its_own_misses_nothing(uint first)
    {
        var book = new SequenceBook();
        book.Reset();
        Assert.True(first == uint.MaxValue || book.Take(first));
        Assert.Empty(book.Missing);
        Assert.Equal(0, book.TakeHopeless());
    }

    [Fact]
    public void A_message_that_comes_twice_is_a_double_but_acknowledged_again()
    {
        var book = new SequenceBook();
        book.Take(1);
        book.Take(2);
        book.TakeAcknowledgements();
        Assert.False(book.Take(2));
        Assert.Equal([2u], book.TakeAcknowledgements());
    }

    [Fact]
    public void Numbers_begin_again_at_one_after_the_largest()
    {
        var book = new SequenceBook();
        book.Take(uint.MaxValue - 1);
        Assert.True(book.Take(uint.MaxValue));
        Assert.True(book.Take(1));
        Assert.False(book.HasMissing);
        book.Take(3);
        Assert.Equal([2u], book.Missing);
    }

    [Fact]
    public void A_jump_over_the_turn_misses_the_numbers_on_both_sides()
    {
        var book = new SequenceBook();
        book.Take(uint.MaxValue - 1);
        book.Take(2);
        Assert.Equal([1u, uint.MaxValue], book.Missing);
    }

    [Fact]
    public void A_keep_alive_with_a_later_number_shows_what_was_lost()
    {
        var book = new SequenceBook();
        book.Take(4);
        book.TakeKeepAlive(5);
        Assert.False(book.HasMissing);
        book.TakeKeepAlive(7);
        Assert.Equal([5u, 6], book.Missing);
        Assert.True(book.Take(7));
    }

    [Fact]
    public void A_huge_jump_is_bounded_and_its_rest_told_as_hopeless()
    {
        var book = new SequenceBook();
        book.Take(1);
        book.Take(1_000_002);
        Assert.Equal(SequenceBook.MostMissing, book.Missing.Count);
        Assert.Equal(1_000_001u, book.Missing.Max());
        Assert.Equal(1_000_000 - SequenceBook.MostMissing, book.TakeHopeless());
        Assert.Equal(0, book.TakeHopeless());
    }

    [Fact]
    public void Of_the_messages_a_server_still_holds_only_the_unseen_are_asked_for()
    {
        var book = new SequenceBook();
        book.Take(15);
        book.Take(18);
        Assert.Equal([16u, 17, 19], book.Unseen([14, 15, 16, 17, 18, 19]));
        book.GiveUp(16);
        Assert.Equal([17u], book.Missing);
    }

    [Fact]
    public void Acknowledgements_of_a_lost_request_are_sent_again()
    {
        var book = new SequenceBook();
        book.Take(1);
        var sent = book.TakeAcknowledgements();
        book.AcknowledgeAgain(sent);
        Assert.Equal([1u], book.TakeAcknowledgements());
    }

    [Fact]
    public void Whatever_order_the_numbers_have_each_is_taken_exactly_once()
    {
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var numbers = Enumerable.Range(1, 50).Select(n => (uint)n).ToArray();
            for (var i = 1; i < numbers.Length; i++)   // swaps of neighbours, as a server with several threads makes them
                if (random.Next(3) == 0) (numbers[i - 1], numbers[i]) = (numbers[i], numbers[i - 1]);
            var book = new SequenceBook();
            book.TakeKeepAlive(1);
            var taken = numbers.Concat(numbers).Count(book.Take);
            Assert.True(taken == 50 && !book.HasMissing, $"Seed {seed}: {taken} taken, missing {string.Join(",", book.Missing)}.");
        }
    }
}
