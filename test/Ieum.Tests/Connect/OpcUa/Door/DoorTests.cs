using Ieum.Connect;
using Ieum.Connect.OpcUa;
using Ieum.Connect.OpcUa.Door;
using Ieum.Connect.OpcUa.Server;
using Ieum.Model;

namespace Ieum.Tests.Connect.OpcUa.Door;

public sealed class DoorTests
{
    private static readonly MachineId Mill = new("B-MC1");
    private static readonly DateTimeOffset Eight = new(2026, 11, 24, 8, 0, 0, TimeSpan.Zero);
    private readonly Shelf _shelf = new();
    private readonly AddressSpace _space = new("urn:test");

    private DoorTree Tree(IWriteDoor? writes = null) => new(_space, new(new("B"), _shelf, _shelf, writes, (_, _, _) => new((DoorUser?)null)));

    private static DoorMachine Card(MachineState state = MachineState.Running, double? oee = 0.5) =>
        new(new(Mill, new("밀링", "フライス", "Mill"), "milling"), ["B", "ansan", "hall-1"], state, MachineOverlay.Warning, Eight, LinkState.Connected, oee, "O100", 7, "PO-1", null);

    private VariableNode Node(string id) => Assert.IsType<VariableNode>(_space.Find(new(_space.Namespace("urn:ieum:machines"), id)));

    private static Sample At(SignalNumber signal, SampleValue value, double second = 0, Quality quality = Quality.Good) =>
        new(signal, Eight.AddSeconds(second).UtcTicks, Eight.AddSeconds(second + 1).UtcTicks, value, quality);

    [Fact]
    public void A_machine_stands_where_the_company_put_it_with_state_work_and_signals()
    {
        var load = _shelf.Register(new(new(Mill, "Sload"), Unit.Percent, ValueKind.Real));
        _shelf.Append(At(load, SampleValue.Of(12.5)));
        Tree().Show([Card()], OpcTime.Of(Eight));
        Assert.Equal((int)MachineState.Running, Node("B-MC1/ State").Value.Value.Value);
        Assert.Equal(0.5, Node("B-MC1/ OeeToday").Value.Value.Value);
        Assert.True(Node("B-MC1/ Warning").Value.Value.Boolean);
        Assert.Equal((12.5, StatusCodes.Good), (Node("B-MC1/Sload").Value.Value.Number, Node("B-MC1/Sload").Value.StatusCode));
        var unit = (EUInformation)((ExtensionObject)Node("B-MC1/Sload/ EngineeringUnits").Value.Value.Value!).Body!;
        Assert.Equal(('P' << 8) | '1', unit.UnitId);
        var folder = _space.Find(new(_space.Namespace("urn:ieum:machines"), "B/ansan/hall-1/"))!;
        Assert.Contains(_space.References(folder, 0, 10, r => r.Forward, out _), r => r.Target.Text == "B-MC1");
    }

    [Fact]
    public void A_changed_card_is_told_and_an_unchanged_one_is_not()
    {
        var tree = Tree();
        tree.Show([Card()], OpcTime.Of(Eight));
        tree.Show([Card(MachineState.Stopped, oee: null)], OpcTime.Of(Eight.AddMinutes(1)));
        Assert.Equal((int)MachineState.Stopped, Node("B-MC1/ State").Value.Value.Value);
        Assert.Equal(StatusCodes.BadDataUnavailable, Node("B-MC1/ OeeToday").Value.StatusCode);
        Assert.Equal(OpcTime.Of(Eight), Node("B-MC1/ Program").Value.SourceTimestamp);
    }

    [Fact]
    public void Values_pass_with_their_quality_and_a_new_signal_appears_with_the_next_show()
    {
        var tree = Tree();
        var load = _shelf.Register(new(new(Mill, "Sload"), Unit.Percent, ValueKind.Real));
        tree.Show([Card()], OpcTime.Of(Eight));
        tree.Tell([At(load, SampleValue.Of(3.0))]);
        Assert.Equal(3.0, Node("B-MC1/Sload").Value.Value.Value);
        tree.Tell([At(load, SampleValue.None, 1, Quality.Unavailable)]);
        Assert.Equal(StatusCodes.BadNotConnected, Node("B-MC1/Sload").Value.StatusCode);
        tree.Tell([At(load, SampleValue.Of("???"), 2)]);
        Assert.Equal(StatusCodes.BadDataUnavailable, Node("B-MC1/Sload").Value.StatusCode);
        var later = _shelf.Register(new(new(Mill, "alarm/한국어"), Unit.One, ValueKind.Text));
        _shelf.Append(At(later, SampleValue.Of("NORMAL")));
        tree.Tell([At(later, SampleValue.Of("NORMAL"))]);
        tree.Show([Card()], OpcTime.Of(Eight));
        Assert.Equal("NORMAL", Node("B-MC1/alarm/한국어").Value.Value.Value);
    }

