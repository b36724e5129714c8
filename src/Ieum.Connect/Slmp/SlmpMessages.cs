using System.Collections.Immutable;

namespace Ieum.Connect.Slmp;

/// <summary>3E without, 4E with a serial number that the answer repeats.</summary>
internal enum SlmpFrame { Frame3E = 0, Frame4E = 1 }

/// <summary>How a connection writes its frames.</summary>
/// <param name="Ascii">Every byte as hexadecimal text; otherwise binary, little-endian.</param>
/// <param name="Cpu">Decides octal numbers and, for iQ-R, the wide form of device numbers.</param>
internal readonly record struct SlmpFraming(SlmpFrame Frame, bool Ascii, SlmpCpu Cpu)
{
    /// <summary>iQ-R subcommands 0002 and 0003: device number 4 bytes, device code 2 bytes.</summary>
    public bool IsWide => Cpu == SlmpCpu.IqR;
}

/// <summary>Which station of which network answers. The default is the controller the cable ends at.</summary>
/// <param name="Network">0 own network, 1 to 239.</param>
/// <param name="Station">255 own station, 1 to 120.</param>
/// <param name="ModuleIo">Start I/O number: 0x03FF own CPU, 0x03E0 to 0x03E3 CPU 1 to 4 of a multiple system.</param>
/// <param name="Multidrop">0 own, 1 to 31.</param>
internal readonly record struct SlmpRoute(byte Network, byte Station, ushort ModuleIo, byte Multidrop)
{
    public static SlmpRoute Own { get; } = new(0, 0xFF, 0x03FF, 0);
}

/// <summary>Every command this product can say. What is not here cannot be sent: no remote run, stop, pause, latch clear or reset (1001 to 1006), no password, no file.</summary>
internal enum SlmpCommand : ushort
{
    ReadType = 0x0101,
    Read = 0x0401,
    ReadRandom = 0x0403,
    Loopback = 0x0619,
    Write = 0x1401,
    WriteRandom = 0x1402,
}

/// <summary>One question to a controller. Closed: the cases below are all there are.</summary>
internal abstract record SlmpRequest
{
    private SlmpRequest() { }

    public abstract SlmpCommand Command { get; }

    /// <summary>Subcommand 0001: in bits; 0000: in words. iQ-R adds 2.</summary>
    public virtual bool InBits => false;

    /// <summary>0401 in words. Of bit devices 16 come in one word, the lowest first; their head should be a multiple of 16.</summary>
    /// <param name="Count">Words, 1 to 960.</param>
    public sealed record ReadWords(SlmpAddress Head, int Count) : SlmpRequest { public override SlmpCommand Command => SlmpCommand.Read; }

    /// <summary>0401 in bits.</summary>
    /// <param name="Count">Bits, 1 to 7,168.</param>
    public sealed record ReadBits(SlmpAddress Head, int Count) : SlmpRequest
    {
        public override SlmpCommand Command => SlmpCommand.Read;
        public override bool InBits => true;
    }

    /// <summary>0403: scattered words and double words, answered in this order.</summary>
    public sealed record ReadRandom(ImmutableArray<SlmpAddress> Words, ImmutableArray<SlmpAddress> DoubleWords) : SlmpRequest { public override SlmpCommand Command => SlmpCommand.ReadRandom; }

    public sealed record WriteWords(SlmpAddress Head, ImmutableArray<ushort> Words) : SlmpRequest { public override SlmpCommand Command => SlmpCommand.Write; }

    public sealed record WriteBits(SlmpAddress Head, ImmutableArray<bool> Bits) : SlmpRequest
    {
        public override SlmpCommand Command => SlmpCommand.Write;
        public override bool InBits => true;
    }

    /// <summary>1402 in words and double words.</summary>
    public sealed record WriteRandomWords(ImmutableArray<(SlmpAddress At, ushort Value)> Words, ImmutableArray<(SlmpAddress At, uint Value)> DoubleWords) : SlmpRequest { public override SlmpCommand Command => SlmpCommand.WriteRandom; }

    /// <summary>1402 in bits.</summary>
    public sealed record WriteRandomBits(ImmutableArray<(SlmpAddress At, bool Value)> Bits) : SlmpRequest
    {
        public override SlmpCommand Command => SlmpCommand.WriteRandom;
        public override bool InBits => true;
    }

    /// <summary>0101: name and code of the controller.</summary>
    public sealed record ReadType : SlmpRequest { public override SlmpCommand Command => SlmpCommand.ReadType; }

    /// <summary>0619: the controller sends the text back.</summary>
    /// <param name="Text">1 to 960 of the characters 0-9 and A-F.</param>
    public sealed record Loopback(string Text) : SlmpRequest { public override SlmpCommand Command => SlmpCommand.Loopback; }
}

/// <summary>A request as it arrives at a controller (the simulator's side).</summary>
internal sealed record SlmpCall(ushort Serial, SlmpRoute Route, SlmpRequest Request);

/// <summary>One answer of a controller.</summary>
/// <param name="Serial">4E: that of the request; 3E: 0.</param>
/// <param name="EndCode">0 is good; see <see cref="SlmpEndCodes"/>.</param>
/// <param name="Data">What the command answers, still as it stands on the wire; empty with an end code.</param>
/// <param name="Error">Who refused, when it told.</param>
internal readonly record struct SlmpAnswer(ushort Serial, SlmpRoute Route, ushort EndCode, ReadOnlyMemory<byte> Data, SlmpErrorInfo? Error);

/// <summary>The nine bytes that follow an end code: the station that refused and the command it refused.</summary>
internal readonly record struct SlmpErrorInfo(SlmpRoute Station, ushort Command, ushort Subcommand);

/// <param name="Model">Name of the controller, such as <c>R04CPU</c>; at most 16 characters.</param>
/// <param name="Code">Its model code.</param>
internal readonly record struct SlmpTypeName(string Model, ushort Code);
