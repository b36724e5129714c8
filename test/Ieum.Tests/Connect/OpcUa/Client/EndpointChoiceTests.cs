using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Client;

namespace Ieum.Tests.Connect.OpcUa;

public class EndpointChoiceTests
{
    private const string Base = "http://opcfoundation.org/UA/SecurityPolicy#";

    [Fact]
    public void The_strongest_endpoint_goes_first_and_broken_policies_only_by_the_switch()
    {
        EndpointDescription[] offered = [At("None", 1), At("Basic256", 3), At("Aes128_Sha256_RsaOaep", 3), At("Basic256Sha256", 2), At("Basic256Sha256", 3), At("Aes256_Sha256_RsaPss", 2), At("ECC_nistP256", 3)];
        Assert.Equal(["Aes256_Sha256_RsaPss/Sign", "Basic256Sha256/SignAndEncrypt", "Basic256Sha256/Sign", "Aes128_Sha256_RsaOaep/SignAndEncrypt", "None"],
            EndpointChoice.Fitting(offered, Options()).Select(EndpointChoice.Words));
        Assert.Contains("Basic256/SignAndEncrypt", EndpointChoice.Fitting(offered, Options() with { Legacy = true }).Select(EndpointChoice.Words));
        Assert.Equal(["None"], EndpointChoice.Fitting(offered, Options() with { Security = WantedSecurity.None }).Select(EndpointChoice.Words));
        Assert.Equal(["Basic256Sha256/Sign"], EndpointChoice.Fitting(offered, Options() with { Security = WantedSecurity.Basic256Sha256, Mode = WantedMode.Sign }).Select(EndpointChoice.Words));
    }

    [Fact]
    public void Endpoints_of_other_transports_are_passed_over() =>
        Assert.Empty(EndpointChoice.Fitting([At("None", 1) with { TransportProfileUri = "http://opcfoundation.org/UA-Profile/Transport/https-uabinary" }], Options()));

    /// <summary>Pitfall 9: the token policy's own security policy protects the password, not that of the channel.</summary>
    [Fact]
    public void The_policy_of_the_log_in_is_its_own_where_it_has_one()
    {
        var endpoint = At("Basic256Sha256", 3) with { UserIdentityTokens = [Token("a", "Basic256"), Token("b", "Aes256_Sha256_RsaPss"), Token("c", "")] };
        Assert.Equal("b", EndpointChoice.TokenFor(endpoint, Named(), out var policy)!.PolicyId);
        Assert.Equal(Base + "Aes256_Sha256_RsaPss", policy);
        Assert.Equal("c", EndpointChoice.TokenFor(endpoint with { UserIdentityTokens = [Token("c", "")] }, Named(), out policy)!.PolicyId);
        Assert.Equal(Base + "Basic256Sha256", policy);
    }

    [Fact]
    public void A_password_is_not_sent_in_the_clear_unless_a_person_says_so()
    {
        var open = At("None", 1) with { UserIdentityTokens = [Token("plain", "")] };
        Assert.Null(EndpointChoice.TokenFor(open, Named(), out _));
        Assert.NotNull(EndpointChoice.TokenFor(open, Named() with { Security = WantedSecurity.None }, out _));
        Assert.NotNull(EndpointChoice.TokenFor(open with { UserIdentityTokens = [Token("safe", "Basic256Sha256")] }, Named(), out _));
        Assert.Null(EndpointChoice.TokenFor(At("Basic256Sha256", 2) with { UserIdentityTokens = [Token("plain", "None")] }, Named(), out _));
    }

    [Theory]
    [InlineData("opc.tcp://0.0.0.0:4840/path", "opc.tcp://10.0.0.5:4840/path")]
    [InlineData("opc.tcp://PLC-7F3A:4840", "opc.tcp://10.0.0.5:4840/")]
    [InlineData("opc.tcp://localhost:4841/UA", "opc.tcp://10.0.0.5:4840/UA")]
    [InlineData("nonsense://", "opc.tcp://10.0.0.5:4840/")]
    [InlineData(null, "opc.tcp://10.0.0.5:4840/")]
    public void A_server_is_reached_where_it_answered_whatever_it_calls_itself(string? told, string expected) =>
        Assert.Equal(expected, EndpointChoice.Reachable(told, new("opc.tcp://10.0.0.5:4840/")).AbsoluteUri);

    private static OpcUaOptions Options() => new() { Endpoint = new("opc.tcp://m:4840") };
    private static OpcUaOptions Named() => Options() with { User = "op", Password = "word" };
    private static UserTokenPolicy Token(string id, string policy) => new() { PolicyId = id, TokenType = UserTokenType.UserName, SecurityPolicyUri = policy.Length > 0 ? Base + policy : null };

    private static EndpointDescription At(string policy, int mode) => new()
    {
        EndpointUrl = "opc.tcp://m:4840", SecurityPolicyUri = Base + policy, SecurityMode = (MessageSecurityMode)mode,
        UserIdentityTokens = [new() { PolicyId = "anonymous", TokenType = UserTokenType.Anonymous }],
    };
}
