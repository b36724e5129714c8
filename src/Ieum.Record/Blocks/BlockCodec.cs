using System.Diagnostics.CodeAnalysis;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Ieum.Model;

namespace Ieum.Record.Blocks;

/// <summary>
/// Turns samples into bytes and back, to the bit. One form for both homes of a sample: blocks (one signal, sorted
/// by source time) and tail rows (many signals, in order of arrival, with a column of signal numbers).
/// Layout in docs/record.md. Not for two threads at once: it keeps its work space.
/// </summary>
internal sealed class BlockCodec : IDisposable
{
    // Versions 1 and 2 are the same with other columns (PlaneCodec, and the first ways of RealColumn); they are only read.
    private const byte FirstVersion = 1, FirstWithSignals = 2, Version = 3, VersionWithSignals = 4;
    /// <summary>More than any block or tail row holds; damaged bytes cannot ask for more memory than that.</summary>
    public const int MostSamples = 1 << 22;
    private const int Kinds = 5;

    private readonly PlaneCodec _planes = new();
    private readonly IntColumn _ints;
    private readonly RealColumn _reals;
    private readonly TextColumn _texts;
    private readonly ByteWriter _writer = new();
    private long[] _work = new long[1024];
    private string[] _words = [];

    /// <param name="fast">For what lives only until it is merged: less work, more bytes. Reading does not care.</param>
    public BlockCodec(bool fast = false)
    {
        _ints = new IntColumn(_planes, new WordPacker(dense: !fast));
        _reals = new RealColumn(_planes, _ints);
        _texts = new TextColumn(_ints);
    }

