namespace Ieum.Connect.OpcUa.Client;

/// <summary>A session as those who use it see it: ask something, get the answer or an <see cref="OpcUaException"/>.</summary>
internal interface IOpcUaServices
{
    /// <summary>What the server is and how much it takes at once.</summary>
    ServerFacts Facts { get; }

    /// <summary>Sends one request and waits for its answer. Any number may be under way.</summary>
    /// <param name="request">Makes the request around the header the session fills in.</param>
    /// <param name="limit">How long the answer may take, wire time; null: the limit of the connection.</param>
    /// <exception cref="OpcUaException">The server answered with a bad service result, or the line failed.</exception>
    Task<TResponse> CallAsync<TResponse>(Func<RequestHeader, IServiceRequest> request, CancellationToken cancel, TimeSpan? limit = null)
        where TResponse : class, IServiceResponse;
}
