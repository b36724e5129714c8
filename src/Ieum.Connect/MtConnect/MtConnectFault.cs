namespace Ieum.Connect.MtConnect;

/// <summary>A source of MTConnect data broke a rule in a way that ends the present request; the connection is made anew.</summary>
/// <param name="rule">Stable id; also the key of the translated text.</param>
internal sealed class MtConnectFault(string rule, string message) : Exception(message)
{
    public string Rule { get; } = rule;
}
