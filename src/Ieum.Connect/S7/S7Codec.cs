using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Ieum.Connect.S7;

/// <summary>S7 messages for reading and writing variables, both ways. Big-endian throughout.</summary>
internal static class S7Codec
{
    /// <summary>Items one message may carry; CPUs refuse more.</summary>
    public const int MostItems = 20;

    public const int JobHead = 10, AnswerHead = 12, ItemBytes = 12;

    private const byte Protocol = 0x32, Job = 1, Answer = 3;
    private const byte SetUpFunction = 0xF0, ReadFunction = 0x04, WriteFunction = 0x05;
    private const byte AsBit = 1, AsByte = 2, AsCounter = 0x1C, AsTimer = 0x1D;            // how an item counts
    private const byte BitData = 3, BytesByBits = 4, IntegerByBits = 5, RealByBytes = 7, TextByBytes = 9;   // how data count

    /// <summary>A whole packet, transport heads included.</summary>
    public static byte[] Encode(S7Request request, ushort reference)
    {
        var (parameters, data) = (new List<byte>(), new List<byte>());
        switch (request)
        {
            case S7Request.SetUp s:
                parameters.AddRange([SetUpFunction, 0, .. Two(s.Jobs), .. Two(s.Jobs), .. Two(s.PduLength)]);
                break;
            case S7Request.Read r:
                parameters.AddRange([ReadFunction, (byte)r.Items.Length]);
                foreach (var item in r.Items) AddItem(parameters, item);
                break;
            case S7Request.Write w:
                parameters.AddRange([WriteFunction, (byte)w.Values.Length]);
                foreach (var value in w.Values) AddItem(parameters, value.Item);
                foreach (var value in w.Values) AddData(data, 0, value.Item.Bit is not null, value.Data.Span);
                break;
        }
        return Packet([Protocol, Job, 0, 0, .. Two(reference), .. Two(parameters.Count), .. Two(data.Count), .. parameters, .. data]);
    }

    public static byte[] Encode(S7Reply reply, ushort reference)
    {
        var (parameters, data) = (new List<byte>(), new List<byte>());
        switch (reply)
        {
            case S7Reply.SetUp s:
                parameters.AddRange([SetUpFunction, 0, .. Two(s.Jobs), .. Two(s.Jobs), .. Two(s.PduLength)]);
                break;
            case S7Reply.Read r:
                parameters.AddRange([ReadFunction, (byte)r.Items.Length]);
                foreach (var item in r.Items) AddData(data, item.Code, bit: false, item.Data.Span);
                break;
            case S7Reply.Write w:
                parameters.AddRange([WriteFunction, (byte)w.Codes.Length]);
                data.AddRange(w.Codes);
                break;
        }
        return Packet([Protocol, Answer, 0, 0, .. Two(reference), .. Two(parameters.Count), .. Two(data.Count), (byte)(reply.Error >> 8), (byte)reply.Error, .. parameters, .. data]);
    }

    public static bool TryDecodeReply(ReadOnlySpan<byte> message, out ushort reference, out S7Reply? reply, out string reason)
    {
        (reference, reply) = (0, null);
        if (!TryHead(message, Answer, AnswerHead, out reference, out var parameters, out var data, out reason)) return false;
        var error = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        var count = parameters.Length > 1 ? parameters[1] : 0;
        switch (parameters.Length == 0 ? 0 : parameters[0])
        {
            case SetUpFunction when parameters.Length >= 8:
                reply = new S7Reply.SetUp(error, BinaryPrimitives.ReadUInt16BigEndian(parameters[2..]), BinaryPrimitives.ReadUInt16BigEndian(parameters[6..]));
                return true;
            case ReadFunction:
                var items = ImmutableArray.CreateBuilder<S7ItemAnswer>(count);
                while (error == 0 && items.Count < count)
                {
                    if (!TryData(ref data, out var code, out _, out var bytes)) return No($"item {items.Count + 1} of {count} is cut short", out reason);
                    items.Add(new(code, bytes.ToArray()));
                }
                reply = new S7Reply.Read(error, items.ToImmutable());
                return true;
            case WriteFunction when error != 0 || data.Length >= count:
                reply = new S7Reply.Write(error, [.. data[..(error != 0 ? 0 : count)]]);
                return true;
            case 0 when error != 0:
                // A CPU that refuses the whole request answers without parameters.
                reply = new S7Reply.Read(error, []);
                return true;
        }
        return No("the answer is none to a set-up, read or write", out reason);
    }

    public static bool TryDecodeRequest(ReadOnlySpan<byte> message, out ushort reference, out S7Request? request, out string reason)
    {
        request = null;
        if (!TryHead(message, Job, JobHead, out reference, out var parameters, out var data, out reason)) return false;
        switch (parameters.Length == 0 ? 0 : parameters[0])
        {
            case SetUpFunction when parameters.Length >= 8:
                request = new S7Request.SetUp(BinaryPrimitives.ReadUInt16BigEndian(parameters[2..]), BinaryPrimitives.ReadUInt16BigEndian(parameters[6..]));
                return true;
            case ReadFunction when TryItems(parameters, out var items):
                request = new S7Request.Read(items);
                return true;
            case WriteFunction when TryItems(parameters, out var items):
                var values = ImmutableArray.CreateBuilder<S7Value>(items.Length);
                foreach (var item in items)
                {
                    if (!TryData(ref data, out _, out var bit, out var bytes)) return No("the data of an item are cut short", out reason);
                    values.Add(new(bit && item.Bit is null ? item with { Bit = 0 } : item, bytes.ToArray()));
                }
                request = new S7Request.Write(values.ToImmutable());
                return true;
        }
        return No("only set-up, read and write are served", out reason);
    }

