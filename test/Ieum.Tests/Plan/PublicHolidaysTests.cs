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
    public void A_year_or_country_that_is_not_known_is_not_a_year_without_holidays()
    {
        Assert.Null(PublicHolidays.Of("KR", 1999));
        Assert.Null(PublicHolidays.Of("US", 2026));
    }
}
