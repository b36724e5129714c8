using System.Collections.Immutable;

namespace Ieum.Connect.S7;

/// <summary>Memory area of an S7 CPU, as it stands in an item.</summary>
internal enum S7Area : byte { Inputs = 0x81, Outputs = 0x82, Flags = 0x83, DataBlock = 0x84, Timers = 0x1D, Counters = 0x1C }

/// <summary>A stretch of bytes of one area, or one bit of it.</summary>
/// <param name="Block">Number of the data block; 0 in other areas.</param>
/// <param name="Start">First byte.</param>
/// <param name="Length">Bytes; 1 for a bit.</param>
/// <param name="Bit">0 to 7 for a single bit, else null.</param>
internal readonly record struct S7Item(S7Area Area, int Block, int Start, int Length, int? Bit = null);

/// <summary>One item with the bytes to write; a bit is one byte, 0 or 1.</summary>
internal readonly record struct S7Value(S7Item Item, ReadOnlyMemory<byte> Data);

/// <summary>What a client asks. There is no word for stop, start, download or delete: the node cannot say them.</summary>
internal abstract record S7Request
{
    private S7Request() { }

    /// <param name="Jobs">Requests that may be under way at once.</param>
    /// <param name="PduLength">Longest message the client takes; the CPU answers with what it takes.</param>
    public sealed record SetUp(int Jobs, int PduLength) : S7Request;

    public sealed record Read(ImmutableArray<S7Item> Items) : S7Request;
    public sealed record Write(ImmutableArray<S7Value> Values) : S7Request;
}

/// <summary>What became of one item.</summary>
/// <param name="Code">0xFF: done. Otherwise the CPU's return code.</param>
internal readonly record struct S7ItemAnswer(byte Code, ReadOnlyMemory<byte> Data)
{
    public bool Done => Code == 0xFF;
}

/// <summary>What the CPU answers.</summary>
/// <param name="Error">Error class and code of the header, class in the high byte; 0 when the request was taken.</param>
internal abstract record S7Reply(int Error)
{
    public sealed record SetUp(int Error, int Jobs, int PduLength) : S7Reply(Error);
    public sealed record Read(int Error, ImmutableArray<S7ItemAnswer> Items) : S7Reply(Error);
    public sealed record Write(int Error, ImmutableArray<byte> Codes) : S7Reply(Error);
}
