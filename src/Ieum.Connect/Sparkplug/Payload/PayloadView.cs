using System.Buffers;
using Ieum.Connect.Sparkplug.Wire;

namespace Ieum.Connect.Sparkplug.Payload;

/// <summary>A payload read in place: its head, and its metrics one after the other.</summary>
/// <remarks>
/// The frame is checked at once; a metric that is broken inside fails alone when it is read, so one bad metric never
/// costs its neighbours.
/// </remarks>
internal ref struct PayloadView
{
    private ReadOnlySpan<byte> _bytes;

    /// <summary>Milliseconds since 1970.</summary>
    public ulong Timestamp;
    public bool HasTimestamp;
    public ulong Seq;
    public bool HasSeq;
    public ReadOnlySpan<byte> Uuid;
    public ReadOnlySpan<byte> Body;
    public bool HasBody;
    public int MetricCount;

    public static bool TryRead(ReadOnlySpan<byte> bytes, out PayloadView payload, out string? reason)
    {
        payload = default;
        payload._bytes = bytes;
        var r = new WireReader(bytes);
        while (r.TryField(out var field, out var type))
        {
            switch (field, type)
            {
                case (1, WireType.Varint): payload.HasTimestamp = r.TryVarint(out payload.Timestamp); break;
                case (2, WireType.Bytes): if (r.TryBytes(out _)) payload.MetricCount++; break;
                case (3, WireType.Varint): payload.HasSeq = r.TryVarint(out payload.Seq); break;
                case (4, WireType.Bytes): r.TryBytes(out payload.Uuid); break;
                case (5, WireType.Bytes): payload.HasBody = r.TryBytes(out payload.Body); break;
                case ( <= 5, _): r.Fail($"payload field {field} has the wrong wire type"); break;
                default: r.TrySkip(type); break;
            }
        }
        reason = r.Failure;
        return !r.Failed;
    }

    /// <summary>The same for bytes that arrived in pieces; joins them first when there is more than one.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> bytes, out PayloadView payload, out string? reason) =>
        TryRead(bytes.IsSingleSegment ? bytes.FirstSpan : bytes.ToArray(), out payload, out reason);

    public readonly MetricWalk Metrics => new(_bytes);
}

/// <summary>Steps through the metrics of a payload whose frame was checked.</summary>
internal ref struct MetricWalk(ReadOnlySpan<byte> payload)
{
    private WireReader _reader = new(payload);

    /// <summary>The bytes of the next metric; read them with <see cref="MetricView.TryRead"/>.</summary>
    public bool TryNext(out ReadOnlySpan<byte> metric)
    {
        while (_reader.TryField(out var field, out var type))
        {
            if (field == 2 && type == WireType.Bytes) return _reader.TryBytes(out metric);
            if (!_reader.TrySkip(type)) break;
        }
        metric = default;
        return false;
    }
}
