using Ieum.Model;

namespace Ieum.Tests.Model;

public sealed class WrittenNumberTests
{
    [Theory]
    [InlineData("1234.5", false, "1234.5")]
    [InlineData("1,234.5", false, "1234.5")]
    [InlineData("-12,345,678", false, "-12345678")]
    [InlineData("1,5e3", false, null)]
    [InlineData("1,234e3", false, "1234e3")]
    [InlineData("12,5", false, null)]      // twelve and a half to its writer, never 125
    [InlineData("1,2345", false, null)]
    [InlineData(",123", false, null)]
    [InlineData("1234,567", false, null)]
    [InlineData("1,234.5,6", false, null)]
    [InlineData("1,23a", false, null)]
    [InlineData("12,5", true, "12.5")]
    [InlineData("1.234,5", true, "1234.5")]
    [InlineData("12.5", true, null)]
    [InlineData("1.234", true, "1234")]
    [InlineData("0,5e-3", true, "0.5e-3")]
    public void Groups_of_three_digits_and_nothing_else_are_thousands(string text, bool decimalComma, string? plain) =>
        Assert.Equal(plain, WrittenNumber.TryPlain(text, decimalComma, out var figure) ? figure : null);
}
