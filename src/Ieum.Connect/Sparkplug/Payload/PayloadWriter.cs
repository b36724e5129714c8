using Ieum.Connect.Sparkplug.Wire;

namespace Ieum.Connect.Sparkplug.Payload;

/// <summary>Writes data messages metric by metric into one reused buffer; for edge nodes that send often.</summary>
/// <remarks>Order of calls: <see cref="Begin"/>, any number of <see cref="Add"/>, <see cref="Finish"/>. The result is valid until the next Begin.</remarks>
internal sealed class PayloadWriter
{
    private readonly WireWriter _wire = new(16 * 1024);

    /// <summary>Metrics added since <see cref="Begin"/>.</summary>
    public int Count { get; private set; }

    /// <param name="timestamp">Milliseconds since 1970.</param>
    public void Begin(ulong timestamp)
    {
        _wire.Clear();
        Count = 0;
        _wire.Varint(1, timestamp);
    }

    /// <param name="timestamp">Milliseconds since 1970.</param>
    /// <param name="value">A number, boolean or text; <see cref="SparkplugValue.None"/> is sent as null.</param>
    public void Add(ulong alias, ulong timestamp, SparkplugDataType type, SparkplugValue value, bool historical = false)
    {
        var mark = _wire.Open(2);
        _wire.Varint(2, alias);
        _wire.Varint(3, timestamp);
        _wire.Varint(4, (uint)type);
        if (historical) _wire.Flag(5, true);
        if (value.Kind == WireValue.None) _wire.Flag(7, true);
        else PayloadEncoder.WriteScalar(_wire, 10, value);
        _wire.Close(mark);
        Count++;
    }

    /// <param name="seq">0 to 255.</param>
    public ReadOnlyMemory<byte> Finish(byte seq)
    {
        _wire.Varint(3, seq);
        return _wire.Written;
    }
}
