using Ieum.Node.Town;

namespace Ieum.House.Tests.Town;

public sealed class PolledLossTests
{
    [Theory]
    [InlineData(856, 850, 0, 9, 6)]    // six are missing, nine went by in the gaps: six lost
    [InlineData(856, 850, 0, 4, 4)]    // only four went by in them: two stay unexplained, and the account does not close
    [InlineData(856, 850, 0, 0, 0)]    // no gap explains anything
    [InlineData(856, 850, 2, 9, 4)]    // the node told of two already
    [InlineData(850, 850, 0, 9, 0)]    // what went by was seen again afterwards
    [InlineData(850, 851, 0, 9, 0)]    // one too many is no loss
    public void Gaps_explain_no_more_than_was_said_inside_them(long sent, long received, long told, long said, long explained) =>
        Assert.Equal(explained, PolledLoss.Explained(sent, received, told, said));

    [Theory]
    [InlineData("modbus", true)]
    [InlineData("slmp", true)]
    [InlineData("opcua", false)]       // numbered: the node counts for itself
    [InlineData("mtconnect", false)]
    public void Only_registers_without_numbers_are_settled_so(string protocol, bool applies) => Assert.Equal(applies, PolledLoss.Applies(protocol));
}
