using System.CommandLine;
using System.Text.Json;
using Ieum.Connect;
using Ieum.Connect.OpcUa;

namespace Ieum.Node.Cli;

/// <summary><c>ieum connect trust</c>: the click on <i>Trust</i> of the connect page, for who has no page.</summary>
internal static class TrustVerb
{
    public static Command Make(Option<string> folder, Option<bool> json, Func<string, Func<IServiceProvider, Task<int>>, Task<int>> run)
    {
        var thumbprint = new Argument<string?>("THUMBPRINT") { Description = "SHA-1 of the certificate, as the machine shows it; left out: lists those that wait and those that are trusted.", Arity = ArgumentArity.ZeroOrOne };
        var remove = new Option<bool>("--remove") { Description = "Trusts it no more." };
        var trust = new Command("trust", "Trusts the certificate of an OPC UA server that was refused because nobody had trusted it. Compare the thumbprint at the machine first.") { thumbprint, remove, folder, json };
        trust.SetAction((p, _) => run(p.GetValue(folder)!, services => Task.FromResult(
            p.GetValue(thumbprint) is { } given ? Say(services.GetRequiredService<ICertificateTrust>(), given, p.GetValue(remove)) : List(services.GetRequiredService<ICertificateTrust>(), p.GetValue(json)))));
        return trust;
    }

    /// <summary>What to type after a test or a browse that a certificate stopped; null when no certificate did.</summary>
    /// <param name="message">Of the answer; it names the thumbprint.</param>
    public static string? Hint(ICertificateTrust trust, string? rule, string message, string folder) =>
        rule is OpcUaRules.CertificateUntrusted or OpcUaRules.CertificateChanged && trust.Rejected.FirstOrDefault(c => message.Contains(c.Thumbprint, StringComparison.OrdinalIgnoreCase)) is { } waiting
            ? $"Compare the thumbprint with the one the machine shows. When they are equal: ./ieum connect trust {waiting.Thumbprint} --data {folder}" : null;

    private static int Say(ICertificateTrust trust, string given, bool remove)
    {
        // Displays write AB:CD or AB CD.
        var thumbprint = string.Concat(given.Where(char.IsAsciiHexDigit)).ToUpperInvariant();
        if (remove ? trust.Distrust(thumbprint) : trust.Trust(thumbprint))
        {
            Terminal.Answer($"{thumbprint} is {(remove ? "no longer trusted" : "trusted")}.");
            return 0;
        }
        Terminal.Error($"No {(remove ? "trusted" : "refused")} certificate has the thumbprint '{given}'. './ieum connect trust' lists them; a server is listed after './ieum connect test' has met it.");
        return 1;
    }

    private static int List(ICertificateTrust trust, bool json)
    {
        if (json) Terminal.Answer(JsonSerializer.Serialize(new { trusted = trust.Trusted, rejected = trust.Rejected }, ConnectVerb.Json));
        else
            foreach (var (state, c) in trust.Rejected.Select(c => ("refused", c)).Concat(trust.Trusted.Select(c => ("trusted", c))))
                Terminal.Answer(FormattableString.Invariant($"{state}  {c.Thumbprint}  {c.Name}  {c.ApplicationUri}  until {c.NotAfter:yyyy-MM-dd}"));
        return 0;
    }
}
