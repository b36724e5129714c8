using Ieum.Connect.Slmp;

namespace Ieum.Tests.Connect.Slmp;

public sealed class SlmpAddressTests
{
    [Theory]
    [InlineData("D100", "q", "D", 100, -1)]
    [InlineData("d100.5", "q", "D", 100, 5)]
    [InlineData("D100.F", "q", "D", 100, 15)]
    [InlineData("X1F", "q", "X", 0x1F, -1)]
    [InlineData("X17", "fx", "X", 15, -1)]       // octal on FX and iQ-F
    [InlineData("Y10", "iqf", "Y", 8, -1)]
    [InlineData("Y10", "iqr", "Y", 16, -1)]
    [InlineData("B2A", "q", "B", 0x2A, -1)]
    [InlineData("BA", "q", "B", 10, -1)]
    [InlineData("SB10", "q", "SB", 16, -1)]      // not S with the number B10
    [InlineData("SM400", "q", "SM", 400, -1)]
    [InlineData("SD0", "q", "SD", 0, -1)]
    [InlineData("S3", "l", "S", 3, -1)]
    [InlineData("SW1F", "q", "SW", 0x1F, -1)]
    [InlineData("DX1F", "q", "DX", 0x1F, -1)]    // not D with the number X1F
    [InlineData("ZR40000", "q", "ZR", 40000, -1)]
    [InlineData("Z3", "q", "Z", 3, -1)]
    [InlineData("TN12", "q", "TN", 12, -1)]
    [InlineData("STN2", "q", "STN", 2, -1)]
    [InlineData("CS7", "q", "CS", 7, -1)]
    [InlineData("W1A.A", "q", "W", 0x1A, 10)]
    [InlineData("RD100", "iqr", "RD", 100, -1)]
    [InlineData("R100", "q", "R", 100, -1)]
    public void An_address_is_read_as_people_write_it_on_that_controller(string text, string cpu, string device, uint number, int bit)
    {
        var family = Enum.Parse<SlmpCpu>(cpu, ignoreCase: true);
        Assert.True(SlmpAddress.TryRead(text, family, out var at, out var why), why);
        Assert.Equal((device, number, bit), (at.Device.Name, at.Number, at.Bit ?? -1));
        Assert.True(SlmpAddress.TryRead(at.Text(family), family, out var again, out _));
        Assert.Equal(at, again);
    }

    [Theory]
    [InlineData("", "no device")]
    [InlineData("D", "no device")]
    [InlineData("Q100", "no device")]
    [InlineData("T5", "TN")]                     // says what timers are called
    [InlineData("X8", "no device", "fx")]        // 8 is no octal digit
    [InlineData("X18", "octal", "fx")]
    [InlineData("D1F", "decimal")]
    [InlineData("M5.1", "a bit already")]
    [InlineData("D5.G", "hexadecimal digit")]
    [InlineData("D5.10", "hexadecimal digit")]
    [InlineData("D16777216", "no number")]       // three bytes on the wire
    [InlineData("RD0", "iQ-R")]
    [InlineData("D-1", "no device")]
    [InlineData("D1 0", "no number")]
    public void A_wrong_address_says_what_would_be_right(string text, string says, string cpu = "q")
    {
        Assert.False(SlmpAddress.TryRead(text, Enum.Parse<SlmpCpu>(cpu, ignoreCase: true), out _, out var why));
        Assert.Contains(says, why, StringComparison.Ordinal);
    }

    [Fact]
    public void No_two_devices_share_a_name_or_a_code()
    {
        Assert.Equal(SlmpDevices.All.Count, SlmpDevices.All.Select(d => d.Name).Distinct().Count());
        Assert.Equal(SlmpDevices.All.Count, SlmpDevices.All.Select(d => d.Code).Distinct().Count());
    }
}
