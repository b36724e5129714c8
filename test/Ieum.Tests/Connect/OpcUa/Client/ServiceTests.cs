using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Client;
using Ieum.Connect.OpcUa.Server;
using Ieum.Model;

namespace Ieum.Tests.Connect.OpcUa;

/// <summary>Requests in batches, browsing at scale, points in structures, writing.</summary>
public class ServiceTests
{
    [Fact]
    public async Task Requests_are_halved_until_the_server_takes_them()
    {
        var size = new BatchSize(100);
        var tried = new List<int>();
        var results = await Batches.RunAsync<int, int>([.. Enumerable.Range(0, 100)], size, part =>
        {
            tried.Add(part.Length);
            return part.Length > 30 ? throw new OpcUaException(StatusCodes.BadTooManyOperations) : Task.FromResult(part);
        });
        Assert.Equal(Enumerable.Range(0, 100), results);
        Assert.Equal([100, 50, 25, 25, 25, 25], tried);
        Assert.Equal(25, size.Most);
    }

    [Fact]
    public async Task A_single_operation_that_is_too_large_is_an_error() =>
        await Assert.ThrowsAsync<OpcUaException>(() => Batches.RunAsync<int, int>([1, 2], new(2), _ => throw new OpcUaException(StatusCodes.BadResponseTooLarge)));

    [Fact]
    public async Task An_answer_with_another_number_of_results_is_an_error() =>
        await Assert.ThrowsAsync<OpcUaException>(() => Batches.RunAsync<int, int>([1, 2], new(2), _ => Task.FromResult<int[]>([1])));

    /// <summary>Pitfall 11: 100,000 nodes in one folder, page by page.</summary>
    [Fact]
    public async Task A_hundred_thousand_nodes_are_browsed_page_by_page()
    {
        await using var bench = await new Bench(new() { MaxReferencesPerNode = 1000 }).StartAsync();
        var index = bench.Index;
        var folder = bench.Engine.Space.Add(new ObjectNode(new(index, "many"), new(index, "Many"), new("Many")), NodeIds.ObjectsFolder, NodeIds.Organizes, NodeIds.FolderType);
        for (uint i = 0; i < 100_000; i++)
            bench.Engine.Space.Add(new ObjectNode(new(index, i + 1), new(index, $"n{i}"), new($"n{i}")), folder.Id, NodeIds.Organizes);
        var services = await bench.SessionAsync();
        int pages = 0, most = 0;
        var seen = new HashSet<NodeId>();
        await foreach (var page in services.BrowseAsync([folder.Id], NodeIds.HierarchicalReferences, 0, TestContext.Current.CancellationToken))
        {
            pages++;
            most = Math.Max(most, page.References.Length);
            foreach (var r in page.References) seen.Add(r.NodeId.Node);
        }
        Assert.Equal((100_000, 100, 1000), (seen.Count, pages, most));
    }

    [Fact]
    public async Task Stopping_early_gives_the_continuation_point_back()
    {
        await using var bench = await new Bench(new() { MaxReferencesPerNode = 2 }, signals: 10).StartAsync();
        var services = await bench.SessionAsync();
        await foreach (var page in services.BrowseAsync([new NodeId(bench.Index, "machine")], NodeIds.HierarchicalReferences, 0, TestContext.Current.CancellationToken))
            if (page.References.Length > 0) break;
        Assert.Contains(bench.Seen, s => s.Request is BrowseNextRequest { ReleaseContinuationPoints: true });
    }

    [Fact]
    public async Task More_nodes_than_continuation_points_are_browsed_all_the_same()
    {
        await using var bench = await new Bench(new() { MaxReferencesPerNode = 3, MaxBrowseContinuationPoints = 2 }).StartAsync();
        var index = bench.Index;
        var folders = new List<NodeId>();
        for (var f = 0; f < 12; f++)
        {
            var folder = bench.Engine.Space.Add(new ObjectNode(new(index, $"f{f}"), new(index, $"F{f}"), new($"F{f}")), NodeIds.ObjectsFolder, NodeIds.Organizes, NodeIds.FolderType);
            folders.Add(folder.Id);
            for (var i = 0; i < 10; i++) bench.Engine.Space.Add(new ObjectNode(new(index, $"f{f}n{i}"), new(index, $"n{i}"), new($"n{i}")), folder.Id, NodeIds.Organizes);
        }
        var services = await bench.SessionAsync();
        var found = new HashSet<NodeId>();
        await foreach (var page in services.BrowseAsync(folders, NodeIds.Organizes, 0, TestContext.Current.CancellationToken))
        {
            Assert.False(page.Status.IsBad, page.Status.Name);
            foreach (var r in page.References) found.Add(r.NodeId.Node);
        }
        Assert.Equal(120, found.Count);
    }

    [Fact]
    public async Task A_path_finds_its_node()
    {
        await using var bench = new Bench();
        bench.Points = [new("s1", $"/Objects/{bench.Index}:Machine/{bench.Index}:S1")];
        await bench.StartAsync();
        bench.Set(1, 12);
        await bench.UntilValueAsync(1, 12);
    }

