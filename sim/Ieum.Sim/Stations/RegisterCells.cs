using System.Buffers;
using System.Buffers.Binary;
using Ieum.Sim.Registers;

namespace Ieum.Sim.Stations;

/// <summary>The registers of a machine as areas of a controller: one of words, one of bits.</summary>
/// <param name="words">Code of the area in which the words stand.</param>
/// <param name="bits">Code of the area in which the bits stand.</param>
/// <param name="bitsAsWords">The controller keeps its bits 16 in a word, the lowest first; otherwise each is a cell.</param>
internal sealed class RegisterCells(RegisterMemory memory, int words, int bits, bool bitsAsWords) : ICells
{
    public bool Has(int code) => code == words || code == bits;

    public bool TryRead(int code, long start, Span<ushort> into)
    {
        if (start > int.MaxValue / 16) return false;
        if (code == words)
        {
            var bytes = new byte[into.Length * 2];
            if (!memory.TryRead((int)start, into.Length, bytes)) return false;
            for (var i = 0; i < into.Length; i++) into[i] = BinaryPrimitives.ReadUInt16BigEndian(bytes.AsSpan(i * 2));
            return true;
        }
        var each = bitsAsWords ? 16 : 1;
        var some = new bool[into.Length * each];
        if (code != bits || !memory.TryReadBits((int)start * each, some.Length, some)) return false;
        into.Clear();
        for (var i = 0; i < some.Length; i++)
            if (some[i]) into[i / each] |= (ushort)(1 << (i % each));
        return true;
    }

    public bool TryWrite(int code, long start, ReadOnlySpan<ushort> values)
    {
        if (start > int.MaxValue / 16) return false;
        if (code == words)
        {
            var bytes = new byte[values.Length * 2];
            for (var i = 0; i < values.Length; i++) BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(i * 2), values[i]);
            return memory.TryWrite((int)start, bytes);
        }
        var each = bitsAsWords ? 16 : 1;
        var some = new bool[values.Length * each];
        for (var i = 0; i < some.Length; i++) some[i] = (values[i / each] >> (i % each) & 1) != 0;
        return code == bits && memory.TryWriteBits((int)start * each, some);
    }
}

/// <summary>A controller's conversation with one client, on the registers of a simulated machine.</summary>
internal sealed class StationSpeech(Func<RegisterMemory, IStationSession> open, IStationSession cutter) : IRegisterSpeech
{
    private IStationSession? _session;

    public int Cut(ReadOnlySpan<byte> received) => received.IsEmpty ? 0 : (_session ?? cutter).Cut(received);

    public void Answer(ReadOnlySpan<byte> request, RegisterMemory memory, IBufferWriter<byte> into)
    {
        if (_session is null)
        {
            _session = open(memory);
            _session.Cut(request);
        }
        if (_session.Answer(request.ToArray()) is { } answer) into.Write(answer);
    }
}
