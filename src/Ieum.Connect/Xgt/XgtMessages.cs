using System.Collections.Immutable;

namespace Ieum.Connect.Xgt;

/// <summary>Data type word of an XGT instruction (FEnet manual, chapter 8).</summary>
internal enum XgtType : ushort { Bit = 0, Byte = 1, Word = 2, DoubleWord = 3, LongWord = 4, Continuous = 0x14 }

/// <summary>CPU information byte of the header. Modules answer whatever stands there; it is sent for those that look.</summary>
internal enum XgtCpu : byte { Xgk = 0xA0, Xgi = 0xA4, Xgr = 0xA8, XgbMk = 0xB0, XgbIec = 0xB4 }

/// <summary>One named variable with the bytes to write to it, or that were read from it.</summary>
internal readonly record struct XgtBlock(string Name, ReadOnlyMemory<byte> Data);

/// <summary>What a client asks. The dedicated service has reads and writes only: nothing here starts, stops or resets a PLC.</summary>
internal abstract record XgtRequest
{
    private XgtRequest() { }

    /// <summary>Up to 16 variables of one type, each by its name.</summary>
    public sealed record ReadEach(XgtType Type, ImmutableArray<string> Names) : XgtRequest;

    /// <param name="Name">A byte variable such as <c>%DB200</c>: continuous access is by bytes only.</param>
    /// <param name="Bytes">1 to 1,400; XGB modules allow 512.</param>
    public sealed record ReadRun(string Name, int Bytes) : XgtRequest;

    public sealed record WriteEach(XgtType Type, ImmutableArray<XgtBlock> Blocks) : XgtRequest;
    public sealed record WriteRun(XgtBlock Block) : XgtRequest;
}

/// <summary>What the module answers.</summary>
/// <param name="IsWrite">Answers a write; such an answer carries no blocks.</param>
/// <param name="Error">Code of the module; 0 when it did what it was asked.</param>
internal sealed record XgtReply(bool IsWrite, XgtType Type, int Error, ImmutableArray<ReadOnlyMemory<byte>> Blocks);
