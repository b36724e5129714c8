namespace Ieum.Sim.Stations;

/// <summary>What a controller remembers about one client: nothing, or the form of its frames.</summary>
internal interface IStationSession
{
    /// <summary>Length of the first frame in what has come: 0 more bytes are needed, -1 this is no frame and the controller hangs up.</summary>
    int Cut(ReadOnlySpan<byte> received);

    /// <summary>The answer; null when a controller would say nothing.</summary>
    byte[]? Answer(ReadOnlyMemory<byte> frame);
}

/// <summary>Memory of a controller: areas by code, each a row of words or bits.</summary>
internal interface ICells
{
    bool Has(int code);

    /// <returns>False when a cell lies outside the area.</returns>
    bool TryRead(int code, long start, Span<ushort> into);
    bool TryWrite(int code, long start, ReadOnlySpan<ushort> values);
}
