using Ieum.Model;

namespace Ieum.Act;

/// <summary>What makes a correction speak up.</summary>
public enum CorrectionTrigger : byte
{
    /// <summary>The anomaly watch found the signal unusual.</summary>
    Anomaly = 0,
    /// <summary>The signal has been above <see cref="Correction.Limit"/> for <see cref="Correction.For"/>.</summary>
    Above = 1,
    /// <summary>The signal has been below <see cref="Correction.Limit"/> for <see cref="Correction.For"/>.</summary>
    Below = 2,
}

/// <summary>One answer of the house to a signal that goes wrong: a set point gets another value, through the guard and within the list of what may be written.</summary>
/// <param name="Id">Its name, unique; stands in the ledger.</param>
/// <param name="Watch">The signal that is looked at; a number.</param>
/// <param name="Set">The set point that is written.</param>
/// <param name="To">What it is set to, in the unit of <paramref name="Set"/>.</param>
/// <param name="Target">What <paramref name="Watch"/> should be, in its own unit; the effect is measured as the distance to it.</param>
public sealed record Correction(string Id, SignalId Watch, SignalId Set, double To, double Target)
{
    public CorrectionTrigger When { get; init; }

    /// <summary>In the unit of <see cref="Watch"/>; read with <see cref="CorrectionTrigger.Above"/> and <see cref="CorrectionTrigger.Below"/>.</summary>
    public double Limit { get; init; }

    /// <summary>How long the limit must be passed, zero to 1 day of factory time. Default 1 min, so that a spike moves nothing.</summary>
    public TimeSpan For { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a change takes to show, 10 s to 1 day of factory time; for as long again it is measured. Default 15 min.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Whether a value lies past the limit; never with <see cref="CorrectionTrigger.Anomaly"/>.</summary>
    public bool IsPast(double value) => When switch
    {
        CorrectionTrigger.Above => value > Limit,
        CorrectionTrigger.Below => value < Limit,
        _ => false,
    };
}

/// <summary>Judges the signals of corrections and what a write came to. Pure; the node looks, asks, writes and measures.</summary>
public static class CorrectionWatch
{
    public const string Loop = "correction", Model = "limit watch 1", Measure = "distance to target";

    /// <summary>Fewer values than this on either side measure nothing.</summary>
    internal const int Enough = 3;

    /// <summary>How sure it is that the limit is really passed: the share of values of the last stretch that lie past it, by the rule of succession.</summary>
    /// <param name="past">Of these, past the limit.</param>
    public static double Confidence(int past, int samples) => Math.Round((past + 1.0) / (samples + 2.0), 3);

    /// <summary>Mean distance to the target before and after; null while one side has fewer values than it takes.</summary>
    public static LoopEffect? Effect(double target, IReadOnlyCollection<double> before, IReadOnlyCollection<double> after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        if (before.Count < Enough || after.Count < Enough) return null;
        return new(Measure, Distance(before), Distance(after), default)
        {
            Samples = after.Count, Basis = LoopText.Of(LoopTexts.BasisMeans, before.Count, after.Count, target).ToString(),
        };

        double Distance(IEnumerable<double> values) => Math.Round(values.Average(v => Math.Abs(v - target)), 3);
    }

    /// <summary>What the receipt of a write says in the ledger, and whether it was done; null while it is not finished.</summary>
    public static (bool Done, LoopText What)? ReceiptOf(WriteRecord write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var held = write.ReadBack?.ToString() ?? "?";
        return write.State switch
        {
            WriteState.Waiting or WriteState.Sending or WriteState.DryRun => null,
            WriteState.Confirmed => (true, LoopText.Of(LoopTexts.ReceiptConfirmed, held)),
            WriteState.Unconfirmed => (true, LoopText.Of(LoopTexts.ReceiptUnconfirmed)),
            WriteState.Differs => (false, LoopText.Of(LoopTexts.ReceiptDiffers, held)),
            // Sent or not, taken or not: only the machine knows.
            WriteState.Interrupted => (false, LoopText.Of(LoopTexts.ReceiptUnknown, write.Request.Signal, write.Number)),
            WriteState.Failed when write.Rule == WriteBackRules.NoAnswer && write.ReadBack is null => (false, LoopText.Of(LoopTexts.ReceiptUnknown, write.Request.Signal, write.Number)),
            _ => (false, LoopText.Of(LoopTexts.ReceiptNotWritten, held, write.Rule ?? "")),
        };
    }

    /// <summary>Nobody knows whether the machine took what was sent; a person has to look before anything is written by itself again.</summary>
    public static bool IsUnknown(LoopEntry e) => e?.Receipt is { Done: false } r && LoopText.TryParse(r.What, out var text) && text.Key == LoopTexts.ReceiptUnknown;
}
