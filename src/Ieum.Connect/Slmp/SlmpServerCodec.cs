using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace Ieum.Connect.Slmp;

/// <summary>Requests from bytes and answers to bytes: the controller's side, as the simulator speaks it. Pure.</summary>
internal static class SlmpServerCodec
{
    /// <summary>What could be read of a refused request, so that the answer can name it.</summary>
    internal readonly record struct CallHead(ushort Serial, SlmpRoute Route, ushort Command, ushort Subcommand);

    /// <summary>Reads one whole request. Never throws.</summary>
    /// <param name="endCode">What a controller answers when false is returned.</param>
    public static bool TryDecode(ReadOnlySpan<byte> frame, SlmpFraming framing, out CallHead head, [NotNullWhen(true)] out SlmpCall? call, out ushort endCode)
    {
        (call, head, endCode) = (null, default, SlmpEndCodes.LengthWrong);
        if (frame.IsEmpty || SlmpScan.Measure(frame, framing.Frame, framing.Ascii, answers: false) != frame.Length) return false;
        var reader = new SlmpReader(frame, framing.Ascii);
        reader.Subheader();
        ushort serial = 0;
        if (framing.Frame == SlmpFrame.Frame4E)
        {
            serial = reader.U16();
            reader.U16();
        }
        var route = SlmpCodec.Route(ref reader);
        reader.U16();
        reader.U16();
        var (command, subcommand) = (reader.U16(), reader.U16());
        head = new(serial, route, command, subcommand);
        if (reader.Failed)
        {
            endCode = SlmpEndCodes.NotHexadecimal;
            return false;
        }
        var asked = framing with { Cpu = subcommand >= 2 ? SlmpCpu.IqR : framing.Cpu == SlmpCpu.IqR ? SlmpCpu.Q : framing.Cpu };
        var request = Read((SlmpCommand)command, subcommand, ref reader, asked, ref endCode);
        if (request is null) return false;
        if (!reader.IsAtEnd)
        {
            endCode = SlmpEndCodes.LengthWrong;
            return false;
        }
        call = new(serial, route, request);
        endCode = 0;
        return true;
    }

    public static byte[] Answer(CallHead head, SlmpFraming framing, Action<SlmpWriter>? data = null)
    {
        var body = new SlmpWriter(framing.Ascii).U16(0);
        data?.Invoke(body);
        return SlmpCodec.Frame(true, framing, head.Route, head.Serial, body);
    }

    public static byte[] Refuse(CallHead head, SlmpFraming framing, ushort endCode)
    {
        var body = SlmpCodec.Route(new SlmpWriter(framing.Ascii).U16(endCode), head.Route).U16(head.Command).U16(head.Subcommand);
        return SlmpCodec.Frame(true, framing, head.Route, head.Serial, body);
    }

    private static SlmpRequest? Read(SlmpCommand command, ushort subcommand, ref SlmpReader reader, SlmpFraming framing, ref ushort endCode)
    {
        var ok = command switch
        {
            SlmpCommand.Read or SlmpCommand.Write or SlmpCommand.WriteRandom => subcommand <= 3,
            SlmpCommand.ReadRandom => subcommand is 0 or 2,
            SlmpCommand.ReadType or SlmpCommand.Loopback => subcommand == 0,
            _ => false,
        };
        if (!ok)
        {
            endCode = SlmpEndCodes.CommandWrong;
            return null;
        }
        return (command, subcommand & 1) switch
        {
            (SlmpCommand.ReadType, _) => new SlmpRequest.ReadType(),
            (SlmpCommand.Loopback, _) => Loopback(ref reader, ref endCode),
            (SlmpCommand.ReadRandom, _) => ReadRandom(ref reader, framing, ref endCode),
            (SlmpCommand.WriteRandom, 0) => WriteRandomWords(ref reader, framing, ref endCode),
            (SlmpCommand.WriteRandom, _) => WriteRandomBits(ref reader, framing, ref endCode),
            (_, var bits) => Batch(command == SlmpCommand.Write, bits == 1, ref reader, framing, ref endCode),
        };
    }

