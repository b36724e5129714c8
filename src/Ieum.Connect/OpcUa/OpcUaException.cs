namespace Ieum.Connect.OpcUa;

/// <summary>The server answered a request with a bad status, or the line to it failed. Its data is not in question; the caller decides what follows.</summary>
/// <param name="status">What the server said, or the code of the standard for what happened to the line.</param>
/// <param name="message">From whom, about what, and what the reader can do.</param>
internal sealed class OpcUaException(StatusCode status, string message, Exception? inner = null) : Exception(message, inner)
{
    public StatusCode Status { get; } = status;

    /// <summary>The rule of <see cref="OpcUaRules"/> that was broken, where this side knows better than the status says; else null.</summary>
    public string? Rule { get; init; }

    /// <summary>The server answered so; false: the line broke, or this side gave up.</summary>
    public bool IsAnswer { get; init; }

    public OpcUaException(StatusCode status) : this(status, status.Name) { }
}
