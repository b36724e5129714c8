using System.Collections.Immutable;
using Ieum.Act;
using Ieum.Connect;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>A plan of two weeks on the machines of a <see cref="FakeFloor"/>, with late orders, actuals and measured times.</summary>
internal sealed class FakePlan : IPlanDesk
{
    private readonly FakeFloor _floor;

    public FakePlan(FakeFloor floor)
    {
        _floor = floor;
        var machines = floor.Company.Machines.Take(6).ToArray();
        if (machines.Length == 0) return;
        var day = new DateTimeOffset(2026, 11, 24, 8, 0, 0, TimeSpan.FromHours(9));
        var operations = ImmutableArray.CreateBuilder<PlannedOperation>();
        var orders = ImmutableArray.CreateBuilder<Order>();
        var promises = ImmutableArray.CreateBuilder<OrderPromise>();
        for (var i = 0; i < 9; i++)
        {
            var id = new OrderId(i < 4 ? $"PO-2611-03{i + 1}-1-BODY" : $"PRV-011{i}");
            var item = new ItemId(i < 4 ? "VLV-BODY-20A" : $"SHAFT-{i}-H7");
            DateTimeOffset start = day.AddHours(-6 + 9 * i), finish = start;
            var steps = ImmutableArray.CreateBuilder<RoutingStep>();
            for (var s = 0; s < 3; s++)
            {
                var machine = machines[(i + s) % machines.Length].Id;
                steps.Add(new RoutingStep.Work((s + 1) * 10, $"Step {s + 1}", [new MachineOption(machine, 40.Minutes, 6.Minutes)]));
                var work = TimeSpan.FromMinutes(40 + 6 * (20 + 10 * s));
                operations.Add(new PlannedOperation(OperationId.Of(id, (s + 1) * 10), id, (s + 1) * 10, machine, 20 + 10 * s, finish, finish + work, 40.Minutes, work) { RunStart = finish + 40.Minutes });
                finish += work + 1.Hours;
            }
            var due = i % 4 == 1 ? finish.AddHours(-7) : finish.AddHours(20);
            orders.Add(new Order(id, new Routing(item, steps.ToImmutable()), 40, start.AddHours(-1), due < start ? start : due, 1 + i, isPrivate: i >= 4));
            promises.Add(new OrderPromise(id, finish, due));
        }
        Orders = orders.ToImmutable();
        InForce = new PlanVersion(7, 6, floor.Now.AddHours(-2), "late-operation", operations.ToImmutable(), promises.ToImmutable(), true, "CP-SAT, gap 3.1 %");
        History = [InForce, new(6, 5, floor.Now.AddHours(-26), "learned-time", [], promises.ToImmutable(), true, "CP-SAT, optimal"), new(5, null, floor.Now.AddDays(-2), "first", [], promises.ToImmutable(), true, "constructive")];
        var first = operations[0];
        Actuals = [new(first.Operation, OperationStatus.Running, first.Machine, first.Start.AddMinutes(12), null, 11, 1)];
        Late = [new(operations[3], OperationActual.Waiting(operations[3].Operation), 2.Hours)];
        TimesUsed = [new(first.Machine, new("VLV-BODY-20A"), 360.Seconds, 372.Seconds, new(first.Machine, new("VLV-BODY-20A"), 372.Seconds, 370.Seconds, 374.Seconds, 142))];
    }

    public event Action? Changed;
    public PlanVersion? InForce { get; set; }
    public ImmutableArray<PlanVersion> History { get; } = [];
    public ImmutableArray<Order> Orders { get; private set; } = [];
    public ImmutableArray<OperationActual> Actuals { get; } = [];
    public ImmutableArray<LateOperation> Late { get; } = [];
    public ImmutableArray<TimeUsed> TimesUsed { get; } = [];
    public ImmutableArray<PlanConflict> Findings { get; } =
    [
        new(PlanRules.MachineNoCalendar, "Step 20 'hone' of order 'PRV-0115' names machine 'B-HON9', which has no calendar; add the machine or correct the routing.", new("PRV-0115")) { Row = "order PRV-0115, step 20", Field = "machine" },
        new(PlanRules.MatrixHole, "Set-up table 'turning': no time from 'brass' to 'steel'; fill it in.", null) { Row = "set-up table turning", Field = "brass → steel" },
    ];
    public DateTimeOffset? SolvingSince { get; set; }

