using Ieum.Analyze;
using Ieum.Node.Views;

namespace Ieum.Node.Api;

internal sealed record BasisDto(string Model, int Version, DateTimeOffset From, DateTimeOffset To, long Count, double Confidence)
{
    public static BasisDto Of(Basis b) => new(b.Model, b.Version, b.Window.From, b.Window.To, b.Count, b.Confidence);
}

internal sealed record KpiDefinitionDto(int Number, string Id, string Name, string Formula, string Unit, double? Low, double? High, string Better, string[] Inputs)
{
    public static KpiDefinitionDto Of(KpiDefinition d) => new(d.Number, d.Id, d.Name, d.Formula, d.Unit, d.Low, d.High, d.Better == KpiTrend.Higher ? "higher" : "lower", [.. d.Inputs.Select(i => i.ToString())]);
}

/// <param name="Missing">Elements that nobody delivered.</param>
/// <param name="Reason"><c>inputMissing</c>, <c>nothingToDivideBy</c>, or null where there is a value.</param>
internal sealed record KpiValueDto(int Number, string Id, double? Value, string Unit, string[] Missing, string? Reason)
{
    public static KpiValueDto Of(KpiValue v) => new(v.Definition.Number, v.Definition.Id, v.Value, v.Definition.Unit, [.. v.Missing.Select(m => m.ToString())],
        v.Reason switch { KpiReason.InputMissing => "inputMissing", KpiReason.NothingToDivideBy => "nothingToDivideBy", _ => null });
}

/// <param name="Elements">By symbol; times in seconds.</param>
internal sealed record KpisDto(string Machine, DateTimeOffset From, DateTimeOffset To, SortedDictionary<string, double> Elements, KpiValueDto[] Values, BasisDto Basis)
{
    public static KpisDto Of(KpiAnswer a) => new(a.Machine.Value, a.Range.From, a.Range.To,
        new(a.Elements.ToDictionary(e => e.Key.ToString(), e => e.Value), StringComparer.Ordinal), [.. a.Values.Select(KpiValueDto.Of)], BasisDto.Of(a.Basis));
}

/// <param name="Asks">Long enough to ask for a reason, and nobody gave one.</param>
internal sealed record StopDto(DateTimeOffset From, DateTimeOffset To, double Seconds, bool Fault, string Cause, string? Reason, string? By, bool Asks)
{
    public static StopDto Of(ExplainedStop s, TimeSpan askAfter) => new(s.Stop.Range.From, s.Stop.Range.To, s.Stop.Range.Duration.TotalSeconds, s.Stop.Fault, s.Stop.Cause,
        s.Reason?.Reason, s.Reason?.By, s.Reason is null && s.Stop.Range.Duration >= askAfter);
}

/// <param name="Id">A fresh UUID made where it was entered; the same id counts once.</param>
/// <param name="At">An instant inside the stop.</param>
internal sealed record StopReasonDto(Guid Id, DateTimeOffset At, string Reason);

internal sealed record StopReasonChoiceDto(string Key, Ieum.Model.LocalName? Name);

internal sealed record BottleneckShareDto(string Machine, double Sole, double Shifting, double MeanActiveSeconds);

internal sealed record BottleneckDto(string? Worst, BottleneckShareDto[] Shares, BasisDto Basis)
{
    public static BottleneckDto Of(BottleneckAnswer a) => new(a.Worst?.Value,
        [.. a.Shares.Select(s => new BottleneckShareDto(s.Machine.Value, s.Sole, s.Shifting, s.MeanActive.TotalSeconds))], BasisDto.Of(a.Basis));
}

internal sealed record GridFactorDto(string Country, int Year, double KgPerKwh, string Source, bool Checked);

internal sealed record EnergyDto(double KilowattHours, double MeasuredSeconds, double MissingSeconds, int Parts, double? KilowattHoursPerPart, double? KgCo2, double? KgCo2PerPart, GridFactorDto? Factor, BasisDto Basis)
{
    public static EnergyDto Of(EnergyAnswer a) => new(a.Energy.KilowattHours, a.Energy.Measured.TotalSeconds, a.Energy.Missing.TotalSeconds, a.Parts, a.KilowattHoursPerPart, a.KilogramsCo2, a.KilogramsCo2PerPart,
        a.Factor is { } f ? new(f.Country, f.Year, f.KilogramsPerKilowattHour, f.Source, f.Checked) : null, BasisDto.Of(a.Basis));
}

