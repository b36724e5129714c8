using Ieum.Model;
using Ieum.TestKit;

namespace Ieum.Tests.Model;

public sealed class UnitTests
{
    [Fact]
    public void Every_unit_stands_in_the_published_list_of_common_codes()
    {
        var published = File.ReadLines(Needs.Shared("data/opcua/UNECE_to_OPCUA.csv")).Skip(1)
            .Select(l => l.Split(',')[0].Trim('"')).ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(Unit.All, u => !published.Contains(u.Code));
    }

    [Fact]
    public void A_code_is_found_as_written_and_no_other_way()
    {
        Assert.True(Unit.TryFind("CEL", out var celsius));
        Assert.Equal("°C", celsius.ToString());
        Assert.False(Unit.TryFind("cel", out _));
        Assert.False(Unit.TryFind(null, out _));
        Assert.Equal("C62", Unit.One.ToString());
    }
}