    /// <summary>Completes the replan that a test started.</summary>
    public TaskCompletionSource<PlanOutcome> Answer { get; set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    public List<(string Reason, string By)> Asked { get; } = [];

    public WorkCalendar CalendarOf(MachineId machine) => new(TimeSpan.FromHours(9),
        Enumerable.Range(1, 5).ToDictionary(d => (DayOfWeek)d, _ => (IReadOnlyList<Shift>)[new(8.Hours, 12.Hours), new(13.Hours, 20.Hours)]),
        [new DateOnly(2026, 11, 27)]);

    public async Task<PlanOutcome> ReplanAsync(string reason, string by, CancellationToken cancel)
    {
        Asked.Add((reason, by));
        SolvingSince = _floor.Now;
        Changed?.Invoke();
        var outcome = await Answer.Task.WaitAsync(cancel);
        SolvingSince = null;
        Changed?.Invoke();
        return outcome;
    }

    public Task AddOrderAsync(Order order, string by, CancellationToken cancel)
    {
        Orders = Orders.Add(order);
        Changed?.Invoke();
        return Task.CompletedTask;
    }
}

internal sealed class FakeOperator(FakeFloor floor, FakePlan plan) : IOperatorDesk
{
    public event Action? Changed;
    public List<ShopEvent> Events { get; } = [];
    public Dictionary<OperationId, OperationActual> Actuals { get; } = plan.Actuals.ToDictionary(a => a.Operation);

    public ImmutableArray<Dispatch> For(MachineId machine) => plan.InForce is not { } p || floor.Card(machine) is null ? [] :
        [.. p.On(machine).Select((o, i) => new Dispatch(p.Number, i + 1, o, Actuals.GetValueOrDefault(o.Operation) ?? OperationActual.Waiting(o.Operation)))
            .Where(d => d.Actual.Status != OperationStatus.Finished)];

    public ImmutableArray<LotChoice> LotsOf(OperationId operation) => Ieum.Node.Loop.ShopWork.LotsOf(operation, plan.Orders, Actuals.Values);

    public Task<ShopAnswer> ReportAsync(ShopEvent e, CancellationToken cancel)
    {
        if (Events.All(x => x.Id != e.Id))
        {
            Events.Add(e);
            var was = Actuals.GetValueOrDefault(e.Operation) ?? OperationActual.Waiting(e.Operation);
            Actuals[e.Operation] = e switch
            {
                ShopEvent.Started => was with { Status = OperationStatus.Running, Machine = e.Machine, Started = e.At, Lot = e.Lot },
                ShopEvent.LotFinished l => was with { Good = was.Good + l.Good, Scrap = was.Scrap + l.Scrap, Lot = e.Lot ?? was.Lot, Lots = [.. was.Lots ?? [], new(e.Lot ?? was.Lot, l.Good, l.Scrap, e.At)] },
                ShopEvent.Paused => was with { Status = OperationStatus.Paused },
                ShopEvent.Resumed => was with { Status = OperationStatus.Running },
                ShopEvent.Finished f => was with { Status = OperationStatus.Finished, Finished = e.At, Good = f.Good, Scrap = f.Scrap },
                _ => was,
            };
            Changed?.Invoke();
        }
        return Task.FromResult(new ShopAnswer(true, null, "", Actuals[e.Operation]));
    }
}

internal sealed class FakeSettings(FakeFloor floor) : ISettingsDesk
{
    public event Action? Changed;
    public Company Company => floor.Company;
    public IReadOnlyCollection<string> Protocols => ["mtconnect", "shdr", "sparkplug"];
    public ConnectionTest Test { get; set; } = new(true, null, "Mazak agent 1.3, 42 signals", []);

    public ImmutableArray<ConnectionSettings> Connections { get; private set; } =
        [.. floor.Company.Machines.Take(4).Select((m, i) => new ConnectionSettings(new($"{m.Id}.{(i % 2 == 0 ? "mtconnect" : "sparkplug")}"), m.Id,
            i % 2 == 0 ? "mtconnect" : "sparkplug", i % 2 == 0 ? $"http://127.0.0.1:50{i:00}/{m.Id}" : $"solbaram/edge/{m.Id}", ImmutableDictionary<string, string>.Empty))];