    private static bool TryHead(ReadOnlySpan<byte> message, byte kind, int head, out ushort reference, out ReadOnlySpan<byte> parameters, out ReadOnlySpan<byte> data, out string reason)
    {
        (reference, reason) = (0, "");
        parameters = data = default;
        if (message.Length < head) return No("the message is shorter than its head", out reason);
        if (message[0] != Protocol) return No($"the message begins with 0x{message[0]:X2}, not with 0x32", out reason);
        if (message[1] != kind) return No($"kind {message[1]} where {kind} belongs", out reason);
        reference = BinaryPrimitives.ReadUInt16BigEndian(message[4..]);
        int p = BinaryPrimitives.ReadUInt16BigEndian(message[6..]), d = BinaryPrimitives.ReadUInt16BigEndian(message[8..]);
        if (head + p + d > message.Length) return No($"{p} + {d} bytes are announced, {message.Length - head} came", out reason);
        parameters = message.Slice(head, p);
        data = message.Slice(head + p, d);
        return true;
    }

    private static void AddItem(List<byte> to, S7Item item)
    {
        var countsPieces = item.Area is S7Area.Timers or S7Area.Counters;
        var way = item.Area switch { S7Area.Timers => AsTimer, S7Area.Counters => AsCounter, _ => item.Bit is null ? AsByte : AsBit };
        var address = countsPieces ? item.Start : item.Start * 8 + (item.Bit ?? 0);
        to.AddRange([0x12, 10, 0x10, way, .. Two(countsPieces ? item.Length / 2 : item.Length), .. Two(item.Block), (byte)item.Area,
            (byte)(address >> 16), (byte)(address >> 8), (byte)address]);
    }

    private static bool TryItems(ReadOnlySpan<byte> parameters, out ImmutableArray<S7Item> items)
    {
        items = [];
        var count = parameters.Length > 1 ? parameters[1] : 0;
        if (count == 0 || parameters.Length < 2 + count * ItemBytes) return false;
        var found = ImmutableArray.CreateBuilder<S7Item>(count);
        for (var i = 0; i < count; i++)
        {
            var p = parameters.Slice(2 + i * ItemBytes, ItemBytes);
            if (p[0] != 0x12 || p[1] != 10 || p[2] != 0x10) return false;
            int pieces = BinaryPrimitives.ReadUInt16BigEndian(p[4..]), address = p[9] << 16 | p[10] << 8 | p[11];
            var area = (S7Area)p[8];
            var width = p[3] switch { AsBit or AsByte or 3 => 1, 4 or 5 or AsTimer or AsCounter => 2, 6 or 7 or 8 => 4, _ => 0 };   // bit, byte, char; word, int; dword, dint, real
            if (width == 0) return false;
            found.Add(area is S7Area.Timers or S7Area.Counters
                ? new(area, 0, address, pieces * 2)
                : new(area, BinaryPrimitives.ReadUInt16BigEndian(p[6..]), address / 8, pieces * width, p[3] == AsBit ? address % 8 : null));
        }
        items = found.ToImmutable();
        return true;
    }

    private static void AddData(List<byte> to, byte code, bool bit, ReadOnlySpan<byte> data)
    {
        // Each item but the last is padded to an even length; padding the last as well is accepted by nobody, so it comes before the next.
        if (to.Count % 2 == 1) to.Add(0);
        if (code is not (0 or 0xFF)) to.AddRange([code, 0, 0, 0]);
        else to.AddRange([code, bit ? BitData : BytesByBits, .. Two(bit ? 1 : data.Length * 8), .. data]);
    }

    private static bool TryData(ref ReadOnlySpan<byte> left, out byte code, out bool bit, out ReadOnlySpan<byte> data)
    {
        (code, bit) = (0, false);
        data = default;
        if (left.Length < 4) return false;
        (code, bit) = (left[0], left[1] == BitData);
        int announced = BinaryPrimitives.ReadUInt16BigEndian(left[2..]);
        var length = left[1] switch { 0 => 0, BitData => (announced + 7) / 8, BytesByBits or IntegerByBits => (announced + 7) / 8, RealByBytes or TextByBytes => announced, _ => announced };
        if (left.Length < 4 + length) return false;
        data = left.Slice(4, length);
        left = left[(4 + length)..];
        if (length % 2 == 1 && left.Length > 0) left = left[1..];
        return true;
    }

    private static byte[] Packet(byte[] message)
    {
        var packet = new byte[IsoTransport.DataHead + message.Length];
        message.CopyTo(packet, IsoTransport.DataHead);
        IsoTransport.WriteDataHead(packet);
        return packet;
    }

    private static byte[] Two(int value) => [(byte)(value >> 8), (byte)value];

    private static bool No(string why, out string reason)
    {
        reason = why;
        return false;
    }
}
