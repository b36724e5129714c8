using System.Buffers;

namespace Ieum.Connect.Polling;

/// <summary>Size of one addressable cell.</summary>
internal enum CellSize : byte
{
    /// <summary>One bit; handed on as one byte of 0 or 1.</summary>
    Bit = 0,
    Byte = 1,
    /// <summary>Two bytes; handed on with the most significant byte first.</summary>
    Word = 2,
}

/// <summary>A row of cells that one request can read a stretch of: Modbus holding registers of one unit, SLMP D, S7 DB 5.</summary>
/// <param name="Device">Which device behind the connection (Modbus unit, FINS node); a silent one does not stop the others.</param>
/// <param name="Code">The protocol's own number of the area.</param>
/// <param name="Number">Number of the block where an area has several (S7 DB); 0 otherwise.</param>
internal readonly record struct RegisterArea(int Device, int Code, int Number, CellSize Cell)
{
    /// <summary>Bytes a cell has when it is handed on.</summary>
    public int CellBytes => Cell == CellSize.Word ? 2 : 1;
}

/// <summary>Where a point stands.</summary>
/// <param name="Bit">Bit of the cell, 0 the least significant; −1 when the address names none.</param>
/// <param name="Type">Type that the address itself tells (S7 <c>DB1.DBD4</c>); null: the point's type, else that of the area.</param>
internal readonly record struct RegisterPlace(RegisterArea Area, int Start, int Bit = -1, RegisterType? Type = null);

/// <summary>One read or write of neighbouring cells of one area.</summary>
/// <param name="Data">What to write, as cells are handed on; empty for a read.</param>
internal readonly record struct RegisterRequest(RegisterArea Area, int Start, int Count, ReadOnlyMemory<byte> Data = default)
{
    /// <summary>A read from several places: each of these, in this order; <see cref="Count"/> is their sum. Only for protocols with <see cref="IRegisterProtocol.MostGathered"/>.</summary>
    public IReadOnlyList<RegisterRequest>? Parts { get; init; }

    public bool IsWrite => !Data.IsEmpty;
    public int End => Start + Count;
}

/// <summary>How far a refusal reaches.</summary>
internal enum RefusalScope : byte
{
    /// <summary>One of the cells asked for: the block is split until the guilty point is found.</summary>
    Cell = 0,
    /// <summary>The whole area cannot be read this way; splitting would not help.</summary>
    Area = 1,
    /// <summary>The device is not there (a gateway says so): as if it were silent.</summary>
    Device = 2,
    /// <summary>Busy: the same request may succeed in the next round.</summary>
    Busy = 3,
}

/// <summary>The device took the connection, but not what the protocol says first.</summary>
/// <param name="rule">Stable id of the protocol's rule.</param>
internal sealed class OpeningRefused(string rule, string message) : IOException(message)
{
    public string Rule { get; } = rule;
}

/// <param name="Rule">Stable id of the protocol's rule.</param>
/// <param name="Message">The device's own answer in words.</param>
internal sealed record Refusal(string Rule, string Message, RefusalScope Scope);

internal enum AnswerKind : byte
{
    /// <summary>The cells asked for, all of them; or the write was taken.</summary>
    Done = 0,
    Refused = 1,
    /// <summary>A well-formed frame that is not the answer to this request (late, or for somebody else); it is passed over.</summary>
    Foreign = 2,
    /// <summary>No frame of this protocol; the connection is made anew.</summary>
    Garbage = 3,
    /// <summary>Nothing came within the time. Made by the link, never by a protocol.</summary>
    Silent = 4,
}

/// <param name="Data">Cells as they are handed on, exactly as many as asked for; valid until the next request.</param>
internal readonly record struct RegisterAnswer(AnswerKind Kind, ReadOnlyMemory<byte> Data = default, Refusal? Refusal = null)
{
    public static RegisterAnswer Foreign { get; } = new(AnswerKind.Foreign);
    public static RegisterAnswer Garbage { get; } = new(AnswerKind.Garbage);
    public static RegisterAnswer Silent { get; } = new(AnswerKind.Silent);
    public static RegisterAnswer Done(ReadOnlyMemory<byte> data) => new(AnswerKind.Done, data);
    public static RegisterAnswer Refused(string rule, string message, RefusalScope scope) => new(AnswerKind.Refused, default, new(rule, message, scope));
}

/// <summary>
/// All that a register protocol adds to the polling core: addresses, limits, requests, frames, answers. One object per
/// connection, used by one request at a time; no I/O of its own except <see cref="OpenAsync"/>.
/// </summary>
internal interface IRegisterProtocol
{
    /// <summary>Where an address of a point stands.</summary>
    /// <param name="why">What such an address looks like, when false.</param>
    bool TryPlace(string address, out RegisterPlace place, out string why);

    /// <summary>The address of a cell, as a point would name it; for messages and browsing.</summary>
    string AddressOf(RegisterArea area, int start);

    /// <summary>Most words that one request may read from several places, of any areas; 0: the protocol has no such request.</summary>
    int MostGathered => 0;

    /// <summary>What it most likely means when a connection is taken and nothing is ever answered; null: nothing special.</summary>
    Refusal? NeverAnswered => null;

    /// <summary>Why an area cannot be written; null when it can.</summary>
    Refusal? ReadOnly(RegisterArea area) => null;

    /// <summary>Most cells one request may read or write; asked anew after every <see cref="OpenAsync"/>.</summary>
    int MostCells(RegisterArea area, bool write);

    /// <summary>Whether an answer tells to which request it belongs. If not, the connection is made anew after a time-out, because the late answer could be taken for the next one.</summary>
    bool IsNumbered { get; }

    /// <summary>What is said before the first request: S7 connection set-up, FINS node addresses. Nothing by default.</summary>
    /// <exception cref="IOException">The device refuses the connection; the message says why. A <see cref="OpeningRefused"/> names a rule of the protocol.</exception>
    ValueTask OpenAsync(RegisterLink link, CancellationToken cancel) => ValueTask.CompletedTask;

    /// <param name="id">Number of the request on this connection, 1 to 65,535, then 1 again.</param>
    void Encode(in RegisterRequest request, ushort id, IBufferWriter<byte> into);

    /// <summary>Length of the first frame in what has been received: 0 more bytes are needed, −1 this is no frame of the protocol.</summary>
    int Cut(ReadOnlySpan<byte> received);

    /// <summary>Reads one frame. Never throws on foreign bytes.</summary>
    RegisterAnswer Decode(ReadOnlyMemory<byte> frame, in RegisterRequest request, ushort id);
}
