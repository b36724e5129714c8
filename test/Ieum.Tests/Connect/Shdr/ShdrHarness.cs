using System.Collections.Immutable;
using System.Text;
using Ieum.Connect.Shdr;
using Ieum.Model;
using Ieum.TestKit;

namespace Ieum.Tests.Connect.Shdr;

/// <summary>An SHDR session whose effects are written down.</summary>
internal sealed class ShdrHarness : IShdrEffects
{
    public static readonly DateTimeOffset Now = new(2026, 3, 2, 9, 0, 0, TimeSpan.Zero);

    public ShdrHarness(params (string Key, string Value)[] options)
    {
        Settings = SettingsFor("127.0.0.1:7878", options);
        Session = new(Settings, ShdrOptions.Read(Settings), Signals, this);
    }

    public ConnectionSettings Settings { get; }
    public InMemorySignals Signals { get; } = new();
    public ShdrSession Session { get; }
    public List<Sample> Samples { get; } = [];
    public List<(string Rule, string Message, int Rejected)> Problems { get; } = [];
    public TimeSpan? PongInterval { get; private set; }

    public static ConnectionSettings SettingsFor(string endpoint, params (string Key, string Value)[] options) =>
        new(new("MC1.shdr"), new("MC1"), "shdr", endpoint, options.ToImmutableDictionary(o => o.Key, o => o.Value));

    public ShdrHarness Take(params string[] lines)
    {
        foreach (var line in lines) Session.Take(Encoding.UTF8.GetBytes(line), Now.UtcTicks);
        return this;
    }

    public Signal SignalOf(in Sample sample) => Signals.Find(sample.Signal)!;
    public IEnumerable<string> Pairs => Samples.Select(s => $"{SignalOf(s).Id.Name}={s.Value}");

    public void Sample(in Sample sample) => Samples.Add(sample);
    public void Problem(string rule, string message, int rejected) => Problems.Add((rule, message, rejected));
    public void Pong(TimeSpan interval) => PongInterval = interval;
}