    private static SlmpRequest? Batch(bool write, bool bits, ref SlmpReader reader, SlmpFraming framing, ref ushort endCode)
    {
        var at = Device(ref reader, framing, ref endCode);
        var count = reader.U16();
        if (at is not { } head || reader.Failed) return null;
        if (bits && !head.Device.IsBit) return Refused(SlmpEndCodes.BitOfWordDevice, ref endCode);
        if (count < 1 || count > SlmpLimits.Batch(bits)) return Refused(bits ? SlmpEndCodes.TooManyBits : SlmpEndCodes.TooManyWords, ref endCode);
        if (!write) return bits ? new SlmpRequest.ReadBits(head, count) : new SlmpRequest.ReadWords(head, count);
        if (bits)
        {
            var values = new bool[count];
            if (reader.TryBits(values)) return new SlmpRequest.WriteBits(head, [.. values]);
            return Refused(reader.Failed ? SlmpEndCodes.LengthWrong : SlmpEndCodes.BitsWrong, ref endCode);
        }
        if (reader.Left != count * (framing.Ascii ? 4 : 2)) return Refused(SlmpEndCodes.LengthWrong, ref endCode);
        var words = ImmutableArray.CreateBuilder<ushort>(count);
        for (var i = 0; i < count; i++) words.Add(reader.U16());
        return reader.Failed ? Refused(SlmpEndCodes.NotHexadecimal, ref endCode) : new SlmpRequest.WriteWords(head, words.MoveToImmutable());
    }

    private static SlmpRequest.ReadRandom? ReadRandom(ref SlmpReader reader, SlmpFraming framing, ref ushort endCode)
    {
        var (words, doubles) = (reader.U8(), reader.U8());
        if (words + doubles < 1 || words + doubles > SlmpLimits.Random(framing))
        {
            endCode = SlmpEndCodes.TooManyRandom;
            return null;
        }
        var list = ImmutableArray.CreateBuilder<SlmpAddress>(words + doubles);
        for (var i = 0; i < words + doubles; i++)
        {
            if (Device(ref reader, framing, ref endCode) is not { } at) return null;
            list.Add(at);
        }
        var all = list.MoveToImmutable();
        return new(all[..words], all[words..]);
    }

    private static SlmpRequest.WriteRandomWords? WriteRandomWords(ref SlmpReader reader, SlmpFraming framing, ref ushort endCode)
    {
        var (words, doubles) = (reader.U8(), reader.U8());
        if (words + doubles < 1 || words + doubles > SlmpLimits.RandomWrite(framing))
        {
            endCode = SlmpEndCodes.TooManyRandom;
            return null;
        }
        var (one, two) = (ImmutableArray.CreateBuilder<(SlmpAddress, ushort)>(words), ImmutableArray.CreateBuilder<(SlmpAddress, uint)>(doubles));
        for (var i = 0; i < words + doubles; i++)
        {
            if (Device(ref reader, framing, ref endCode) is not { } at) return null;
            if (i < words) one.Add((at, reader.U16()));
            else two.Add((at, reader.U32()));
        }
        return reader.Failed ? null : new(one.ToImmutable(), two.ToImmutable());
    }

    private static SlmpRequest.WriteRandomBits? WriteRandomBits(ref SlmpReader reader, SlmpFraming framing, ref ushort endCode)
    {
        var count = reader.U8();
        if (count < 1 || count > SlmpLimits.RandomBits(framing))
        {
            endCode = SlmpEndCodes.TooManyRandom;
            return null;
        }
        var list = ImmutableArray.CreateBuilder<(SlmpAddress, bool)>(count);
        for (var i = 0; i < count; i++)
        {
            if (Device(ref reader, framing, ref endCode) is not { } at) return null;
            var value = framing.IsWide ? reader.U16() : reader.U8();
            if (!at.Device.IsBit || value > 1)
            {
                endCode = at.Device.IsBit ? SlmpEndCodes.BitsWrong : SlmpEndCodes.BitOfWordDevice;
                return null;
            }
            list.Add((at, value == 1));
        }
        return reader.Failed ? null : new(list.MoveToImmutable());
    }

    private static SlmpRequest.Loopback? Loopback(ref SlmpReader reader, ref ushort endCode)
    {
        var length = reader.U16();
        var text = reader.Text(length);
        if (!reader.Failed && length is >= 1 and <= SlmpLimits.Words && text.All(char.IsAsciiHexDigitUpper)) return new(text);
        endCode = SlmpEndCodes.ContentWrong;
        return null;
    }

    private static SlmpAddress? Device(ref SlmpReader reader, SlmpFraming framing, ref ushort endCode)
    {
        var at = reader.Device(framing);
        if (at is null && !reader.Failed) endCode = SlmpEndCodes.DeviceWrong;
        return at;
    }

    private static SlmpRequest? Refused(ushort code, ref ushort endCode)
    {
        endCode = code;
        return null;
    }
}
