namespace Ieum.Connect.MtConnect;

internal enum MtCategory : byte { Sample, Event, Condition }

/// <summary>Header of every document (MTConnect Part 1, Header). 0 where an attribute is missing.</summary>
internal readonly record struct MtHeader(
    long InstanceId, long BufferSize, long FirstSequence, long LastSequence, long NextSequence, string Sender, string Version);

/// <summary>One data item of a device description.</summary>
internal sealed record MtDataItem(
    string Id, string? Name, MtCategory Category, string Type, string SubType, string Units, string Representation, string Component);

internal sealed record MtDevice(string Id, string Name, string Uuid, bool IsAgent, string Description, IReadOnlyList<MtDataItem> Items);

internal sealed record MtError(string Code, string Text)
{
    /// <summary>The request names a sequence that is not in the buffer (any more).</summary>
    public bool IsOutOfRange => Code is "OUT_OF_RANGE";
}

/// <summary>One value of a streams document.</summary>
/// <param name="Type">Element name; of a condition: the type attribute.</param>
/// <param name="Ticks">UTC ticks; 0 when the time stamp cannot be read.</param>
/// <param name="Text">The value; of a condition <c>LEVEL|code|severity|qualifier|text</c>; null when <paramref name="Number"/> holds it.</param>
/// <param name="Device">Index into <see cref="MtDocument.DeviceStreams"/>; -1 outside of any.</param>
internal readonly record struct MtObservation(
    string DataItemId, string Type, MtCategory Category, long Sequence, long Ticks, string? Text, double Number, bool IsUnavailable, int Device);

internal enum MtDocumentKind : byte { Streams, Devices, Error, Other }

/// <summary>A decoded document. Lists belong to the decoder and hold until its next call.</summary>
internal sealed class MtDocument
{
    public MtDocumentKind Kind { get; set; }
    public MtHeader Header { get; set; }
    public List<MtObservation> Observations { get; } = [];
    /// <summary>Every device seen by this decoder, so that an index keeps its meaning from document to document.</summary>
    public List<(string Name, string Uuid)> DeviceStreams { get; } = [];
    public List<MtDevice> Devices { get; } = [];
    public List<MtError> Errors { get; } = [];

    public void Clear()
    {
        (Kind, Header) = (MtDocumentKind.Other, default);
        Observations.Clear();
        Devices.Clear();
        Errors.Clear();
    }
}
