using Ieum.Connect.OpcUa.Client;

namespace Ieum.Tests.Connect.OpcUa;

public class NodeAddressTests
{
    [Theory]
    [InlineData("i=2258", NodeAddressKind.Numeric, 0, "2258")]
    [InlineData("ns=2;s=Demo.Load", NodeAddressKind.Text, 2, "Demo.Load")]
    [InlineData("ns=3;s=a;b=c", NodeAddressKind.Text, 3, "a;b=c")]
    [InlineData("ns=65535;i=4294967295", NodeAddressKind.Numeric, 65535, "4294967295")]
    [InlineData("ns=1;g=09087e75-8e5e-499b-954f-f2a9603db28a", NodeAddressKind.Guid, 1, "09087e75-8e5e-499b-954f-f2a9603db28a")]
    [InlineData("ns=1;b=M/RbKBsRVkePCePcx24oRA==", NodeAddressKind.Opaque, 1, "M/RbKBsRVkePCePcx24oRA==")]
    [InlineData(" ns=2;s=주축/부하 ", NodeAddressKind.Text, 2, "주축/부하")]
    internal void A_node_id_is_read_as_the_standard_writes_it(string text, NodeAddressKind kind, ushort index, string identifier)
    {
        Assert.True(NodeAddress.TryParse(text, out var address));
        Assert.Equal((kind, index, identifier), (address.Kind, address.Index, address.Identifier));
    }

    [Fact]
    public void A_namespace_by_name_may_hold_an_escaped_semicolon()
    {
        Assert.True(NodeAddress.TryParse("nsu=http://a.example/x%3By;i=7", out var address));
        Assert.Equal("http://a.example/x;y", address.Uri);
        Assert.Equal("7", address.Identifier);
    }

    [Fact]
    public void A_path_has_steps_with_namespaces_and_escapes()
    {
        Assert.True(NodeAddress.TryParse("/Objects/2:Machine/3:Feed&/Speed&:actual", out var address));
        Assert.Equal([new PathStep(0, "Objects"), new(2, "Machine"), new(3, "Feed/Speed:actual")], address.Path);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Demo.Load")]
    [InlineData("ns=2")]
    [InlineData("ns=65536;i=1")]
    [InlineData("ns=2;i=-1")]
    [InlineData("i=4294967296")]
    [InlineData("g=123")]
    [InlineData("b=***")]
    [InlineData("nsu=;i=1")]
    [InlineData("/")]
    [InlineData("/Objects//2:Machine")]
    public void What_is_no_address_is_refused(string text) => Assert.False(NodeAddress.TryParse(text, out _));
}
