using System.Text.Json;
using System.Text.Json.Serialization;

namespace Ieum.Sim.Generate;

/// <summary>A statistical model of how a machine lives its working time; fitted by <see cref="ModelFit"/>, played by <see cref="DayGenerator"/>.</summary>
/// <remarks>Figures only: rates, quantiles, shares. Program names of the shop the recordings come from are not part of it.</remarks>
/// <param name="Tick">Seconds between two looks of the adapter at the control.</param>
/// <param name="States">Semi-Markov chain over execution words while the machine is reachable.</param>
/// <param name="ProgramChange">Chance that a run begins with another program than the last one.</param>
internal sealed record MachineModel(
    string Type, FitBasis Basis, double Tick, IReadOnlyDictionary<string, StateModel> States, double ProgramChange,
    IReadOnlyDictionary<string, ItemModel> Items, IReadOnlyList<AlarmModel> Alarms, DropoutModel Dropouts)
{
    /// <summary>Machine types days can be generated for.</summary>
    public static IReadOnlyList<string> Types { get; } = ["mill", "fiveaxis", "lathe", "hone"];

    /// <summary>The committed model of a type. Lathe and hone are derived from the mill: the same life with other items and shorter runs.</summary>
    /// <exception cref="InvalidDataException">No model for that type.</exception>
    public static MachineModel Of(string type) => type switch
    {
        "mill" or "fiveaxis" => Load(type),
        "lathe" => Load("mill").Derived("lathe", run: 0.6, wait: 0.6),
        "hone" => Load("mill").Derived("hone", run: 0.4, wait: 0.5),
        _ => throw new InvalidDataException($"There is no model to generate days of '{type}'. Models: {string.Join(", ", Types)}."),
    };

    /// <summary>Speeds up runs and waits by the given factors and leaves everything else as it is.</summary>
    private MachineModel Derived(string type, double run, double wait) => this with
    {
        Type = type,
        States = States.ToDictionary(s => s.Key, s => s.Value with { Dwell = [.. s.Value.Dwell.Select(d => d * (s.Key == "ACTIVE" ? run : wait))] }),
    };

    private static MachineModel Load(string type)
    {
        using var stream = typeof(MachineModel).Assembly.GetManifestResourceStream($"Ieum.Sim.Generate.{type}.json")
            ?? throw new InvalidDataException($"The model of '{type}' is not part of this build.");
        return JsonSerializer.Deserialize(stream, ModelJson.Default.MachineModel)!;
    }
}

/// <summary>What a model was fitted to, and the figures it is judged by.</summary>
/// <param name="PoweredHours">Hours in which the control could be reached.</param>
/// <param name="ActiveShare">Share of the powered time in ACTIVE.</param>
/// <param name="TransitionsPerHour">Changes of the execution word per powered hour.</param>
internal sealed record FitBasis(
    int Days, double PoweredHours, long Lines, double ActiveShare, double TransitionsPerHour, double FaultsPerHour, double WarningsPerHour);

/// <param name="Dwell">Quantiles of the dwell time in seconds, 0 % to 100 % in steps of 1 %: the few long ones carry most of the time.</param>
/// <param name="Next">Chance of each following word; sums to 1.</param>
/// <param name="Modes">Share of each controller mode at the moment the word begins; sums to 1.</param>
internal sealed record StateModel(double[] Dwell, IReadOnlyDictionary<string, double> Next, IReadOnlyDictionary<string, double> Modes);

/// <summary>How an item's value moves.</summary>
/// <param name="Decimals">Digits after the point.</param>
/// <param name="Memory">Rank correlation of one value with the next, 0 to 1.</param>
/// <param name="Words">Share of each text, for items that are not numbers; null for numbers.</param>
internal sealed record ItemModel(int Decimals, double Memory, ClassModel Running, ClassModel Idle, IReadOnlyDictionary<string, double>? Words);

/// <param name="Rate">Changes per second.</param>
/// <param name="Quantiles">Of the values, in steps of 5 %, the ends being 0.5 % and 99.5 %; empty for texts and where nothing was seen.</param>
internal sealed record ClassModel(double Rate, double[] Quantiles);

/// <summary>One alarm of the control.</summary>
/// <param name="PerHour">Reports per powered hour.</param>
/// <param name="Duration">Quantiles in seconds, 0 % to 100 % in steps of 25 %.</param>
internal sealed record AlarmModel(string Item, string Level, string Code, string Qualifier, string Text, double PerHour, double[] Duration);

/// <summary>The control out of reach for less than an hour.</summary>
/// <param name="Duration">Quantiles in seconds, 0 % to 100 % in steps of 25 %.</param>
internal sealed record DropoutModel(double PerHour, double[] Duration);

[JsonSerializable(typeof(MachineModel))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ModelJson : JsonSerializerContext;
