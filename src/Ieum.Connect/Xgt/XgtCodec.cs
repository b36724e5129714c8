using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace Ieum.Connect.Xgt;

/// <summary>Instructions of the XGT dedicated service, both ways: the node encodes requests and decodes answers, the simulated PLC the reverse.</summary>
internal static class XgtCodec
{
    /// <summary>Most variables in one individual read or write.</summary>
    public const int MostBlocks = 16;

    private const ushort ReadRequest = 0x54, ReadAnswer = 0x55, WriteRequest = 0x58, WriteAnswer = 0x59;
    private const int MostName = 16;

    /// <summary>Header and instruction of a request.</summary>
    public static byte[] Encode(XgtRequest request, ushort invokeId, XgtCpu cpu)
    {
        var body = new Body();
        switch (request)
        {
            case XgtRequest.ReadEach r:
                body.Head(ReadRequest, r.Type, r.Names.Length);
                foreach (var name in r.Names) body.Name(name);
                break;
            case XgtRequest.ReadRun r:
                body.Head(ReadRequest, XgtType.Continuous, 1);
                body.Name(r.Name);
                body.Word(r.Bytes);
                break;
            case XgtRequest.WriteEach w:
                body.Head(WriteRequest, w.Type, w.Blocks.Length);
                foreach (var block in w.Blocks) body.Name(block.Name);
                foreach (var block in w.Blocks) body.Data(block.Data.Span);
                break;
            case XgtRequest.WriteRun w:
                body.Head(WriteRequest, XgtType.Continuous, 1);
                body.Name(w.Block.Name);
                body.Data(w.Block.Data.Span);
                break;
        }
        return body.Frame(true, (byte)cpu, invokeId);
    }

    /// <summary>Header and instruction of an answer.</summary>
    public static byte[] Encode(XgtReply reply, ushort invokeId, byte cpu)
    {
        var body = new Body();
        body.Word(reply.IsWrite ? WriteAnswer : ReadAnswer);
        body.Word((int)reply.Type);
        body.Word(0);
        body.Word(reply.Error == 0 ? 0 : 0xFFFF);
        if (reply.Error != 0) body.Word(reply.Error);
        else
        {
            body.Word(reply.IsWrite ? 1 : reply.Blocks.Length);
            if (!reply.IsWrite)
                foreach (var block in reply.Blocks) body.Data(block.Span);
        }
        return body.Frame(false, cpu, invokeId);
    }

    public static bool TryDecodeReply(ReadOnlySpan<byte> body, out XgtReply? reply, out string reason)
    {
        reply = null;
        var walk = new Walk(body);
        var (command, type, _) = (walk.Word(), walk.Word(), walk.Word());
        if (command is not (ReadAnswer or WriteAnswer)) return No($"command 0x{command:X4} is no answer", out reason);
        var (write, state) = (command == WriteAnswer, walk.Word());
        if (state != 0)
        {
            // One byte by the manual, two in newer modules.
            var code = walk.Left >= 2 ? walk.Word() : walk.Left == 1 ? walk.Byte() : state;
            if (walk.Failed) return No("the error code is missing", out reason);
            reply = new(write, (XgtType)type, code == 0 ? state : code, []);
            return Yes(out reason);
        }
        var count = walk.Word();
        if (write && !walk.Failed)
        {
            reply = new(true, (XgtType)type, 0, []);
            return Yes(out reason);
        }
        if (count > MostBlocks) return No($"{count} blocks in one answer; 16 are the most", out reason);
        var blocks = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(count);
        for (var i = 0; i < count && !walk.Failed; i++) blocks.Add(walk.Data());
        if (walk.Failed) return No("the answer ends before its last block", out reason);
        reply = new(false, (XgtType)type, 0, blocks.ToImmutable());
        return Yes(out reason);
    }

    public static bool TryDecodeRequest(ReadOnlySpan<byte> body, out XgtRequest? request, out string reason)
    {
        request = null;
        var walk = new Walk(body);
        var (command, type, _, count) = (walk.Word(), (XgtType)walk.Word(), walk.Word(), walk.Word());
        if (walk.Failed) return No("the instruction is shorter than its head", out reason);
        if (command is not (ReadRequest or WriteRequest)) return No($"command 0x{command:X4} is no request", out reason);
        if (count is 0 or > MostBlocks || (type == XgtType.Continuous && count != 1)) return No($"{count} blocks cannot be asked for", out reason);
        var names = new string[count];
        for (var i = 0; i < count; i++) names[i] = walk.Name();
        if (command == ReadRequest)
        {
            request = type == XgtType.Continuous ? new XgtRequest.ReadRun(names[0], walk.Word()) : new XgtRequest.ReadEach(type, [.. names]);
        }
        else
        {
            var blocks = new XgtBlock[count];
            for (var i = 0; i < count; i++) blocks[i] = new(names[i], walk.Data());
            request = type == XgtType.Continuous ? new XgtRequest.WriteRun(blocks[0]) : new XgtRequest.WriteEach(type, [.. blocks]);
        }
        if (!walk.Failed) return Yes(out reason);
        request = null;
        return No("the instruction ends too early, or a name is not one", out reason);
    }

    private static bool Yes(out string reason)
    {
        reason = "";
        return true;
    }

    private static bool No(string why, out string reason)
    {
        reason = why;
        return false;
    }

    private sealed class Body
    {
        private readonly List<byte> _bytes = [.. new byte[XgtHeader.Size]];

        public void Head(ushort command, XgtType type, int blocks)
        {
            Word(command);
            Word((int)type);
            Word(0);
            Word(blocks);
        }

        public void Word(int value)
        {
            _bytes.Add((byte)value);
            _bytes.Add((byte)(value >> 8));
        }

        public void Name(string name)
        {
            Word(name.Length);
            _bytes.AddRange(Encoding.ASCII.GetBytes(name));
        }

        public void Data(ReadOnlySpan<byte> data)
        {
            Word(data.Length);
            _bytes.AddRange(data);
        }

        public byte[] Frame(bool client, byte cpu, ushort invokeId)
        {
            var bytes = _bytes.ToArray();
            new XgtHeader(client, cpu, invokeId, bytes.Length - XgtHeader.Size).Write(bytes);
            return bytes;
        }
    }

    /// <summary>Reads little-endian fields; after the first that is missing everything is 0 and <see cref="Failed"/> stays.</summary>
    private ref struct Walk(ReadOnlySpan<byte> bytes)
    {
        private ReadOnlySpan<byte> _left = bytes;

        public bool Failed { get; private set; }
        public readonly int Left => _left.Length;

        public byte Byte() => Take(1) is { Length: 1 } b ? b[0] : (byte)0;
        public int Word() => Take(2) is { Length: 2 } b ? BinaryPrimitives.ReadUInt16LittleEndian(b) : 0;
        public byte[] Data() => Take(Word()).ToArray();

        public string Name()
        {
            var length = Word();
            if (length is 0 or > MostName) Failed = true;
            var name = Failed ? default : Take(length);
            if (name.ContainsAnyExceptInRange((byte)' ', (byte)'~')) Failed = true;
            return Failed ? "" : Encoding.ASCII.GetString(name);
        }

        private ReadOnlySpan<byte> Take(int count)
        {
            if (Failed || count > _left.Length)
            {
                Failed = true;
                return default;
            }
            var taken = _left[..count];
            _left = _left[count..];
            return taken;
        }
    }
}
