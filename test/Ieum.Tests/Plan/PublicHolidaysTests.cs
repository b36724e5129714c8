using Ieum.Plan;

namespace Ieum.Tests.Plan;

public class PublicHolidaysTests
{
    [Fact]
    public void Both_countries_rest_on_their_own_days()
    {
        var (korea, japan) = (PublicHolidays.Of("KR", 2026)!, PublicHolidays.Of("JP", 2026)!);
        Assert.Equal("추석", korea[new(2026, 9, 25)]);
        Assert.Equal("文化の日", japan[new(2026, 11, 3)]);
        Assert.False(korea.ContainsKey(new(2026, 11, 3)));
        Assert.False(japan.ContainsKey(new(2026, 9, 25)));
        // A holiday on a Sunday is made up for on the next day that is none.
        Assert.Equal(DayOfWeek.Sunday, new DateOnly(2026, 5, 3).DayOfWeek);
        Assert.Contains(new(2026, 5, 6), japan.Keys);
        Assert.Equal(DayOfWeek.Sunday, new DateOnly(2026, 3, 1).DayOfWeek);
        Assert.Contains(new(2026, 3, 2), korea.Keys);
    }

    [Fact]
    public void The_laws_of_2026_give_Korea_two_more_days()
    {
        var (now, next) = (PublicHolidays.Of("KR", 2026)!, PublicHolidays.Of("KR", 2027)!);
        Assert.Equal(("제헌절", "노동절"), (now[new(2026, 7, 17)], now[new(2026, 5, 1)]));
        // Both fall on a Saturday in 2027 and are made up for on the Monday after.
        Assert.Equal((DayOfWeek.Saturday, DayOfWeek.Saturday), (new DateOnly(2027, 5, 1).DayOfWeek, new DateOnly(2027, 7, 17).DayOfWeek));
        Assert.Equal(("대체공휴일", "대체공휴일"), (next[new(2027, 5, 3)], next[new(2027, 7, 19)]));
    }

    /// <summary>Every day is written once and every substitute falls on a working day of the week.</summary>
    [Theory]
    [InlineData("KR", 2026), InlineData("KR", 2027), InlineData("JP", 2026), InlineData("JP", 2027)]
    public void Substitutes_are_weekdays(string country, int year) =>
        Assert.All(PublicHolidays.Of(country, year)!.Where(d => d.Value == "대체공휴일"), d => Assert.False(d.Key.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday, $"{d.Key}"));

    [Fact]
    public void A_year_or_country_that_is_not_known_is_not_a_year_without_holidays()
    {
        Assert.Null(PublicHolidays.Of("KR", 1999));
        Assert.Null(PublicHolidays.Of("US", 2026));
    }
}