    /// <summary>The bytes are valid until the next call.</summary>
    public ReadOnlySpan<byte> Encode(SampleColumns samples, int start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, MostSamples);
        _writer.Clear();
        _writer.Byte(samples.Signal is null ? Version : VersionWithSignals);
        _writer.Varint((ulong)count);
        var work = Work(count);
        if (samples.Signal is { } signals)
        {
            for (var i = 0; i < count; i++) work[i] = signals[start + i];
            _ints.Write(_writer, work);
        }
        var source = samples.Source.AsSpan(start, count);
        var receive = samples.Receive.AsSpan(start, count);
        _ints.Write(_writer, source, time: true);
        for (var i = 0; i < count; i++) work[i] = receive[i] - source[i];
        _ints.Write(_writer, work, time: true);
        WriteSmall(samples.Quality.AsSpan(start, count), work);
        var kinds = samples.Kind.AsSpan(start, count);
        WriteSmall(kinds, work);
        if (samples.Signal is null) WriteByKind(samples, start, count, kinds);
        else WriteMixed(samples, start, count, kinds);
        _writer.Fixed32(Checksum(_writer.Written));
        return _writer.Written;
    }

    /// <summary>Reads back. Foreign or damaged bytes give false and the reason; nothing is thrown.</summary>
    public bool TryDecode(ReadOnlySpan<byte> bytes, SampleColumns into, [NotNullWhen(false)] out string? reason)
    {
        into.Clear();
        reason = Decode(bytes, into);
        if (reason is null) return true;
        into.Clear();
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private string? Decode(ReadOnlySpan<byte> bytes, SampleColumns into)
    {
        if (bytes.Length < 6) return $"{bytes.Length} bytes are too few for a block";
        var body = bytes[..^4];
        var found = Checksum(body);
        var written = MemoryMarshal.Read<uint>(bytes[^4..]);
        if (!BitConverter.IsLittleEndian) written = System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(written);
        if (found != written) return $"checksum is {found:x8}, {written:x8} was written";
        var from = new ByteReader(body);
        var version = from.Byte();
        if (version is not (FirstVersion or FirstWithSignals or Version or VersionWithSignals)) return $"version {version} is unknown";
        var count = from.Count(MostSamples);
        if (from.Failed || count == 0) return "the number of samples is impossible";
        into.EnsureCapacity(count);
        var work = Work(count);
        if (version is FirstWithSignals or VersionWithSignals)
        {
            into.Signal = new int[count];
            _ints.Read(ref from, work);
            if (from.Failed) return "the column of signals is damaged";
            for (var i = 0; i < count; i++) into.Signal[i] = (int)work[i];
        }
        var source = into.Source.AsSpan(0, count);
        var receive = into.Receive.AsSpan(0, count);
        _ints.Read(ref from, source);
        // Given up at once: a damaged head may have asked for millions of samples that every further column would make room for.
        if (!from.Failed) _ints.Read(ref from, receive);
        if (from.Failed) return "a column of times is damaged";
        for (var i = 0; i < count; i++) receive[i] += source[i];
        ReadSmall(ref from, into.Quality.AsSpan(0, count), work);
        if (from.Failed) return "a column is damaged";
        var kinds = into.Kind.AsSpan(0, count);
        ReadSmall(ref from, kinds, work);
        if (from.Failed || kinds.IndexOfAnyExceptInRange((byte)0, (byte)(Kinds - 1)) >= 0) return "a column is damaged";
        if (version is FirstVersion or Version) ReadByKind(ref from, into, count, kinds);
        else ReadMixed(ref from, into, count, kinds, version == FirstWithSignals);
        if (from.Failed) return "a column of values is damaged";
        if (from.Left > 0) return $"{from.Left} bytes are left over";
        into.Count = count;
        return null;
    }

    private void WriteByKind(SampleColumns samples, int start, int count, ReadOnlySpan<byte> kinds)
    {
        for (byte kind = 0; kind < Kinds; kind++)
        {
            var members = kinds.Count(kind);
            if (members == 0 || kind == (byte)ValueKind.None) continue;
            if (kind == (byte)ValueKind.Text)
            {
                _texts.Write(_writer, Texts(samples, start, count, members, kinds));
                continue;
            }
            ReadOnlySpan<long> bits = samples.Bits.AsSpan(start, count);
            if (members < count)
            {
                var work = Work(count);
                var at = 0;
                for (var i = 0; i < count; i++)
                    if (kinds[i] == kind) work[at++] = bits[i];
                bits = work[..members];
            }
            if (kind == (byte)ValueKind.Real) _reals.Write(_writer, bits); else _ints.Write(_writer, bits);
        }
    }

    private void ReadByKind(ref ByteReader from, SampleColumns into, int count, ReadOnlySpan<byte> kinds)
    {
        var bits = into.Bits.AsSpan(0, count);
        for (byte kind = 0; kind < Kinds; kind++)
        {
            var members = kinds.Count(kind);
            if (members == 0) continue;
            if (kind == (byte)ValueKind.Text)
            {
                ReadTexts(ref from, into, members, kinds);
                continue;
            }
            var work = members == count ? bits : Work(count)[..members];
            if (kind == (byte)ValueKind.None) work.Clear();
            else if (kind == (byte)ValueKind.Real) _reals.Read(ref from, work);
            else _ints.Read(ref from, work);
            if (members == count) continue;
            var at = 0;
            for (var i = 0; i < count; i++)
                if (kinds[i] == kind) bits[i] = work[at++];
        }
    }

    // In a tail row neighbours belong to different signals, so nothing is gained by looking at values: they are copied.
    private void WriteMixed(SampleColumns samples, int start, int count, ReadOnlySpan<byte> kinds)
    {
        var bits = samples.Bits.AsSpan(start, count);
        if (BitConverter.IsLittleEndian) _writer.Bytes(MemoryMarshal.AsBytes(bits));
        else
            foreach (var b in bits) _writer.Fixed64(b);
        var members = kinds.Count((byte)ValueKind.Text);
        if (members > 0) _texts.Write(_writer, Texts(samples, start, count, members, kinds));
    }

    private void ReadMixed(ref ByteReader from, SampleColumns into, int count, ReadOnlySpan<byte> kinds, bool planes)
    {
        var bits = into.Bits.AsSpan(0, count);
        if (planes) _planes.Read(ref from, MemoryMarshal.Cast<long, ulong>(bits));
        else
            for (var i = 0; i < count; i++) bits[i] = from.Fixed64();
        var members = kinds.Count((byte)ValueKind.Text);
        if (members > 0) ReadTexts(ref from, into, members, kinds);
    }

    private ReadOnlySpan<string> Texts(SampleColumns samples, int start, int count, int members, ReadOnlySpan<byte> kinds)
    {
        if (_words.Length < members) _words = new string[BitOperations.RoundUpToPowerOf2((uint)members)];
        for (int i = 0, at = 0; i < count; i++)
            if (kinds[i] == (byte)ValueKind.Text) _words[at++] = samples.Text?[start + i] ?? "";
        return _words.AsSpan(0, members);
    }

    private void ReadTexts(ref ByteReader from, SampleColumns into, int members, ReadOnlySpan<byte> kinds)
    {
        if (members == kinds.Length)
        {
            into.Bits.AsSpan(0, members).Clear();
            _texts.Read(ref from, into.AllTexts().AsSpan(0, members));
            return;
        }
        var texts = new string?[members];
        _texts.Read(ref from, texts);
        if (from.Failed) return;
        for (int i = 0, at = 0; i < kinds.Length; i++)
        {
            if (kinds[i] != (byte)ValueKind.Text) continue;
            into.Bits[i] = 0;
            into.SetText(i, texts[at++]);
        }
    }

    private void WriteSmall(ReadOnlySpan<byte> values, Span<long> work)
    {
        if (values.IndexOfAnyExcept(values[0]) < 0)
        {
            work[0] = values[0];
            _ints.Write(_writer, work[..1]);
            return;
        }
        for (var i = 0; i < values.Length; i++) work[i] = values[i];
        _ints.Write(_writer, work[..values.Length]);
    }

    private void ReadSmall(ref ByteReader from, Span<byte> values, Span<long> work)
    {
        if (IntColumn.TryReadConstant(ref from, out var one))
        {
            values.Fill((byte)one);
            return;
        }
        _ints.Read(ref from, work[..values.Length]);
        for (var i = 0; i < values.Length; i++) values[i] = (byte)work[i];
    }

    private Span<long> Work(int count)
    {
        if (_work.Length < count) _work = new long[BitOperations.RoundUpToPowerOf2((uint)count)];
        return _work.AsSpan(0, count);
    }

    /// <summary>CRC-32C (Castagnoli), the polynomial that processors compute by themselves.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words)
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(word));
        foreach (var b in bytes[(words.Length * 8)..]) crc = BitOperations.Crc32C(crc, b);
        return ~crc;
    }

    public void Dispose() => _planes.Dispose();
}