    [Fact]
    public void A_first_value_told_before_its_node_and_stored_after_it_shows_with_the_next_beat()
    {
        var tree = Tree();
        var load = _shelf.Register(new(new(Mill, "Sload"), Unit.Percent, ValueKind.Real));
        tree.Tell([At(load, SampleValue.Of(3.0))]);
        tree.Show([Card()], OpcTime.Of(Eight));
        Assert.Equal(StatusCodes.BadWaitingForInitialData, Node("B-MC1/Sload").Value.StatusCode);
        _shelf.Append(At(load, SampleValue.Of(3.0)));
        tree.Show([Card()], OpcTime.Of(Eight));
        Assert.Equal(3.0, Node("B-MC1/Sload").Value.Value.Value);
    }

    [Fact]
    public void A_machine_that_is_gone_takes_its_nodes_along()
    {
        var tree = Tree();
        _shelf.Register(new(new(Mill, "Sload"), Unit.Percent, ValueKind.Real));
        var before = _space.Count;
        tree.Show([Card()], OpcTime.Of(Eight));
        var watched = Node("B-MC1/Sload");
        tree.Show([], OpcTime.Of(Eight));
        Assert.Equal(before + 3, _space.Count);   // the folders of the company stay
        Assert.Equal(StatusCodes.BadNodeIdUnknown, watched.Value.StatusCode);
        tree.Show([Card()], OpcTime.Of(Eight));
        Assert.NotSame(watched, Node("B-MC1/Sload"));
    }

    [Fact]
    public async Task A_write_goes_to_the_guard_and_only_where_the_guard_allows_any()
    {
        var target = _shelf.Register(new(new(Mill, "target"), Unit.Percent, ValueKind.Real));
        _shelf.Register(new(new(Mill, "Sload"), Unit.Percent, ValueKind.Real));
        var guard = new Guard();
        var tree = Tree(guard);
        tree.Show([Card()], OpcTime.Of(Eight));
        Assert.Equal((3 | 4, 1 | 4), (Node("B-MC1/target").AccessLevel, Node("B-MC1/Sload").AccessLevel));
        Assert.Equal(StatusCodes.Good, (await Write(50)).Status);
        var refused = await Write(500);
        Assert.Equal(StatusCodes.BadUserAccessDenied, refused.Status);
        Assert.Contains("above its limit", refused.Text, StringComparison.Ordinal);
        Assert.Equal(["B-MC1/target=50 by kim through opcua", "B-MC1/target=500 by kim through opcua"], guard.Asked);
        Assert.Equal(StatusCodes.GoodCompletesAsynchronously, (await Write(77)).Status);
        guard.Open = false;
        tree.Show([Card()], OpcTime.Of(Eight));
        Assert.Null(Node("B-MC1/target").OnWrite);
        Assert.NotEqual(default, target);

        async Task<WriteVerdict> Write(double value) => await Node("B-MC1/target").OnWrite!(
            new(Node("B-MC1/target"), new(Variant.Of(value)), new("kim", CanWrite: true)), CancellationToken.None);
    }

