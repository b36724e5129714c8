using Ieum.Model;

namespace Ieum.Connect.OpcUa.Client;

/// <summary>From an address to a standing session: asks for endpoints, picks one, opens the line, logs in, reads what the server is.</summary>
internal static class OpcUaDial
{
    /// <returns>The session, and whether the namespaces stand where they stood before.</returns>
    /// <exception cref="OpcUaException">The server refused, with the reason for the person.</exception>
    public static async Task<(OpcUaSession Session, bool IsSame)> SessionAsync(
        IDialer dialer, ConnectionSettings settings, OpcUaOptions options, ServerFacts facts, TimeProvider factory, CancellationToken cancel)
    {
        var endpoint = Pick(await dialer.EndpointsAsync(options.Endpoint, cancel).ConfigureAwait(false), options);
        var line = await dialer.OpenAsync(EndpointChoice.Reachable(endpoint.EndpointUrl, options.Endpoint), endpoint, options, cancel).ConfigureAwait(false);
        OpcUaSession? session = null;
        try
        {
            session = await OpcUaSession.CreateAsync(line, options, $"Ieum {settings.Source}", facts, factory, cancel).ConfigureAwait(false);
            return (session, await facts.LoadAsync(session, cancel).ConfigureAwait(false));
        }
        catch
        {
            if (session is not null) await session.CloseAsync(cancel).ConfigureAwait(false);
            await line.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The best endpoint that fits the settings and takes the log-in.</summary>
    public static EndpointDescription Pick(IReadOnlyList<EndpointDescription> offered, OpcUaOptions options)
    {
        var fitting = EndpointChoice.Fitting(offered, options);
        foreach (var e in fitting)
            if (EndpointChoice.TokenFor(e, options, out _) is not null) return e;
        var offers = string.Join(", ", offered.Select(EndpointChoice.Words).Distinct());
        if (fitting.Count == 0)
            throw new OpcUaException(StatusCodes.BadSecurityPolicyRejected, $"The server offers {(offers.Length > 0 ? offers : "nothing")}; asked for is security={options.Security}, mode={options.Mode}{(options.Legacy ? "" : ", without legacy=true")}.");
        var logins = string.Join(", ", fitting.SelectMany(e => e.UserIdentityTokens).Select(t => t.TokenType).Distinct());
        throw new OpcUaException(StatusCodes.BadIdentityTokenRejected,
            $"The server takes the log-ins {(logins.Length > 0 ? logins : "none")} there; set is {(options.User is not null ? "user name" : options.UserCertificate is not null ? "certificate" : "anonymous")}. A password is not sent in the clear unless security=none says so.");
    }
}
