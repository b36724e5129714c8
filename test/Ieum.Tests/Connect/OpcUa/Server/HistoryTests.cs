using Ieum.Connect.OpcUa;
using static Ieum.Tests.Connect.OpcUa.Server.Harness;

namespace Ieum.Tests.Connect.OpcUa.Server;

public sealed class HistoryTests : IDisposable
{
    private static readonly DateTimeOffset Eight = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);
    private readonly Harness _house = new(history: 5);
    private readonly Client _client;

    public HistoryTests()
    {
        _client = _house.Open().Activate();
        for (var v = 1; v <= 7; v++) _house.Load.Set(Harness.At(Variant.Of((double)v), v));   // 5 are kept: 3 s to 7 s
    }

    public void Dispose() => _house.Dispose();

    private HistoryReadResult Read(double? from, double? to, uint most = 0, bool bounds = false, byte[]? point = null, bool release = false) =>
        _client.Ask<HistoryReadResponse>(new HistoryReadRequest
        {
            RequestHeader = _client.Header,
            ReleaseContinuationPoints = release,
            HistoryReadDetails = ExtensionObject.Of(new ReadRawModifiedDetails { StartTime = At(from), EndTime = At(to), NumValuesPerNode = most, ReturnBounds = bounds }),
            NodesToRead = [new() { NodeId = _house.Load.Id, ContinuationPoint = point }],
        }).Results[0];

    private static OpcTime At(double? second) => second is { } s ? OpcTime.Of(Eight.AddSeconds(s)) : default;

    private static double[] Values(HistoryReadResult r) => [.. ((HistoryData)r.HistoryData.Body!).DataValues.Select(v => v.Value.Number)];

    [Fact]
    public void A_range_gives_what_lies_in_it_without_its_end() => Assert.Equal([4, 5], Values(Read(4, 6)));

    [Fact]
    public void What_the_ring_has_let_go_is_not_there() => Assert.Equal([3, 4, 5, 6, 7], Values(Read(0, 100)));

    [Fact]
    public void A_range_backwards_gives_the_newest_first() => Assert.Equal([6, 5], Values(Read(6, 4)));

    [Fact]
    public void Bounds_add_the_values_around_the_range() => Assert.Equal([4, 5, 6], Values(Read(4.5, 5.5, bounds: true)));

    [Fact]
    public void A_start_and_a_number_give_so_many_and_an_end_and_a_number_the_newest()
    {
        Assert.Equal([4, 5], Values(Read(4, null, most: 2)));
        Assert.Equal([7, 6, 5], Values(Read(null, 100, most: 3)));
        Assert.Equal(StatusCodes.BadInvalidTimestampArgument, Read(null, null, most: 3).StatusCode);
    }

    [Fact]
    public void A_long_range_comes_in_pieces()
    {
        var first = Read(0, 100, most: 2);
        Assert.Equal(StatusCodes.GoodMoreData, first.StatusCode);
        var second = Read(0, 100, most: 2, point: first.ContinuationPoint);
        var third = Read(0, 100, most: 2, point: second.ContinuationPoint);
        Assert.Equal([3, 4, 5, 6, 7], [.. Values(first), .. Values(second), .. Values(third)]);
        Assert.Null(third.ContinuationPoint);
        Assert.Equal(StatusCodes.BadContinuationPointInvalid, Read(0, 100, most: 2, point: first.ContinuationPoint).StatusCode);
    }

    [Fact]
    public void Values_of_one_instant_are_neither_lost_nor_doubled_between_pieces()
    {
        for (var v = 10; v < 15; v++) _house.Load.Set(Harness.At(Variant.Of((double)v), 20));
        var got = new List<double>();
        byte[]? point = null;
        do
        {
            var piece = Read(0, 100, most: 2, point: point);
            got.AddRange(Values(piece));
            point = piece.ContinuationPoint;
        } while (point is not null);
        Assert.Equal([10, 11, 12, 13, 14], got);
    }

    [Fact]
    public void Nothing_in_a_range_is_told_as_such() => Assert.Equal(StatusCodes.GoodNoData, Read(50, 60).StatusCode);

    [Fact]
    public void Other_histories_are_refused()
    {
        Assert.Equal(StatusCodes.BadHistoryOperationUnsupported, _client.Refusal(new HistoryReadRequest
        {
            RequestHeader = _client.Header, HistoryReadDetails = ExtensionObject.Of(new ReadProcessedDetails()), NodesToRead = [new() { NodeId = _house.Load.Id }],
        }));
        Assert.Equal(StatusCodes.BadHistoryOperationUnsupported, _client.Ask<HistoryReadResponse>(new HistoryReadRequest
        {
            RequestHeader = _client.Header, HistoryReadDetails = ExtensionObject.Of(new ReadRawModifiedDetails { StartTime = At(0), EndTime = At(1) }),
            NodesToRead = [new() { NodeId = _house.Program.Id }],
        }).Results[0].StatusCode);
    }
}
