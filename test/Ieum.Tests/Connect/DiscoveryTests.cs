using Ieum.Connect;

namespace Ieum.Tests.Connect;

public sealed class DiscoveryTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("192.168.0.10", 1, "192.168.0.10", null)]
    [InlineData("192.168.0.10:4840", 1, "192.168.0.10", 4840)]
    [InlineData("192.168.0.10-12", 3, "192.168.0.10", null)]
    [InlineData("192.168.0.77/24", 254, "192.168.0.1", null)]
    [InlineData("10.1.2.3/31", 2, "10.1.2.2", null)]
    [InlineData("[fe80::1]:4840", 1, "fe80::1", 4840)]
    [InlineData("localhost:5000", 1, "127.0.0.1", 5000)]
    public async Task Addresses_are_read_as_people_write_them(string text, int count, string first, int? port)
    {
        var range = Assert.Single(await AddressRange.ReadAsync(text, Stop));
        Assert.Equal((count, first, port), (range.Addresses.Count, range.Addresses[0].ToString(), range.Port));
    }

    [Theory]
    [InlineData("", "connect-endpoint-wrong")]
    [InlineData("999.1.1.1", "connect-endpoint-wrong")]
    [InlineData("192.168.0.50-10", "connect-endpoint-wrong")]
    [InlineData("192.168.0.0/40", "connect-endpoint-wrong")]
    [InlineData("10.0.0.0/8", "connect-scan-too-wide")]
    [InlineData("10.0.0.0/23, 10.1.0.0/23, 10.2.0.0/23", "connect-scan-too-wide")]
    public async Task What_cannot_be_scanned_is_refused(string text, string rule) =>
        Assert.Equal(rule, (await Assert.ThrowsAsync<ConnectionSettingsException>(() => AddressRange.ReadAsync(text, Stop))).Rule);
}