    public SourceHealth? HealthOf(SourceId source) => new(source.Value.Contains("MC2", StringComparison.Ordinal) ? LinkState.Disconnected : LinkState.Connected,
        floor.Now.AddHours(-3), floor.Now.AddSeconds(-1), new(1_204_511, 3, 120, 2), TimeSpan.FromMilliseconds(-140), 2,
        source.Value.Contains("MC2", StringComparison.Ordinal)
            ? [new("sparkplug-alias-unannounced", "Metric alias 17 from 'edge' was never announced in a birth message. Request a rebirth.", floor.Now.AddMinutes(-4), 12)] : []);

    public Task<ConnectionTest> TestAsync(ConnectionSettings settings, CancellationToken cancel) => Task.FromResult(Test);
    public bool TakesPoints(string protocol) => protocol is "modbus" or "opcua";

    public Task<IReadOnlyList<ScanHit>> ScanAsync(string addresses, string? protocol, IProgress<ScanProgress>? progress, CancellationToken cancel) =>
        addresses.Contains('!', StringComparison.Ordinal) ? throw new ConnectionSettingsException("connect-endpoint-wrong", $"'{addresses}' cannot be read")
        : Task.FromResult<IReadOnlyList<ScanHit>>([new("modbus", "192.168.0.30:502", "Modbus TCP, unit 1", ImmutableDictionary<string, string>.Empty.Add("unit", "1"))]);

    /// <summary>How many values the counterpart offers at once; 0: two, below one entry.</summary>
    public int Wide { get; set; }

    public Task<BrowseAnswer> BrowseAsync(ConnectionSettings settings, string? address, CancellationToken cancel) => Task.FromResult(Wide > 0
        ? new BrowseAnswer(true, null, "", [.. Enumerable.Range(0, Wide).Select(i => new BrowseItem($"holding:{i}", $"{(i % 4 == 0 ? "axis" : "drive")}-{i:000}", false,
            new($"{(i % 4 == 0 ? "axis" : "drive")}-{i:000}", $"holding:{i}") { Range = i == 0 ? new(0, 100) : null }, null, $"{1200 + i}"))]) : address is null
        ? new BrowseAnswer(true, null, "", [new("holding:0", "holding 0 … 99", true, null, null, null)])
        : new BrowseAnswer(true, null, "", [new("holding:0", "holding:0", false, new("speed", "holding:0") { Unit = "RPM", Role = SignalRole.SpindleSpeed }, "MachineTool", "1200"),
            new("holding:2", "holding:2", false, new("parts", "holding:2") { Role = SignalRole.PartCount }, null, "17")]));

    public Task<PreviewAnswer> PreviewAsync(ConnectionSettings settings, CancellationToken cancel) => Task.FromResult(new PreviewAnswer(LinkState.Connected,
        [.. settings.Points.Select((p, i) => new PreviewValue(new(new(settings.Machine, p.Name), Unit.One, ValueKind.Integer), new Sample(new(i + 1), floor.Now.UtcTicks, floor.Now.UtcTicks, SampleValue.Of(1200L + i), Quality.Good)))], []));

    public ICertificateTrust Certificates { get; } = new FakeTrust();

    private sealed class FakeTrust : ICertificateTrust
    {
        private readonly List<PeerCertificate> _rejected = [new("0A1B2C3D4E5F60718293A4B5C6D7E8F901234567", "Grinder OD1", "urn:grinder:od1", DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(90))], _trusted = [];
        public IReadOnlyList<PeerCertificate> Trusted => _trusted;
        public IReadOnlyList<PeerCertificate> Rejected => _rejected;
        public bool Trust(string thumbprint) => Move(_rejected, _trusted, thumbprint);
        public bool Distrust(string thumbprint) => Move(_trusted, _rejected, thumbprint);

        private static bool Move(List<PeerCertificate> from, List<PeerCertificate> to, string thumbprint)
        {
            if (from.Find(c => c.Thumbprint == thumbprint) is not { } found) return false;
            from.Remove(found);
            to.Add(found);
            return true;
        }
    }