/// <param name="Kind"><c>help</c>, <c>material</c>, <c>quality</c> or <c>maintenance</c>.</param>
internal sealed record NewCallDto(Guid Id, string Machine, string Kind);

/// <param name="For">Who is told: <c>operator</c>, <c>planner</c>, <c>owner</c>.</param>
internal sealed record CallDto(Guid Id, string Machine, string Kind, string By, DateTimeOffset Raised, string? AcknowledgedBy, DateTimeOffset? Acknowledged, string For)
{
    public static CallDto Of(AndonCall c) => new(c.Id, c.Machine.Value, c.Kind, c.By, c.Raised, c.AcknowledgedBy, c.Acknowledged, c.Told switch { 0 => "operator", 1 => "planner", _ => "owner" });
}

internal sealed record ForecastInfluenceDto(string Signal, string Statistic, double Odds, double Share);
internal sealed record ForecastPartDto(DateTimeOffset Made, double Risk);

/// <param name="Ranking">Probability that a bad part gets a higher risk than a good one, on unseen parts; null, like <paramref name="Basis"/>, while there is too little to learn from.</param>
internal sealed record ForecastDto(string Characteristic, string Machine, int Linked, int Bad, double? Ranking, ForecastInfluenceDto[] Influences, ForecastPartDto[] Newest, BasisDto? Basis)
{
    public static ForecastDto Of(QualityForecast f) => new(f.Characteristic, f.Machine.Value, f.Linked, f.Bad, f.Ranking,
        [.. f.Influences.Select(i => new ForecastInfluenceDto(i.Signal, i.Statistic, i.Odds, i.Share))], [.. f.Newest.Select(p => new ForecastPartDto(p.Made, p.Risk))], f.Basis is { } b ? BasisDto.Of(b) : null);
}

internal sealed record GaugeProblemDto(int Line, string Column, string Rule, string Message);
internal sealed record GaugeAnswerDto(int Values, int Parts, string[] Characteristics, GaugeProblemDto[] Problems);
internal sealed record CharacteristicDto(string Characteristic, int Count);
internal sealed record ChartPointDto(double Value, double Centre, double Low, double High);
internal sealed record ChartSignalDto(string Rule, int Index);
internal sealed record EstimateDto(double Value, double Low, double High);
internal sealed record CapabilityDto(int Count, double Mean, double SigmaWithin, double SigmaOverall, EstimateDto? Cp, EstimateDto Cpk, EstimateDto? Pp, EstimateDto Ppk);

internal sealed record ControlChartDto(string Characteristic, string Kind, double? Lower, double? Upper, ChartPointDto[] Points, ChartPointDto?[] Spread, ChartSignalDto[] Signals, CapabilityDto? Capability,
    string Model, int Version, int Count, double Confidence, DateTimeOffset? From, DateTimeOffset? To)
{
    public static ControlChartDto Of(string characteristic, QualityChart c)
    {
        static ChartPointDto Point(ChartPoint p) => new(p.Value, p.Centre, p.Low, p.High);
        static EstimateDto Estimate(Estimate e) => new(e.Value, e.Low, e.High);
        return new(characteristic, QualityChart.Word(c.Chart.Kind), c.Lower, c.Upper, [.. c.Chart.Points.Select(Point)], [.. c.Chart.Spread.Select(p => p is { } v ? Point(v) : null)],
            [.. c.Signals.Select(s => new ChartSignalDto(s.Rule, s.Index))],
            c.Capability is { } k ? new(k.Count, k.Mean, k.SigmaWithin, k.SigmaOverall, k.Cp is { } cp ? Estimate(cp) : null, Estimate(k.Cpk), k.Pp is { } pp ? Estimate(pp) : null, Estimate(k.Ppk)) : null,
            "shewhart-" + QualityChart.Word(c.Chart.Kind), 1, c.Count, 0.95, c.From, c.To);
    }
}
