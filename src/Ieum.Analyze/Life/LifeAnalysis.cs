using System.Collections.Immutable;
using System.Text.Json;

namespace Ieum.Analyze;

/// <summary>Remaining life from files: what <c>ieum analyze life --train FILE --test FILE</c> prints.</summary>
public static class LifeAnalysis
{
    /// <summary>Learns from units that ran to failure and predicts how long each test unit has left. Takes up to a minute on one core.</summary>
    /// <exception cref="RecordingException">A file cannot be read or breaks the format; nothing is predicted from half a file.</exception>
    public static async Task<LifeReport> PredictAsync(string train, string test, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        var (known, asked) = (await LifeFile.ReadAsync(train, cancel).ConfigureAwait(false), await LifeFile.ReadAsync(test, cancel).ConfigureAwait(false));
        var model = new LifeModel(known, train, cancel);
        return new(LifeModel.Name, LifeModel.Version, LifeFeatures.Window, LifeModel.Cap, LifeModel.Confidence, known.Length, model.Rows, model.Regimes,
            [.. asked.Select(model.Predict)]);
    }
}

/// <summary>Predictions with what they rest on.</summary>
/// <param name="WindowCycles">Newest cycles that level and trend are taken from.</param>
/// <param name="Cap">Nothing above is predicted; a prediction near it means "nothing shows yet".</param>
/// <param name="Confidence">Part of units whose true remaining life shall lie from low to high, 0 to 1.</param>
/// <param name="TrainUnits">Units learned from.</param>
/// <param name="Samples">Rows learned from.</param>
/// <param name="Regimes">Operating conditions told apart.</param>
public sealed record LifeReport(string Model, string Version, int WindowCycles, double Cap, double Confidence, int TrainUnits, int Samples, int Regimes,
    ImmutableArray<LifePrediction> Predictions)
{
    /// <summary>One JSON document, the same bytes for the same files on the same kind of processor.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, AnalyzeJson.Context.LifeReport);
}

/// <param name="Unit">Number as in the file.</param>
/// <param name="Rul">Cycles left after the unit's last row, 0 to the cap.</param>
/// <param name="Low">Lower end of the interval, 0 to <paramref name="Rul"/>.</param>
/// <param name="High">Upper end, <paramref name="Rul"/> or more.</param>
/// <param name="Baseline">What plain ridge regression says; a wide difference is a reason to doubt.</param>
/// <param name="Cycle">The unit's last cycle.</param>
/// <param name="WindowFrom">First cycle of the window behind the prediction.</param>
/// <param name="Samples">Rows of the unit.</param>
public sealed record LifePrediction(int Unit, double Rul, double Low, double High, double Baseline, int Cycle, int WindowFrom, int Samples);