    public IReadOnlyList<ConnectionTemplate> Templates =>
    [
        new("modbus-press", new("프레스 (Modbus TCP)", "プレス(Modbus TCP)", "Press (Modbus TCP)"), LocalName.Same(""),
            new(new("x"), new("x"), "modbus", "192.168.0.30", ImmutableDictionary<string, string>.Empty) { Points = [new("execution", "holding:0")] }),
    ];

    public Task SaveAsync(ConnectionSettings settings, string by, CancellationToken cancel)
    {
        if (settings.Endpoint.Contains(' ', StringComparison.Ordinal)) throw new ConnectionSettingsException("connect-endpoint-wrong", "blank in the endpoint");
        Connections = [.. Connections.Where(c => c.Source != settings.Source), settings];
        Changed?.Invoke();
        return Task.CompletedTask;
    }

    public Task RemoveAsync(SourceId source, string by, CancellationToken cancel)
    {
        Connections = [.. Connections.Where(c => c.Source != source)];
        Changed?.Invoke();
        return Task.CompletedTask;
    }

    public List<Machine> Saved { get; } = [];

    public Task SaveMachineAsync(string site, string area, string line, Machine machine, string by, CancellationToken cancel)
    {
        Saved.Add(machine);
        return Task.CompletedTask;
    }
}

internal sealed class FakeLoops(FakeFloor floor) : ILoopDesk
{
    private readonly List<LoopEntry> _entries =
    [
        new LoopEntry(5, "breakdown", floor.Now.AddMinutes(-3), AutonomyLevel.ActInsideLimits, LoopText.Of(LoopTexts.FindingBreakdown, "B-MC1", 12, 3).ToString(), LoopText.Of(LoopTexts.AdviceReroute, 4, 3.5, 21.8, 46.2, 6).ToString(),
            "standstill watch 1, settings; 2 standstills in 28 d; search 400 trials", 0.75)
        {
            Machine = new("B-MC1"), Window = new(floor.Now.AddMinutes(-15), floor.Now.AddMinutes(-3)), Samples = 2, Plan = 6, ExpiresAt = floor.Now.AddHours(3.9), ActsAt = floor.Now.AddMinutes(7),
            Expected = new("tardiness h", 21.8, 3.5, 3, 4),
            Ways = new([
                new("machine", LoopText.Of(LoopTexts.WayMachine, 4, "PO-2611-032-1-BODY.10 → B-MC2, PO-2611-032-1-BODY.20 → B-MC2, PO-2611-017-2-LID.10 → B-MC2 …").ToString(), 3.5, 0, 4, floor.Now.AddMinutes(95), LoopText.Of(LoopTexts.GateBegins, "PO-2611-032-1-BODY.10", "B-MC2").ToString()),
                new("overtime", LoopText.Of(LoopTexts.WayOvertime, "B-MC2", "11-23 18:00", 6.5).ToString(), 5, 180_000, 2, floor.Now.AddMinutes(20), LoopText.Of(LoopTexts.GateOvertime, "B-MC2").ToString()),
                new("outside", LoopText.Of(LoopTexts.WayOutside, "PO-2611-032-1-BODY.20", "plating").ToString(), 6.2, null, 1, floor.Now.AddMinutes(-5), LoopText.Of(LoopTexts.GateSupplier, "PO-2611-032-1-BODY.20", "plating").ToString()),
                new("nothing", LoopText.Of(LoopTexts.WayNothing, "B-MC1", 46.2).ToString(), 21.8, 0, 0, null, null),
            ]),
        },
        new LoopEntry(8, "correction", floor.Now.AddHours(-30), AutonomyLevel.Ask, LoopText.Of(LoopTexts.FindingPast, "B-L1/spindleTemp", 68.4, "°C", 3, 60, "cooling").ToString(), LoopText.Of(LoopTexts.AdviceSet, "B-L1/coolantFlow", "14 L/min", "10 L/min", 45).ToString(),
            CorrectionWatch.Model, 0.94, new(true, "planner", floor.Now.AddHours(-30), null), new(true, LoopText.Of(LoopTexts.ReceiptConfirmed, "14").ToString(), floor.Now.AddHours(-30)),
            new LoopEffect(CorrectionWatch.Measure, 23.1, 4.2, floor.Now.AddHours(-29)) { Samples = 180, Basis = LoopText.Of(LoopTexts.BasisMeans, 176, 180, 45).ToString() })
        {
            Subject = "cooling", Machine = new("B-L1"), Window = new(floor.Now.AddHours(-30).AddMinutes(-3), floor.Now.AddHours(-30)), Samples = 30, Acting = new(0, floor.Now.AddHours(-30)),
        },
        new LoopEntry(4, "breakdown", floor.Now.AddDays(-3), AutonomyLevel.Ask, LoopText.Of(LoopTexts.FindingBreakdown, "B-MC1", 12, 3).ToString(), LoopText.Of(LoopTexts.AdviceReroute, 4, 3.5, 21.8, 46.2, 5).ToString(),
            "standstill watch 1, settings; 2 standstills in 28 d; search 400 trials", 0.75, new(true, "planner", floor.Now.AddDays(-3), null), new(true, LoopText.Of(LoopTexts.ReceiptPlan, 6, 1).ToString(), floor.Now.AddDays(-3)),
            new LoopEffect("tardiness h", 19.4, 4.1, floor.Now.AddDays(-2)) { Orders = 3, Finished = 2, Basis = LoopText.Of(LoopTexts.BasisReplayed, 41.5).ToString() })
        {
            Machine = new("B-MC1"), Window = new(floor.Now.AddDays(-3).AddMinutes(-12), floor.Now.AddDays(-3)), Samples = 2, Plan = 5, Expected = new("tardiness h", 21.8, 3.5, 3, 4), Acting = new(6, floor.Now.AddDays(-3)),
        },
        new(3, "replan", floor.Now.AddMinutes(-6), AutonomyLevel.Ask, LoopText.Of(LoopTexts.FindingLate, 1, "PO-2611-032-1-BODY.20", "B-MC2", 120).ToString(), LoopText.Of(LoopTexts.AdviceReplan, 6).ToString(), "cp-sat 9.15, 24 orders", 0.82),
        new(2, "learned-time", floor.Now.AddHours(-26), AutonomyLevel.ActInsideLimits, LoopText.Of(LoopTexts.FindingDrift, "VLV-BODY-20A", "B-MC1", 372, 142, 360, "+3.3").ToString(), LoopText.Of(LoopTexts.AdviceLearn, "VLV-BODY-20A", "B-MC1", 372, 360).ToString(), "median of 142 cycles, 7 d", 0.95,
            new(true, "level 3", floor.Now.AddHours(-26), null), new(true, LoopText.Of(LoopTexts.ReceiptPlan, 6, 2).ToString(), floor.Now.AddHours(-25)), new("expected tardiness h", 9.5, 4, floor.Now.AddHours(-20))),
        new(1, "replan", floor.Now.AddDays(-2), AutonomyLevel.Ask, LoopText.Of(LoopTexts.FindingNewOrders, 1).ToString(), LoopText.Of(LoopTexts.AdviceReplan, 5).ToString(), "cp-sat 9.15", 0.7, new(false, "planner", floor.Now.AddDays(-2), "material not here yet")),
    ];