    [Theory]
    [InlineData(0, 100, false, 3, false, new[] { 0.0, 1, 2, 3, 4, 5, 6, 7, 8, 9 })]
    [InlineData(3, 6, false, 2, false, new[] { 3.0, 4, 5 })]
    [InlineData(6, 3, true, 2, false, new[] { 6.0, 5, 4 })]
    [InlineData(100, 0, true, 4, false, new[] { 9.0, 8, 7, 6, 5, 4, 3, 2, 1 })]
    [InlineData(3.5, 5.5, false, 10, true, new[] { 3.0, 4, 5, 6 })]
    [InlineData(5.5, 3.5, true, 10, true, new[] { 6.0, 5, 4, 3 })]
    [InlineData(50, 60, false, 10, false, new double[0])]
    public async Task The_recorded_past_comes_in_pages_either_way(double from, double to, bool backward, int most, bool bounds, double[] expected)
    {
        var load = _shelf.Register(new(new(Mill, "Sload"), Unit.Percent, ValueKind.Real));
        for (var v = 0; v < 10; v++) _shelf.Append(At(load, SampleValue.Of((double)v), v));
        var history = new RecordedHistory(load, BuiltInType.Double, _shelf);
        var got = new List<double>();
        var question = new HistoryQuestion(Ticks(from), Ticks(to), backward, most, bounds);
        for (var pages = 0; pages < 20; pages++)
        {
            var page = await history.ReadAsync(question, CancellationToken.None);
            Assert.True(page.Values.Length <= most);
            got.AddRange(page.Values.Select(v => v.Value.Number));
            if (page.Next is null) break;
            question = question with { After = page.Next };
        }
        Assert.Equal(expected, got);

        static long Ticks(double second) => Eight.AddSeconds(second).UtcTicks;
    }

    private sealed class Guard : IWriteDoor
    {
        public List<string> Asked { get; } = [];
        public bool Open { get; set; } = true;
        public bool IsWritable(SignalId signal) => Open && signal.Name == "target";

        public Task<WriteOutcome> RequestAsync(Ieum.Model.WriteRequest request, CancellationToken cancel)
        {
            Asked.Add($"{request.Signal}={request.Value} by {request.By} through {request.Through}");
            if (request.Value.Number == 77) return Task.FromResult(new WriteOutcome(3, WriteState.Waiting, null, "waits for a second person", []));
            return Task.FromResult(request.Value.Number <= 100
                ? new WriteOutcome(1, WriteState.Confirmed, null, "done", []) : new WriteOutcome(2, WriteState.Refused, "write-limit", "500 is above its limit of 100.", []));
        }
    }

    /// <summary>Signals and samples in memory.</summary>
    private sealed class Shelf : ISignalDirectory, IMeasurementHistory
    {
        private readonly List<Signal> _signals = [];
        private readonly List<Sample> _samples = [];

        public void Append(Sample sample) => _samples.Add(sample);

        public SignalNumber Register(Signal signal)
        {
            _signals.Add(signal);
            return new(_signals.Count);
        }

        public Signal? Find(SignalNumber number) => _signals.ElementAtOrDefault(number.Value - 1);
        public SignalNumber? Find(SignalId id) => _signals.FindIndex(s => s.Id == id) is >= 0 and var at ? new(at + 1) : null;
        public IReadOnlyList<(SignalNumber Number, Signal Signal)> Of(MachineId machine) =>
            [.. _signals.Select((s, i) => (new SignalNumber(i + 1), s)).Where(s => s.s.Id.Machine == machine)];

        public Sample? Last(SignalNumber signal) => _samples.Exists(s => s.Signal == signal) ? _samples.FindLast(s => s.Signal == signal) : null;
        public IReadOnlyList<LastValue> LastOf(MachineId machine) => throw new NotSupportedException();

        public async IAsyncEnumerable<Sample> RangeAsync(SignalNumber signal, TimeRange range, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            await Task.CompletedTask;
            foreach (var s in _samples.Where(s => s.Signal == signal && s.SourceTime >= range.From && s.SourceTime < range.To)) yield return s;
        }

        public Task<Sample?> BeforeAsync(SignalNumber signal, DateTimeOffset instant, CancellationToken cancel) =>
            Task.FromResult(_samples.Exists(s => s.Signal == signal && s.SourceTime < instant) ? _samples.FindLast(s => s.Signal == signal && s.SourceTime < instant) : (Sample?)null);

        public Task<IReadOnlyList<Bucket>> DownsampleAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel) => throw new NotSupportedException();
        public Task<IReadOnlyList<StateDuration>> StateDurationsAsync(SignalNumber signal, TimeRange range, CancellationToken cancel) => throw new NotSupportedException();
        public Task<IReadOnlyList<Gap>> GapsAsync(SourceId source, TimeRange range, CancellationToken cancel) => throw new NotSupportedException();
    }
}