    [Fact]
    public async Task A_value_is_written_in_the_type_of_the_node_and_read_back()
    {
        await using var bench = new Bench();
        bench.Points = [new("w", "nsu=urn:bench:machine;s=w") { Scale = 0.1 }];
        var node = bench.Engine.Space.Add(new VariableNode(new(bench.Index, "w"), new(bench.Index, "W"), new("W"), NodeIds.Int16)
        {
            OnWrite = (w, _) =>
            {
                w.Node.Set(w.Value);
                return new(new WriteVerdict(StatusCodes.Good));
            },
        }, new(bench.Index, "machine"), NodeIds.HasComponent, NodeIds.BaseDataVariableType);
        var at = OpcTime.Of(TimeProvider.System.GetUtcNow());
        node.Set(new(Variant.Of((short)1), StatusCodes.Good, at, at));
        await bench.StartAsync();
        var signal = new SignalId(new("press"), "w");
        var answer = await bench.Source.Writer.WriteAsync(signal, SampleValue.Of(7.3), TestContext.Current.CancellationToken);
        Assert.True(answer.Done, answer.Message);
        Assert.Equal(Variant.Of((short)73), node.Value.Value);
        Assert.Equal(7.3, (await bench.Source.Writer.ReadBackAsync(signal, TestContext.Current.CancellationToken))!.Value.Value.Number, 9);
        var tooLarge = await bench.Source.Writer.WriteAsync(signal, SampleValue.Of(4000.0), TestContext.Current.CancellationToken);
        Assert.False(tooLarge.Done);
        Assert.Contains("Int16", tooLarge.Message, StringComparison.Ordinal);
        Assert.False((await bench.Source.Writer.WriteAsync(new(new("press"), "other"), SampleValue.Of(1L), TestContext.Current.CancellationToken)).Done);
    }

    [Fact]
    public async Task Without_a_connection_nothing_is_written()
    {
        await using var bench = await new Bench().StartAsync();
        bench.Cut();
        await Bench.UntilAsync(() => bench.Source.Health.Link == LinkState.Disconnected);
        Assert.False((await bench.Source.Writer.WriteAsync(new(new("press"), "s1"), SampleValue.Of(1L), TestContext.Current.CancellationToken)).Done);
        Assert.Null(await bench.Source.Writer.ReadBackAsync(new(new("press"), "s1"), TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(1.0, "Boolean", "True")]
    [InlineData(255.0, "Byte", "255")]
    [InlineData(-1.0, "Byte", null)]
    [InlineData(1.5, "Int32", null)]
    [InlineData(1e30, "Int64", null)]
    [InlineData(double.NaN, "Int32", null)]
    [InlineData(0.1, "Float", "0.1")]
    [InlineData(3.0, "String", "3")]
    [InlineData(3.0, "ByteString", null)]
    public void A_written_number_fits_the_type_or_is_refused(double value, string type, string? expected)
    {
        var variant = OpcValues.Encoded(SampleValue.Of(value), Enum.Parse<BuiltInType>(type), out var why);
        Assert.Equal(expected, why is null ? variant.ToString() : null);
        if (why is null) Assert.Equal(type, variant.Type.ToString());
    }

    [Theory]
    [InlineData(0x00000000u, Quality.Good)]
    [InlineData(0x40900000u, Quality.Uncertain)]
    [InlineData(0x80880000u, Quality.Bad)]            // BadSensorFailure
    [InlineData(0x80310000u, Quality.Unavailable)]    // BadNoCommunication
    [InlineData(0x80320000u, Quality.Unavailable)]    // BadWaitingForInitialData
    public void A_status_becomes_a_quality(uint status, Quality quality) => Assert.Equal(quality, OpcValues.QualityOf(new(status)));

    [Fact]
    public void Numbers_keep_their_kind_and_the_largest_do_not_turn_negative()
    {
        Assert.True(OpcValues.TryScalar(Variant.Of(ulong.MaxValue), out var huge));
        Assert.Equal((ValueKind.Real, (double)ulong.MaxValue), (huge.Kind, huge.Number));
        Assert.True(OpcValues.TryScalar(Variant.Of(-5), out var whole));
        Assert.Equal((ValueKind.Integer, -5L), (whole.Kind, whole.Integer));
        Assert.True(OpcValues.TryScalar(Variant.Of(OpcTime.Of(new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero))), out var time));
        Assert.Equal("2026-11-24T08:00:00Z", time.Text);
        Assert.True(OpcValues.TryScalar(Variant.Of(new LocalizedText("ko", "가공")), out var text));
        Assert.Equal("가공", text.Text);
    }

    [Fact]
    public void Words_stand_for_states_and_lead_back_when_written()
    {
        var point = new OpcPoint(1, new("mode", "i=1") { Words = CompanionModels.Meaning("OperationMode", []).Words }, NodeAddressOf("i=1"));
        Assert.Equal("AUTOMATIC", OpcIntake.ValueOf(point, SampleValue.Of(1L)).Text);
        Assert.Equal(77, OpcIntake.ValueOf(point, SampleValue.Of(77L)).Integer);
        Assert.True(OpcUaWriter.TryRaw(point, SampleValue.Of("MANUAL"), BuiltInType.Int32, out var raw));
        Assert.Equal(0, raw.Integer);
        Assert.False(OpcUaWriter.TryRaw(point, SampleValue.Of("FLYING"), BuiltInType.Int32, out _));
    }

    private static NodeAddress NodeAddressOf(string text)
    {
        Assert.True(NodeAddress.TryParse(text, out var address));
        return address;
    }
}