    public event Action? Changed;
    public Task<IReadOnlyList<LoopEntry>> ListAsync(int most, CancellationToken cancel) => Task.FromResult<IReadOnlyList<LoopEntry>>([.. _entries.Take(most)]);
    public Task<IReadOnlyList<LoopStanding>> StandingsAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<LoopStanding>>(
    [
        new("breakdown", AutonomyLevel.ActInsideLimits, AutonomyLevel.Ask, AutonomyLevel.ActInsideLimits, 0, 5,
            new LoopEntry(6, "breakdown", floor.Now.AddDays(-1), AutonomyLevel.Ask, LoopText.Of(LoopTexts.FindingLevelEarned, 5).ToString(), LoopText.Of(LoopTexts.AdviceLevel, 2, 3).ToString(), "level rule 1", 1)),
        new("learned-time", AutonomyLevel.Ask, AutonomyLevel.Ask, AutonomyLevel.ActInsideLimits, 2, 5, null),
        new("replan", AutonomyLevel.Advise, AutonomyLevel.Ask, AutonomyLevel.ActInsideLimits, 0, 5,
            new LoopEntry(7, "replan", floor.Now.AddHours(-20), AutonomyLevel.Ask, LoopText.Of(LoopTexts.FindingLevelBreach, 3, "undone").ToString(), LoopText.Of(LoopTexts.AdviceLevel, 2, 1).ToString(), "level rule 1", 1)),
    ]);

