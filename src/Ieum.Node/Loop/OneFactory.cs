using System.Collections.Immutable;
using System.Globalization;
using Ieum.Model;
using Ieum.Node.Views;
using Ieum.Plan;
using Ieum.Plan.Across;

namespace Ieum.Node.Loop;

/// <summary>Runs the closed-book planner beside the factory's own work: one run at a time, on one thread of lower rank, so that machines are heard first.</summary>
internal sealed class OneFactory(Clocks clocks, ILogger<OneFactory> log) : IOneFactory, IDisposable
{
    private const int FilesKept = 5;
    private readonly Lock _gate = new();
    private CancellationTokenSource? _stop;
    private ImmutableList<(string Id, string Name, string Text)> _files = [];
    private (FactoryChoice Choice, AcrossTown Town)? _last;
    private int _file;
    private bool _closed;

    public event Action? Changed;
    public FactoryRun? Run { get; private set; }

    /// <summary>A page waits for it; the benchmark takes ten times the time.</summary>
    public TimeSpan ReferenceTime { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Rounds of messages; null leaves it to the messages and the minute.</summary>
    public int? Iterations { get; init; }

    public (AcrossTown? Town, string? Rule, string Message) TownOf(FactoryChoice choice)
    {
        lock (_gate)
            if (_last is { } known && known.Choice == choice) return (known.Town, null, "");
        try
        {
            AcrossTown town;
            if (choice.File is not { } file) town = AcrossTown.Make(choice.Orders, choice.Companies, choice.Seed);
            else if (_files.FirstOrDefault(f => f.Id == file) is { Text: { } text, Name: var name }) town = AcrossTown.Read(name, text, choice.Companies, choice.Seed);
            else return (null, AcrossRules.Unreadable, AcrossRules.All[AcrossRules.Unreadable]);
            lock (_gate) _last = (choice, town);
            return (town, null, "");
        }
        catch (ArgumentOutOfRangeException) { return (null, AcrossRules.OutOfRange, AcrossRules.All[AcrossRules.OutOfRange]); }
        catch (AcrossException e) { return (null, e.Rule, e.Message); }
        catch (JobShopFileException e) { return (null, e.Rule, e.Message); }
    }

    public (string? File, string? Rule, string Message) Keep(string name, string text)
    {
        try { AcrossTown.Read(name, text, 3, 1); }
        catch (AcrossException e) { return (null, e.Rule, e.Message); }
        catch (JobShopFileException e) { return (null, e.Rule, e.Message); }
        lock (_gate)
        {
            var id = string.Create(CultureInfo.InvariantCulture, $"f{++_file}");
            _files = _files.Add((id, name, text));
            if (_files.Count > FilesKept) _files = _files.RemoveAt(0);
            return (id, null, "");
        }
    }

    public bool Start(FactoryChoice choice)
    {
        if (TownOf(choice).Town is not { } town) return false;
        lock (_gate)
        {
            if (_closed || Run is { GoingOn: true }) return false;
            _stop = new();
            Run = new(choice, town, new(town), new(AcrossPhase.Placing, 0, 0, 0, 0, null), [], clocks.Wire.GetUtcNow(), null, null, null, "");
        }
        var cancel = _stop.Token;
        new Thread(() => Work(cancel)) { IsBackground = true, Name = "one factory", Priority = ThreadPriority.BelowNormal }.Start();
        Changed?.Invoke();
        return true;
    }

    public void Cancel()
    {
        lock (_gate) _stop?.Cancel();
    }

    private void Work(CancellationToken cancel)
    {
        var begun = Run!;
        try
        {
            var report = ClosedBooks.Plan(new("", begun.Town.Companies.Length, begun.Choice.Seed, Iterations, ClosedBooks.DefaultPadding, 0, ReferenceTime.TotalSeconds) { Town = begun.Town, Talk = begun.Talk },
                clocks.Wire, cancel, p => Note(p, cancel));
            End(report, null, "");
        }
        catch (OperationCanceledException) { End(null, null, ""); }
        catch (AcrossException e) { End(null, e.Rule, e.Message); }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or ArithmeticException or IndexOutOfRangeException or NullReferenceException or DllNotFoundException or TypeInitializationException)
        {
            // Nobody awaits this thread: what it threw would end the node.
            Log.OneFactoryFailed(log, e, begun.Town.Name);
            End(null, AcrossRules.NoPlan, e.Message);
        }
    }

    private void Note(AcrossProgress p, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        lock (_gate)
        {
            var curve = Run!.Curve;
            if (p.Best is { } best && (curve.IsEmpty || curve[^1].Best != best)) curve = curve.Add((p.Messages, best));
            Run = Run with { Progress = p, Curve = curve };
        }
        // Pages paint on the thread that tells them; the planner's has other work.
        ThreadPool.QueueUserWorkItem(_ => Changed?.Invoke());
    }

    private void End(AcrossReport? report, string? rule, string message)
    {
        lock (_gate)
        {
            Run = Run! with { Report = report, Rule = rule, Message = message, Ended = clocks.Wire.GetUtcNow() };
            _stop?.Dispose();
            _stop = null;
        }
        Changed?.Invoke();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            _stop?.Cancel();
        }
    }
}
