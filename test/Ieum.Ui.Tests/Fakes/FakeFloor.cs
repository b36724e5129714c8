using System.Collections.Immutable;
using Ieum.Analyze;
using Ieum.Model;
using Ieum.Node.Views;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>A factory of a chosen number of machines in every state, standing at a fixed instant.</summary>
internal sealed class FakeFloor : IShopFloor
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 24, 13, 20, 0, TimeSpan.FromHours(9));

    private static readonly (string Id, string Ko, string Ja, string En, string Kind, MachineState State, MachineOverlay Overlay)[] Kinds =
    [
        ("B-MC1", "머시닝센터 1호기", "マシニングセンタ1号機", "Machining centre 1", "milling", MachineState.Running, MachineOverlay.None),
        ("B-MC2", "머시닝센터 2호기", "マシニングセンタ2号機", "Machining centre 2", "milling", MachineState.Stopped, MachineOverlay.Fault),
        ("B-L1", "CNC 선반", "CNC旋盤", "CNC lathe", "turning", MachineState.Running, MachineOverlay.Warning),
        ("B-HONE", "호닝반", "ホーニング盤", "Honing machine", "honing", MachineState.Idle, MachineOverlay.SetUp),
        ("B-GR1", "원통 연삭반", "円筒研削盤", "Cylindrical grinder", "grinding", MachineState.Stopped, MachineOverlay.None),
        ("B-MC3", "5축 가공기", "5軸加工機", "Five-axis machine", "milling", MachineState.Idle, MachineOverlay.None),
        ("B-WASH", "세척기", "洗浄機", "Washing machine", "washing", MachineState.Offline, MachineOverlay.None),
        ("B-CMM", "3차원 측정기", "三次元測定機", "Coordinate measuring machine", "inspection", MachineState.Unknown, MachineOverlay.None),
    ];

    public FakeFloor(int machines = 8)
    {
        var all = Enumerable.Range(0, machines).Select(i =>
        {
            var k = Kinds[i % Kinds.Length];
            var again = i / Kinds.Length;
            var tail = again == 0 ? "" : $"-{again + 1}";
            return (Machine: new Machine(new(k.Id + tail), new(k.Ko + tail, k.Ja + tail, k.En + tail), k.Kind), k.State, k.Overlay);
        }).ToArray();
        Company = new Company(new("B"), new("솔바람정밀", "ソルバラム精密", "Solbaram Precision"), "KR",
            [new Site("ulsan", LocalName.Same("Ulsan"), [new Area("hall-1", LocalName.Same("Hall 1"),
                [new ProductionLine("cell-1", LocalName.Same("Cell 1"), [.. all.Select(a => a.Machine)])])])]);
        Cards = [.. all.Select((a, i) => MakeCard(a.Machine, a.State, a.Overlay, i))];
    }

    public event Action? Changed;
    public DateTimeOffset Now { get; set; } = Noon;
    public Company Company { get; }
    public ImmutableArray<MachineCard> Cards { get; set; }

    public void Raise() => Changed?.Invoke();
    public bool IsFollowed => Changed is not null;
    public MachineCard? Card(MachineId machine) => Cards.FirstOrDefault(c => c.Machine.Id == machine);

    public IReadOnlyList<LastValue> Values(MachineId machine) => Card(machine) is null ? [] :
    [
        Value(machine, 1, "avail", Unit.One, SignalRole.Availability, SampleValue.Of("AVAILABLE")),
        Value(machine, 2, "execution", Unit.One, SignalRole.Execution, SampleValue.Of("ACTIVE")),
        Value(machine, 3, "mode", Unit.One, SignalRole.ControllerMode, SampleValue.Of("AUTOMATIC")),
        Value(machine, 4, "program", Unit.One, SignalRole.Program, SampleValue.Of("O2611-BODY-50")),
        Value(machine, 5, "PartCountAct", Unit.Piece, SignalRole.PartCount, SampleValue.Of(1234L)),
        Value(machine, 6, "Sload", Unit.Percent, SignalRole.Load, SampleValue.Of(41.7)),
        Value(machine, 7, "S1speed", Unit.RevolutionPerMinute, SignalRole.SpindleSpeed, SampleValue.Of(8000.0)),
        Value(machine, 8, "Xabs", Unit.Millimetre, SignalRole.Position, SampleValue.Of(-123.4567)),
        Value(machine, 9, "S1temp", Unit.Celsius, SignalRole.Temperature, SampleValue.Of(38.25)),
        Value(machine, 10, "coolant_level_of_the_central_tank_measured_by_retrofit_sensor", Unit.Percent, SignalRole.None, SampleValue.Of(71.0), Quality.Stale, 14),
        Value(machine, 11, "system_cond", Unit.One, SignalRole.Condition, SampleValue.Of("FAULT|1045|2|HIGH|TOOL LIFE EXPIRED T12")),
        Value(machine, 13, "servo_cond", Unit.One, SignalRole.Condition, SampleValue.Of("NORMAL||||")),
        Value(machine, 12, "door_closed", Unit.One, SignalRole.None, SampleValue.Of(true)),
    ];

    public Task<ImmutableArray<StateSpan>> TimelineAsync(MachineId machine, TimeRange range, CancellationToken cancel) =>
        Task.FromResult(Card(machine) is { } c ? Story(range, c.State, c.Overlay, machine.Value.Length) : []);

    public Task<OeeAnswer> OeeAsync(MachineId machine, TimeRange range, CancellationToken cancel)
    {
        var busy = range.Duration * 0.8;
        return Task.FromResult(new OeeAnswer(machine, range, new ProductionTimes(busy, busy * 0.62, busy * 0.1, busy * 0.15, busy * 0.08, busy * 0.05), 212, 207, 0.62, 0.91, 207 / 212.0));
    }

    public Task<ImmutableArray<AlarmLine>> AlarmsAsync(MachineId machine, TimeRange range, CancellationToken cancel) => Task.FromResult<ImmutableArray<AlarmLine>>(
    [
        new("system_cond", "1045", ConditionLevel.Fault, "TOOL LIFE EXPIRED T12", 6, 34.Minutes, Now.AddMinutes(-12)),
        new("coolant_cond", "A220", ConditionLevel.Warning, "COOLANT LEVEL LOW", 3, 21.Minutes, Now.AddHours(-3)),
        new("servo_cond", "410", ConditionLevel.Fault, "SERVO ALARM: X AXIS EXCESS ERROR WHILE STOPPED, CHECK THE SCALE", 1, 4.Minutes, Now.AddHours(-5)),
    ]);

    public Task<ImmutableArray<CycleStatistics>> CyclesAsync(MachineId machine, TimeRange range, CancellationToken cancel) => Task.FromResult<ImmutableArray<CycleStatistics>>(
    [
        new(machine, "O2611-BODY-50", 142, TimeSpan.FromSeconds(372), 4.Seconds, TimeSpan.FromSeconds(370.5), TimeSpan.FromSeconds(373.9), 366.Seconds, 385.Seconds,
            [.. Enumerable.Range(0, 40).Select(i => TimeSpan.FromSeconds(372 + 9 * Math.Sin(i * 1.7) + (i == 27 ? 60 : 0)))]),
        new(machine, "O1180-COVER-20", 31, TimeSpan.FromSeconds(95.4), 1.Seconds, TimeSpan.FromSeconds(94.8), TimeSpan.FromSeconds(96.1), 93.Seconds, 101.Seconds,
            [.. Enumerable.Range(0, 31).Select(i => TimeSpan.FromSeconds(95.4 + 2 * Math.Cos(i)))]),
    ]);

    public Task<IReadOnlyList<Bucket>> TrendAsync(SignalNumber signal, TimeRange range, TimeSpan step, CancellationToken cancel)
    {
        var buckets = new List<Bucket>();
        for (var t = range.From; t < range.To && buckets.Count < 2000; t += step)
        {
            var i = buckets.Count;
            var mean = 40 + 25 * Math.Sin(i / 9.0) + signal.Value;
            buckets.Add(new(new TimeRange(t, t + step), i % 50 == 20 ? 0 : 60, i % 50 == 20 ? double.NaN : mean, mean - 6, mean + 9, mean, 0));
        }
        return Task.FromResult<IReadOnlyList<Bucket>>(buckets);
    }

    private MachineCard MakeCard(Machine machine, MachineState state, MachineOverlay overlay, int i)
    {
        var story = Story(new TimeRange(Now.AddHours(-8), Now), state, overlay, i);
        var work = (i % 8) switch
        {
            0 => Work("PO-2611-031-1-BODY", 50, "VLV-BODY-20A", OperationStatus.Running, 120, 46, 1, Now.AddHours(3), false),
            1 => Work("PO-2611-032-2-SPOOL", 30, "VLV-SPOOL-08", OperationStatus.Paused, 400, 212, 5, Now.AddMinutes(-50), true),
            2 => Work("PRV-0117", 20, "SHAFT-12-H7", OperationStatus.Running, 60, 11, 0, Now.AddHours(6), false),
            3 => Work("PO-2611-031-1-BODY", 60, "VLV-BODY-20A", OperationStatus.Waiting, 120, 0, 0, Now.AddHours(9), false),
            4 => Work("PRV-0118", 10, "PIN-6", OperationStatus.Running, 1200, 840, 12, Now.AddHours(1), false),
            _ => null,
        };
        DateTimeOffset? seen = state switch { MachineState.Offline => Now.AddHours(-2), MachineState.Unknown => null, _ => Now.AddSeconds(-2) };
        return new MachineCard(machine, state, overlay, story.IsEmpty ? Now : story[^1].Range.From, seen,
            state == MachineState.Offline ? LinkState.Disconnected : LinkState.Connected,
            state is MachineState.Unknown ? null : 0.42 + 0.06 * (i % 8), work, "O2611", 1234 + i, story);
    }

    private static CurrentWork Work(string order, int step, string item, OperationStatus status, int quantity, int good, int scrap, DateTimeOffset end, bool late) =>
        new(OperationId.Of(new(order), step), new(order), new(item), status, quantity, good, scrap, end, late);

    private LastValue Value(MachineId machine, int number, string name, Unit unit, SignalRole role, SampleValue value, Quality quality = Quality.Good, int age = 1)
    {
        var at = Now.AddSeconds(-age).UtcTicks;
        return new LastValue(new Signal(new(machine, name), unit, value.Kind, role), new(number), new Sample(new(number), at, at, value, quality));
    }

    /// <summary>Stretches of a plausible shift that end in the wanted state.</summary>
    private static ImmutableArray<StateSpan> Story(TimeRange range, MachineState last, MachineOverlay overlay, int seed)
    {
        (MachineState State, MachineOverlay Overlay, string Cause, double Share)[] parts =
        [
            (MachineState.Unknown, MachineOverlay.None, "", 0.06),
            (MachineState.Idle, MachineOverlay.SetUp, "MANUAL", 0.09 + 0.01 * (seed % 4)),
            (MachineState.Running, MachineOverlay.None, "ACTIVE", 0.27),
            (MachineState.Stopped, MachineOverlay.None, "FEED_HOLD", 0.04),
            (MachineState.Running, MachineOverlay.Fault, "ACTIVE", 0.11),
            (MachineState.Stopped, MachineOverlay.Fault, "INTERRUPTED", 0.07),
            (MachineState.Offline, MachineOverlay.None, "UNAVAILABLE", 0.05),
            (MachineState.Idle, MachineOverlay.None, "READY", 0.08),
        ];
        var spans = ImmutableArray.CreateBuilder<StateSpan>();
        var at = range.From;
        foreach (var p in parts)
        {
            var to = at + range.Duration * p.Share;
            spans.Add(new(new TimeRange(at, to), p.State, p.Overlay, p.Cause));
            at = to;
        }
        spans.Add(new(new TimeRange(at, range.To), last, overlay, "ACTIVE"));
        return spans.ToImmutable();
    }
}
