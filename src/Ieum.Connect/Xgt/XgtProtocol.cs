using System.Buffers;
using System.Globalization;
using Ieum.Connect.Polling;

namespace Ieum.Connect.Xgt;

/// <summary>What XGT adds to the polling core. Words and bits are read as runs of bytes, which every module serves; bits are written by name, so that their neighbours are never touched.</summary>
internal sealed class XgtProtocol(XgtOptions options) : IRegisterProtocol
{
    public bool IsNumbered => true;

    public bool TryPlace(string address, out RegisterPlace place, out string why)
    {
        (place, why) = (default, "");
        if (!XgtAddress.TryParse(address, out var a))
        {
            why = XgtAddress.Form;
            return false;
        }
        place = a.Size switch
        {
            XgtSize.Bit => new(Area(a.Device, CellSize.Bit), a.Index, Type: new(RegisterKind.Bool, 0)),
            XgtSize.Byte => new(Area(a.Device, CellSize.Byte), a.Index, Type: new(RegisterKind.UInt8, 1)),
            XgtSize.Word => new(Area(a.Device, CellSize.Word), a.Index, a.Bit),
            XgtSize.DoubleWord => new(Area(a.Device, CellSize.Word), a.Index * 2, Type: new(RegisterKind.UInt32, 4)),
            _ => new(Area(a.Device, CellSize.Word), a.Index * 4, Type: new(RegisterKind.UInt64, 8)),
        };
        return true;
    }

    public string AddressOf(RegisterArea area, int start) =>
        string.Create(CultureInfo.InvariantCulture, $"%{(char)area.Code}{area.Cell switch { CellSize.Bit => 'X', CellSize.Byte => 'B', _ => 'W' }}{start}");

    public int MostCells(RegisterArea area, bool write) => area.Cell switch
    {
        CellSize.Bit => write ? XgtCodec.MostBlocks : options.MostBytes * 8 - 8,
        CellSize.Byte => options.MostBytes,
        _ => options.MostBytes / 2,
    };

    public void Encode(in RegisterRequest request, ushort id, IBufferWriter<byte> into) => into.Write(XgtCodec.Encode(RequestOf(request), id, options.Cpu));

    public int Cut(ReadOnlySpan<byte> received)
    {
        if (received.Length < XgtHeader.Size) return 0;
        if (!XgtHeader.TryRead(received, out var header, out _)) return -1;
        var length = XgtHeader.Size + header.Length;
        return received.Length < length ? 0 : length;
    }

    public RegisterAnswer Decode(ReadOnlyMemory<byte> frame, in RegisterRequest request, ushort id)
    {
        if (!XgtHeader.TryRead(frame.Span, out var header, out _) || header.FromClient) return RegisterAnswer.Garbage;
        if (header.InvokeId != id) return RegisterAnswer.Foreign;
        if (!XgtCodec.TryDecodeReply(frame.Span[XgtHeader.Size..], out var reply, out _) || reply!.IsWrite != request.IsWrite) return RegisterAnswer.Garbage;
        if (reply.Error != 0)
            return RegisterAnswer.Refused(XgtRules.Refused,
                string.Create(CultureInfo.InvariantCulture, $"{AddressOf(request.Area, request.Start)}: code 0x{reply.Error:X2}, {XgtErrors.Text(reply.Error)}"),
                XgtErrors.IsOfAddress(reply.Error) || reply.Error is 5 or 6 ? RefusalScope.Cell : RefusalScope.Area);
        if (request.IsWrite) return RegisterAnswer.Done(default);
        if (reply.Blocks.Length != 1) return RegisterAnswer.Garbage;
        return Cells(reply.Blocks[0], request) is { } cells ? RegisterAnswer.Done(cells) : RegisterAnswer.Garbage;
    }

    private static RegisterArea Area(char device, CellSize cell) => new(0, device, 0, cell);

    private XgtRequest RequestOf(in RegisterRequest r)
    {
        var (device, area, start) = ((char)r.Area.Code, r.Area, r.Start);
        if (!r.IsWrite)
        {
            var (first, bytes) = Span(r);
            return new XgtRequest.ReadRun(string.Create(CultureInfo.InvariantCulture, $"%{device}B{first}"), bytes);
        }
        if (area.Cell == CellSize.Bit)
        {
            var data = r.Data;
            return new XgtRequest.WriteEach(XgtType.Bit, [.. Enumerable.Range(0, r.Count).Select(i => new XgtBlock(AddressOf(area, start + i), data.Slice(i, 1)))]);
        }
        var turned = r.Data.ToArray();
        if (area.Cell == CellSize.Word) SwapWords(turned);
        return new XgtRequest.WriteRun(new(string.Create(CultureInfo.InvariantCulture, $"%{device}B{Span(r).First}"), turned));
    }

    /// <summary>The bytes that hold the cells of a request.</summary>
    private static (int First, int Count) Span(in RegisterRequest r) => r.Area.Cell switch
    {
        CellSize.Bit => (r.Start / 8, (r.End + 7) / 8 - r.Start / 8),
        CellSize.Byte => (r.Start, r.Count),
        _ => (r.Start * 2, r.Count * 2),
    };

    private static ReadOnlyMemory<byte>? Cells(ReadOnlyMemory<byte> run, in RegisterRequest r)
    {
        if (run.Length != Span(r).Count) return null;
        if (r.Area.Cell == CellSize.Byte) return run;
        if (r.Area.Cell == CellSize.Word)
        {
            // Words come with the low byte first; the core wants the high one first.
            var turned = run.ToArray();
            SwapWords(turned);
            return turned;
        }
        return BitCells.Unpack(run.Span, r.Start % 8, r.Count);
    }

    private static void SwapWords(byte[] b)
    {
        for (var i = 0; i + 1 < b.Length; i += 2) (b[i], b[i + 1]) = (b[i + 1], b[i]);
    }
}
