namespace Ieum.Node.Loop;

/// <summary>Set once everything is loaded and every connection was started.</summary>
internal sealed class ReadyFlag
{
    public bool Ready { get; set; }
}
