using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using Ieum.Connect.Polling;
using Ieum.Connect.Xgt;
using Ieum.Sim.Registers;

namespace Ieum.Sim.Xgt;

/// <summary>An XGK CPU behind its FEnet module: device D holds the registers of the machine, device M the bits that clients may write.</summary>
internal sealed class XgtSpeech : IRegisterSpeech
{
    private const int WrongCommand = 0x78, WrongDevice = 0x03, OutOfRange = 0x04, WrongType = 0x02, TooLong = 0x05, MostBytes = 1_400;

    /// <summary>The memory for this protocol: long values lie low word first.</summary>
    public const RegisterOrder WordOrder = RegisterOrder.Cdab;

    public static RegisterServer Server() => new("xgt",
        word => string.Create(CultureInfo.InvariantCulture, $"D{word}"), [0x4C, 0x53, 0x00, 0xFF, .. new byte[20]], () => new XgtSpeech());

    public int Cut(ReadOnlySpan<byte> received)
    {
        if (received.Length < XgtHeader.Size) return 0;
        if (!XgtHeader.TryRead(received, out var header, out _)) return -1;
        return received.Length < XgtHeader.Size + header.Length ? 0 : XgtHeader.Size + header.Length;
    }

    public void Answer(ReadOnlySpan<byte> request, RegisterMemory memory, IBufferWriter<byte> into)
    {
        if (!XgtHeader.TryRead(request, out var header, out _)) return;
        var reply = XgtCodec.TryDecodeRequest(request[XgtHeader.Size..], out var asked, out _) ? Serve(asked!, memory) : new(false, XgtType.Word, WrongCommand, []);
        into.Write(XgtCodec.Encode(reply, header.InvokeId, header.Cpu));
    }

    private static XgtReply Serve(XgtRequest asked, RegisterMemory memory)
    {
        switch (asked)
        {
            case XgtRequest.ReadRun r:
                var code = Read(r.Name, XgtType.Byte, r.Bytes, memory, out var run);
                return new(false, XgtType.Continuous, code, code == 0 ? [run] : []);
            case XgtRequest.ReadEach r:
                var blocks = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>();
                foreach (var name in r.Names)
                {
                    if (Read(name, r.Type, Width(r.Type), memory, out var one) is var error and not 0) return new(false, r.Type, error, []);
                    blocks.Add(one);
                }
                return new(false, r.Type, 0, blocks.ToImmutable());
            case XgtRequest.WriteRun w:
                return new(true, XgtType.Continuous, Write(w.Block, XgtType.Byte, memory), []);
            case XgtRequest.WriteEach w:
                foreach (var block in w.Blocks)
                    if (Write(block, w.Type, memory) is var error and not 0) return new(true, w.Type, error, []);
                return new(true, w.Type, 0, []);
            default:
                return new(false, XgtType.Word, WrongCommand, []);
        }
    }

    private static int Width(XgtType type) => type switch { XgtType.Word => 2, XgtType.DoubleWord => 4, XgtType.LongWord => 8, _ => 1 };

    private static int Read(string name, XgtType type, int bytes, RegisterMemory memory, out byte[] data)
    {
        data = [];
        if (!XgtAddress.TryParse(name, out var a) || a.Device is not ('D' or 'M')) return WrongDevice;
        if (bytes is < 1 or > MostBytes) return TooLong;
        if ((type == XgtType.Bit) != (a.Size == XgtSize.Bit)) return WrongType;
        if (a.Device == 'M')
        {
            var bits = new bool[type == XgtType.Bit ? 1 : bytes * 8];
            if (!memory.TryReadBits(type == XgtType.Bit ? a.Index : a.Index * a.BytesPerPiece * 8, bits.Length, bits)) return OutOfRange;
            data = new byte[type == XgtType.Bit ? 1 : bytes];
            for (var i = 0; i < bits.Length; i++) data[i / 8] |= (byte)(bits[i] ? 1 << (i % 8) : 0);
            return 0;
        }
        if (type == XgtType.Bit) return WrongDevice;
        var first = a.Index * a.BytesPerPiece;
        var words = new byte[2 * ((first + bytes + 1) / 2 - first / 2)];
        if (!memory.TryRead(first / 2, words.Length / 2, words)) return OutOfRange;
        Turn(words);
        data = words[(first % 2)..(first % 2 + bytes)];
        return 0;
    }

    private static int Write(XgtBlock block, XgtType type, RegisterMemory memory)
    {
        if (!XgtAddress.TryParse(block.Name, out var a) || a.Device is not ('D' or 'M')) return WrongDevice;
        if ((type == XgtType.Bit) != (a.Size == XgtSize.Bit) || block.Data.IsEmpty) return WrongType;
        if (type == XgtType.Bit) return a.Device != 'M' ? WrongDevice : memory.TryWriteBits(a.Index, [block.Data.Span[0] != 0]) ? 0 : OutOfRange;
        var first = a.Index * a.BytesPerPiece;
        if (a.Device != 'D' || first % 2 != 0 || block.Data.Length % 2 != 0) return WrongType;
        var words = block.Data.ToArray();
        Turn(words);
        return memory.TryWrite(first / 2, words) ? 0 : OutOfRange;
    }

    private static void Turn(byte[] b)
    {
        for (var i = 0; i + 1 < b.Length; i += 2) (b[i], b[i + 1]) = (b[i + 1], b[i]);
    }
}
