using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using Ieum.Connect.Polling;

namespace Ieum.Connect.Slmp;

/// <summary>SLMP for the polling core: places, limits, frames. Pure; one object per connection.</summary>
internal sealed class SlmpProtocol(SlmpFraming framing, SlmpRoute route, ushort timer) : IRegisterProtocol
{
    public bool IsNumbered => framing.Frame == SlmpFrame.Frame4E;

    public int MostGathered => SlmpLimits.Random(framing);

    public Refusal NeverAnswered { get; } = new(SlmpRules.NoAnswer,
        "takes the connection but does not answer. One port of a controller serves one client: another program may hold it (open one more connection in the Ethernet parameters). "
        + "Or frame, code or transport differ from the port's settings, or the controller was reset and still holds the old connection.", RefusalScope.Device);

    public bool TryPlace(string address, out RegisterPlace place, out string why)
    {
        place = default;
        if (!SlmpAddress.TryRead(address, framing.Cpu, out var at, out var wrong) || at.Number > int.MaxValue)
        {
            why = wrong ?? "the number is too large";
            return false;
        }
        (place, why) = (new(AreaOf(at.Device), (int)at.Number, at.Bit ?? -1), "");
        return true;
    }

    public string AddressOf(RegisterArea area, int start) => At(area, start).Text(framing.Cpu);

    public int MostCells(RegisterArea area, bool write) => area.Cell == CellSize.Bit ? SlmpLimits.BitsAsked : SlmpLimits.Words;

    public void Encode(in RegisterRequest request, ushort id, IBufferWriter<byte> into) =>
        into.Write(SlmpCodec.Encode(Asked(request), framing, route, id, timer));

    public int Cut(ReadOnlySpan<byte> received) => SlmpScan.Measure(received, framing.Frame, framing.Ascii, answers: true);

    public RegisterAnswer Decode(ReadOnlyMemory<byte> frame, in RegisterRequest request, ushort id)
    {
        if (!SlmpCodec.TryDecode(frame, framing, out var answer, out _)) return RegisterAnswer.Garbage;
        if (IsNumbered && answer.Serial != id) return RegisterAnswer.Foreign;
        if (answer.EndCode != 0) return Refused(answer);
        if (request.IsWrite) return answer.Data.IsEmpty ? RegisterAnswer.Done(default) : RegisterAnswer.Garbage;
        return Cells(answer.Data, request) is { } cells ? RegisterAnswer.Done(cells) : RegisterAnswer.Garbage;
    }

    public static RegisterArea AreaOf(string device) => AreaOf(SlmpDevices.All.First(d => d.Name == device));

    /// <summary>The question who the controller is (0101).</summary>
    public byte[] AskType() => SlmpCodec.Encode(new SlmpRequest.ReadType(), framing, route, 1, timer);

    /// <returns>False when the frame is no SLMP; an end code leaves the name empty.</returns>
    public bool TryType(ReadOnlyMemory<byte> frame, out string model)
    {
        model = "";
        if (!SlmpCodec.TryDecode(frame, framing, out var answer, out _)) return false;
        if (answer.EndCode == 0 && SlmpCodec.TryTypeName(answer.Data, framing.Ascii, out var type)) model = type.Model;
        return true;
    }

    private static RegisterArea AreaOf(SlmpDevice device) => new(0, device.Code, 0, device.IsBit ? CellSize.Bit : CellSize.Word);

    private static SlmpAddress At(RegisterArea area, int start) =>
        new(SlmpDevices.TryCode((byte)area.Code, out var device) ? device : throw new ArgumentException($"No device has the code {area.Code:X2}h.", nameof(area)), (uint)start);

    private static SlmpRequest Asked(in RegisterRequest request)
    {
        if (request.Parts is { } parts)
            return new SlmpRequest.ReadRandom([.. parts.SelectMany(p => Enumerable.Range(p.Start, p.Count).Select(n => At(p.Area, n)))], []);
        var head = At(request.Area, request.Start);
        var bits = request.Area.Cell == CellSize.Bit;
        if (!request.IsWrite) return bits ? new SlmpRequest.ReadBits(head, request.Count) : new SlmpRequest.ReadWords(head, request.Count);
        var data = request.Data.Span;
        if (bits)
        {
            var values = ImmutableArray.CreateBuilder<bool>(data.Length);
            foreach (var one in data) values.Add(one != 0);
            return new SlmpRequest.WriteBits(head, values.MoveToImmutable());
        }
        var words = ImmutableArray.CreateBuilder<ushort>(data.Length / 2);
        for (var i = 0; i + 1 < data.Length; i += 2) words.Add(BinaryPrimitives.ReadUInt16BigEndian(data[i..]));
        return new SlmpRequest.WriteWords(head, words.MoveToImmutable());
    }

    private byte[]? Cells(ReadOnlyMemory<byte> data, in RegisterRequest request)
    {
        if (request.Area.Cell == CellSize.Bit)
        {
            var bits = new bool[request.Count];
            return SlmpCodec.TryBits(data, framing.Ascii, bits) ? Array.ConvertAll(bits, b => (byte)(b ? 1 : 0)) : null;
        }
        var words = new ushort[request.Count];
        if (!SlmpCodec.TryWords(data, framing.Ascii, words)) return null;
        var cells = new byte[words.Length * 2];
        for (var i = 0; i < words.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(cells.AsSpan(i * 2), words[i]);
        return cells;
    }

    private static RegisterAnswer Refused(SlmpAnswer answer)
    {
        var rule = SlmpEndCodes.Of(answer.EndCode).Rule;
        var scope = rule switch
        {
            SlmpRules.OutsideRange => RefusalScope.Cell,
            SlmpRules.Busy => RefusalScope.Busy,
            SlmpRules.NotForThisStation or SlmpRules.CodeDiffers or SlmpRules.Locked => RefusalScope.Device,
            SlmpRules.EndCode or SlmpRules.RequestWrong or SlmpRules.WriteLocked => RefusalScope.Cell,
            _ => RefusalScope.Area,
        };
        return RegisterAnswer.Refused(rule, SlmpEndCodes.Describe(answer.EndCode, answer.Error), scope);
    }
}
