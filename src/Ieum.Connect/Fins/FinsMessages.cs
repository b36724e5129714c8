namespace Ieum.Connect.Fins;

/// <summary>Every command this product can say. What is not here cannot be sent: no RUN or STOP (0401, 0402), no clock, no forced bits, no program transfer.</summary>
internal enum FinsCommand : ushort
{
    MemoryRead = 0x0101,
    MemoryWrite = 0x0102,
    ControllerData = 0x0501,
}

/// <summary>Network, node and unit of both ends (FINS header).</summary>
/// <param name="Network">0 own network, 1 to 127.</param>
/// <param name="Node">1 to 254; over TCP 0 asks the controller for it.</param>
/// <param name="Unit">0 CPU unit, 16 to 31 CPU bus units, 225 inner board.</param>
internal readonly record struct FinsPeer(byte Network, byte Node, byte Unit);

/// <summary>One question to a controller. Closed: the cases below are all there are.</summary>
internal abstract record FinsRequest
{
    private FinsRequest() { }
    public abstract FinsCommand Command { get; }

    /// <summary>0101.</summary>
    /// <param name="AreaCode">Code of words or of bits.</param>
    /// <param name="Bit">First bit; 0 for words.</param>
    /// <param name="Count">Words or bits.</param>
    public sealed record Read(byte AreaCode, ushort Word, byte Bit, ushort Count) : FinsRequest { public override FinsCommand Command => FinsCommand.MemoryRead; }

    /// <summary>0102.</summary>
    /// <param name="Data">Two bytes a word, most significant first; one byte a bit.</param>
    public sealed record Write(byte AreaCode, ushort Word, byte Bit, ushort Count, ReadOnlyMemory<byte> Data) : FinsRequest { public override FinsCommand Command => FinsCommand.MemoryWrite; }

    /// <summary>0501: model and version.</summary>
    public sealed record ControllerData : FinsRequest { public override FinsCommand Command => FinsCommand.ControllerData; }
}

/// <summary>One FINS frame with an answer in it.</summary>
/// <param name="ServiceId">That of the request.</param>
/// <param name="Command">The command it answers.</param>
/// <param name="EndCode">0 is good; the flags of CPU errors and relays are taken out.</param>
internal readonly record struct FinsAnswer(byte ServiceId, ushort Command, ushort EndCode, FinsPeer From, ReadOnlyMemory<byte> Data);

/// <summary>One request as it arrives at a controller (the simulator's side).</summary>
internal sealed record FinsCall(byte ServiceId, FinsPeer To, FinsPeer From, FinsRequest Request);

/// <summary>What the TCP envelope carries.</summary>
internal enum FinsTcpCommand : uint { ClientNode = 0, ServerNode = 1, Frame = 2, Error = 3, Confirm = 6 }
