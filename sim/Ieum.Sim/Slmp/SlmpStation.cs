using System.Globalization;
using Ieum.Connect.Slmp;
using Ieum.Sim.Registers;
using Ieum.Sim.Stations;

namespace Ieum.Sim.Slmp;

/// <summary>What a MELSEC controller answers to SLMP requests. Form and code of the frames follow the client.</summary>
/// <param name="model">Name told by 0101.</param>
/// <param name="cpu">Decides octal numbers in ASCII; whether the wide form is used tells every request by itself.</param>
internal sealed class SlmpStation(ICells memory, string model, SlmpCpu cpu)
{
    private const ushort ModelCode = 0x4800;

    /// <summary>Called before a request is carried out; a code other than 0 refuses it.</summary>
    public Func<SlmpRequest, ushort>? Refusing { get; set; }

    /// <summary>A Q controller over the registers of a machine: words are D, bits are M.</summary>
    public static RegisterServer Server() => new("slmp", word => string.Create(CultureInfo.InvariantCulture, $"D{word}"), "\0\u0001\u0002 no frame"u8.ToArray(),
        () => new StationSpeech(memory => Of(memory).Open(false), new Session(null)));

    private static SlmpStation Of(RegisterMemory memory) => new(new RegisterCells(memory, 0xA8, 0x90, bitsAsWords: false), "Q03UDVCPU", SlmpCpu.Q);

    public IStationSession Open(bool isDatagram) => new Session(this);

    private byte[] Answer(ReadOnlySpan<byte> frame, SlmpFraming framing)
    {
        if (!SlmpServerCodec.TryDecode(frame, framing, out var head, out var call, out var end)) return SlmpServerCodec.Refuse(head, framing, end);
        if (call.Route != SlmpRoute.Own) return SlmpServerCodec.Refuse(head, framing, SlmpEndCodes.NotForThisStation);
        if (Refusing?.Invoke(call.Request) is > 0 and var refused) return SlmpServerCodec.Refuse(head, framing, refused);
        Action<SlmpWriter>? data = null;
        end = call.Request switch
        {
            SlmpRequest.ReadWords r => ReadWords(r.Head, r.Count, ref data),
            SlmpRequest.ReadBits r => ReadBits(r, ref data),
            SlmpRequest.ReadRandom r => ReadRandom(r, ref data),
            SlmpRequest.WriteWords w => WriteWords(w.Head, w.Words.AsSpan()),
            SlmpRequest.WriteBits w => Written(w.Head, [.. w.Bits.Select(b => (ushort)(b ? 1 : 0))]),
            SlmpRequest.WriteRandomWords w => WriteRandom(w),
            SlmpRequest.WriteRandomBits w => w.Bits.Select(b => Written(b.At, [(ushort)(b.Value ? 1 : 0)])).FirstOrDefault(e => e != 0),
            SlmpRequest.ReadType => Told(w => w.Text(model.PadRight(16)).U16(ModelCode), ref data),
            SlmpRequest.Loopback l => Told(w => w.U16((ushort)l.Text.Length).Text(l.Text), ref data),
            _ => SlmpEndCodes.CommandWrong,
        };
        return end == 0 ? SlmpServerCodec.Answer(head, framing, data) : SlmpServerCodec.Refuse(head, framing, end);
    }

    private static ushort Told(Action<SlmpWriter> write, ref Action<SlmpWriter>? data)
    {
        data = write;
        return 0;
    }

    private ushort ReadWords(SlmpAddress head, int count, ref Action<SlmpWriter>? data)
    {
        var words = new ushort[count];
        if (Words(head, words) is > 0 and var end) return end;
        data = w => { foreach (var word in words) w.U16(word); };
        return 0;
    }

    private ushort ReadBits(SlmpRequest.ReadBits request, ref Action<SlmpWriter>? data)
    {
        var cells = new ushort[request.Count];
        if (!memory.TryRead(request.Head.Device.Code, request.Head.Number, cells)) return Outside(request.Head);
        data = w => w.Bits(Array.ConvertAll(cells, c => c != 0));
        return 0;
    }

    private ushort ReadRandom(SlmpRequest.ReadRandom request, ref Action<SlmpWriter>? data)
    {
        var (words, doubles) = (new ushort[request.Words.Length], new ushort[request.DoubleWords.Length * 2]);
        for (var i = 0; i < words.Length; i++)
            if (Words(request.Words[i], words.AsSpan(i, 1)) is > 0 and var end) return end;
        for (var i = 0; i < request.DoubleWords.Length; i++)
            if (Words(request.DoubleWords[i], doubles.AsSpan(i * 2, 2)) is > 0 and var end) return end;
        data = w =>
        {
            foreach (var word in words) w.U16(word);
            for (var i = 0; i < doubles.Length; i += 2) w.U32((uint)(doubles[i] | doubles[i + 1] << 16));
        };
        return 0;
    }

    private ushort WriteRandom(SlmpRequest.WriteRandomWords request)
    {
        foreach (var (at, value) in request.Words)
            if (WriteWords(at, [value]) is > 0 and var end) return end;
        foreach (var (at, value) in request.DoubleWords)
            if (WriteWords(at, [(ushort)value, (ushort)(value >> 16)]) is > 0 and var end) return end;
        return 0;
    }

    /// <summary>Words of a word device; of a bit device 16 bits a word, the lowest first.</summary>
    private ushort Words(SlmpAddress head, Span<ushort> into)
    {
        if (!head.Device.IsBit) return memory.TryRead(head.Device.Code, head.Number, into) ? (ushort)0 : Outside(head);
        var bits = new ushort[into.Length * 16];
        if (!memory.TryRead(head.Device.Code, head.Number, bits)) return Outside(head);
        for (var i = 0; i < into.Length; i++)
            for (var bit = 15; bit >= 0; bit--) into[i] = (ushort)(into[i] << 1 | bits[i * 16 + bit]);
        return 0;
    }

    private ushort WriteWords(SlmpAddress head, ReadOnlySpan<ushort> words)
    {
        if (!head.Device.IsBit) return Written(head, words);
        var bits = new ushort[words.Length * 16];
        for (var i = 0; i < bits.Length; i++) bits[i] = (ushort)(words[i / 16] >> (i % 16) & 1);
        return Written(head, bits);
    }

    private ushort Written(SlmpAddress head, ReadOnlySpan<ushort> cells) => memory.TryWrite(head.Device.Code, head.Number, cells) ? (ushort)0 : Outside(head);

    private ushort Outside(SlmpAddress at) => memory.Has(at.Device.Code) ? SlmpEndCodes.OutsideDevice : SlmpEndCodes.DeviceWrong;

    private sealed class Session(SlmpStation? station) : IStationSession
    {
        private (SlmpFrame Frame, bool Ascii)? _form;

        public int Cut(ReadOnlySpan<byte> received)
        {
            if (received.Length < 4) return 0;
            _form = SlmpScan.Detect(received);
            return _form is { } form ? SlmpScan.Measure(received, form.Frame, form.Ascii, answers: false) : -1;
        }

        public byte[] Answer(ReadOnlyMemory<byte> frame) => station!.Answer(frame.Span, new(_form!.Value.Frame, _form.Value.Ascii, station.Cpu));
    }

    private SlmpCpu Cpu => cpu;
}
