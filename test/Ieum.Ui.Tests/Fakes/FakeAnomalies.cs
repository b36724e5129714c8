using Ieum.Analyze;
using Ieum.Node.Views;

namespace Ieum.Ui.Tests.Fakes;

/// <summary>A finding of every kind, the last one answered.</summary>
internal sealed class FakeAnomalies(FakeFloor floor) : IAnomalyDesk
{
    private readonly List<AnomalyFinding> _findings =
        [.. Enum.GetValues<AnomalyKind>().Where(k => k != AnomalyKind.None).Select((k, i) => new AnomalyFinding(10 - i, new("B-MC1"), 1, "Xload", "%",
            floor.Now.AddMinutes(-20 * i), floor.Now.AddMinutes(-20 * i - 31), floor.Now.AddMinutes(-20 * i), k, 0.71, 83.25, 1440, 0.999, "signal-novelty", "1", i + 1,
            i, i == 8 ? AlarmAnswer.Wrong : null, i == 8 ? "반장" : null, null, i == 0 ? null : 0.5))];

    public event Action? Changed;
    public Task<IReadOnlyList<AnomalyFinding>> ListAsync(int most, CancellationToken cancel) => Task.FromResult<IReadOnlyList<AnomalyFinding>>([.. _findings.Take(most)]);

    public Task<AnomalyFinding> AnswerAsync(long number, AlarmAnswer answer, string by, CancellationToken cancel)
    {
        var i = _findings.FindIndex(f => f.Number == number && f.Answer is null);
        if (i < 0) throw new InvalidOperationException($"Finding {number} is unknown or answered.");
        _findings[i] = _findings[i] with { Answer = answer, By = by };
        Changed?.Invoke();
        return Task.FromResult(_findings[i]);
    }
}