    public Task<LoopStanding> LowerAsync(string loop, string by, CancellationToken cancel) => throw new LoopRefusedException(LoopRules.Lowest);

    /// <summary>What was allowed, in order.</summary>
    public List<(string Loop, AutonomyLevel Most)> Allowed { get; } = [];

    public async Task<LoopStanding> AllowAsync(string loop, AutonomyLevel most, string by, CancellationToken cancel)
    {
        Allowed.Add((loop, most));
        return (await StandingsAsync(cancel)).First(s => s.Loop == loop);
    }

    public Task<AuditVerdict> VerifyAsync(CancellationToken cancel) => Task.FromResult(new AuditVerdict(19, null, "19 links are as they were written.", new('a', 64)));
    public Task<LoopEntry> VetoAsync(long number, string by, string? note, CancellationToken cancel) => DecideAsync(number, false, by, note, null, cancel);
    public Task<LoopEntry> UndoAsync(long number, string by, CancellationToken cancel) => throw new LoopRefusedException(LoopRules.UndoMoved);

    public Task<LoopEntry> DecideAsync(long number, bool accepted, string by, string? note, string? way, CancellationToken cancel)
    {
        var i = _entries.FindIndex(e => e.Number == number);
        if (i < 0 || _entries[i].Decision is not null) throw new InvalidOperationException($"Entry {number} is unknown or decided.");
        _entries[i] = _entries[i] with { Decision = new(accepted, by, floor.Now, note) { Way = way } };
        Changed?.Invoke();
        return Task.FromResult(_entries[i]);
    }
}

internal sealed class FakeAccounts : IAccountDesk
{
    private readonly List<UserLine> _users = [new("owner", "owner"), new("반장", "planner"), new("operator-1", "operator")];
    public bool Empty { get; set; } = true;

    public Task<bool> NeedsOwnerAsync(CancellationToken cancel) => Task.FromResult(Empty);
    public Task<AccountAnswer> SignInAsync(string user, string password, bool remember, CancellationToken cancel) =>
        Task.FromResult(password == "right" ? new AccountAnswer(true) : new AccountAnswer(false, "account-wrong-password", "Wrong name or password."));
    public Task SignOutAsync(CancellationToken cancel) => Task.CompletedTask;
    public Task KeepLanguageAsync(string language, CancellationToken cancel) => Task.CompletedTask;
    public Task<AccountAnswer> CreateOwnerAsync(string token, string user, string password, CancellationToken cancel) =>
        Task.FromResult(token == "once" ? new AccountAnswer(true) : new AccountAnswer(false, "account-token-unknown", "The link was used already."));
    public Task<IReadOnlyList<UserLine>> UsersAsync(CancellationToken cancel) => Task.FromResult<IReadOnlyList<UserLine>>(_users);

    public Task<AccountAnswer> SaveAsync(UserLine user, string? password, string by, CancellationToken cancel)
    {
        _users.RemoveAll(u => u.Name == user.Name);
        _users.Add(user);
        return Task.FromResult(new AccountAnswer(true));
    }

    public Task<AccountAnswer> RemoveAsync(string user, string by, CancellationToken cancel)
    {
        _users.RemoveAll(u => u.Name == user);
        return Task.FromResult(new AccountAnswer(true));
    }
}

/// <summary>Really simulates the shown plan; nothing was measured but one machine's lots.</summary>
internal sealed class FakeRisk(FakePlan plans) : IRiskDesk
{
    public Task<PlanRisk> StudyAsync(PlanVersion plan, int runs, int seed, CancellationToken cancel)
    {
        var request = new PlanRequest(plan.Made, plans.Orders, plan.Operations.Select(o => o.Machine).Distinct().ToImmutableDictionary(m => m, plans.CalendarOf), [], plans.Actuals, [], plan, "risk");
        var lots = Enumerable.Range(0, 12).Select(i => new LotTime(plan.Operations[0].Machine, 0.97 + i * 0.02, plan.Made.AddDays(i - 12)));
        return Task.FromResult(PlanRisk.Of(request, plan, lots, 200, seed));
    }
}
