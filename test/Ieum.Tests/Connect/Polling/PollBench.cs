using System.Collections.Immutable;
using Ieum.Connect.Modbus;
using Ieum.Connect.Polling;
using Ieum.Model;

namespace Ieum.Tests.Connect.Polling;

/// <summary>A session on a device that is made of rules, with time moved by hand.</summary>
internal sealed class PollBench : IPollEffects
{
    private readonly Dictionary<RegisterArea, ushort[]> _memory = [];
    private readonly List<PolledPoint> _points;

    public PollBench(IEnumerable<PointSettings> points, PollOptions? options = null)
    {
        var protocol = new ModbusProtocol(1, ModbusFraming.Tcp);
        var settings = new ConnectionSettings(new("m.modbus"), new("m"), "modbus", "h", ImmutableDictionary<string, string>.Empty) { Points = [.. points] };
        options ??= new() { Host = "h", Port = 502 };
        _points = PollPoint.Read(settings, protocol, options).Select((p, i) => new PolledPoint(p, new(i + 1))).ToList();
        Session = new(_points, protocol, options, this);
        Session.Connected(TimeSpan.Zero);
    }

    public PollSession Session { get; }
    public TimeSpan Now { get; private set; }
    public List<RegisterRequest> Asked { get; } = [];
    public List<(string Name, SampleValue Value, Quality Quality, bool IsMark)> Samples { get; } = [];
    public List<(string Rule, string Message)> Problems { get; } = [];
    public List<string> Gaps { get; } = [];

    /// <summary>Registers the device refuses, the longest block it takes, and units that do not answer.</summary>
    public HashSet<int> Bad { get; } = [];
    public int Longest { get; set; } = 125;
    public HashSet<int> Dead { get; } = [];
    public HashSet<int> GoneBehindGateway { get; } = [];
    public Func<RegisterRequest, RegisterAnswer?> Otherwise { get; set; } = _ => null;

    public ushort this[int register, int unit = 1]
    {
        get => Memory(ModbusAddress.Area(unit, ModbusTable.Holding))[register];
        set => Memory(ModbusAddress.Area(unit, ModbusTable.Holding))[register] = value;
    }

    private ushort[] Memory(RegisterArea area) => _memory.TryGetValue(area, out var m) ? m : _memory[area] = new ushort[2000];

    /// <summary>Asks all that is due until <paramref name="until"/>; a dead unit costs its time-out.</summary>
    public PollBench Run(TimeSpan until)
    {
        while (Now <= until)
        {
            if (Session.Take(Now, out var wakeAt) is not { } block)
            {
                Now = wakeAt > Now ? wakeAt : Now + TimeSpan.FromMilliseconds(1);
                continue;
            }
            Asked.Add(block.Request);
            Assert.True(Asked.Count < 100_000, "the session asks without end");
            var answer = Answer(block.Request);
            Now += answer.Kind == AnswerKind.Silent ? TimeSpan.FromSeconds(1) : TimeSpan.FromMilliseconds(1);
            Session.Answer(block, answer, Now, Now.Ticks);
        }
        return this;
    }

    private RegisterAnswer Answer(RegisterRequest r)
    {
        if (Otherwise(r) is { } special) return special;
        if (Dead.Contains(r.Area.Device)) return RegisterAnswer.Silent;
        if (GoneBehindGateway.Contains(r.Area.Device)) return ModbusProtocol.ModbusException(11);
        if (r.Count > Longest) return ModbusProtocol.ModbusException(3);
        if (Enumerable.Range(r.Start, r.Count).Any(Bad.Contains)) return ModbusProtocol.ModbusException(2);
        var memory = Memory(r.Area);
        return RegisterAnswer.Done(Enumerable.Range(r.Start, r.Count).SelectMany(i => new[] { (byte)(memory[i] >> 8), (byte)memory[i] }).ToArray());
    }

    void IPollEffects.Sample(SignalNumber signal, in SampleValue value, Quality quality, long receiveTicks, bool isMark) =>
        Samples.Add((_points[signal.Value - 1].Point.Settings.Name, value, quality, isMark));
    void IPollEffects.Problem(string rule, string message) => Problems.Add((rule, message));
    void IPollEffects.DeviceGap(long fromTicks, long toTicks, string detail) => Gaps.Add(detail);
}
