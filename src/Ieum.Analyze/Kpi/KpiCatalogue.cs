using System.Collections.Immutable;
using static Ieum.Analyze.KpiElement;

namespace Ieum.Analyze;

/// <summary>Whether more of it is better.</summary>
public enum KpiTrend : byte { Higher = 0, Lower = 1 }

/// <summary>One indicator of ISO 22400-2.</summary>
/// <param name="Number">1 to 34, in the order of the standard.</param>
/// <param name="Id">Stable key; also of its translated name, <c>kpi.&lt;id&gt;</c>.</param>
/// <param name="Name">English name of the standard.</param>
/// <param name="Formula">In the symbols of <see cref="KpiElement"/>.</param>
/// <param name="Unit"><c>1</c> for a ratio, else the unit of the value.</param>
/// <param name="Low">Least possible value; null without one.</param>
/// <param name="High">Greatest possible value; null without one.</param>
public sealed record KpiDefinition(
    int Number, string Id, string Name, string Formula, string Unit, double? Low, double? High, KpiTrend Better, ImmutableArray<KpiElement> Inputs)
{
    internal Func<Func<KpiElement, double>, double> Compute { get; init; } = static _ => double.NaN;
}

/// <summary>The 34 key performance indicators of ISO 22400-2. docs/kpi.md is this table for people; a test compares the two.</summary>
public static class KpiCatalogue
{
    public static ImmutableArray<KpiDefinition> All { get; } =
    [
        Ratio(1, "worker-efficiency", "Worker efficiency", "APWT / APAT", 1, KpiTrend.Higher, [APWT, APAT], e => e(APWT) / e(APAT)),
        Ratio(2, "allocation-ratio", "Allocation ratio", "AUBT / AOET", 1, KpiTrend.Higher, [AUBT, AOET], e => e(AUBT) / e(AOET)),
        Of(3, "throughput-rate", "Throughput rate", "PQ / AOET", "pieces/h", null, KpiTrend.Higher, [PQ, AOET], e => e(PQ) / e(AOET) * 3600),
        Ratio(4, "allocation-efficiency", "Allocation efficiency", "AUBT / PBT", 1, KpiTrend.Higher, [AUBT, PBT], e => e(AUBT) / e(PBT)),
        Ratio(5, "utilization-efficiency", "Utilization efficiency", "APT / AUBT", 1, KpiTrend.Higher, [APT, AUBT], e => e(APT) / e(AUBT)),
        Ratio(6, "oee-index", "Overall equipment effectiveness index", "(APT / PBT) · (PRI·PQ / APT) · (GQ / PQ)", null, KpiTrend.Higher, [APT, PBT, PRIPQ, GQ, PQ],
            e => e(APT) / e(PBT) * (e(PRIPQ) / e(APT)) * (e(GQ) / e(PQ))),
        Ratio(7, "nee-index", "Net equipment effectiveness index", "(AUPT / PBT) · (PRI·PQ / APT) · (GQ / PQ)", null, KpiTrend.Higher, [AUPT, PBT, PRIPQ, APT, GQ, PQ],
            e => e(AUPT) / e(PBT) * (e(PRIPQ) / e(APT)) * (e(GQ) / e(PQ))),
        Ratio(8, "availability", "Availability", "APT / PBT", 1, KpiTrend.Higher, [APT, PBT], e => e(APT) / e(PBT)),
        Ratio(9, "effectiveness", "Effectiveness", "PRI·PQ / APT", null, KpiTrend.Higher, [PRIPQ, APT], e => e(PRIPQ) / e(APT)),
        Ratio(10, "quality-ratio", "Quality ratio", "GQ / PQ", 1, KpiTrend.Higher, [GQ, PQ], e => e(GQ) / e(PQ)),
        Ratio(11, "setup-ratio", "Setup ratio", "AUST / AUPT", 1, KpiTrend.Lower, [AUST, AUPT], e => e(AUST) / e(AUPT)),
        Ratio(12, "technical-efficiency", "Technical efficiency", "APT / (APT + ADET)", 1, KpiTrend.Higher, [APT, ADET], e => e(APT) / (e(APT) + e(ADET))),
        Ratio(13, "production-process-ratio", "Production process ratio", "APT / AOET", 1, KpiTrend.Higher, [APT, AOET], e => e(APT) / e(AOET)),
        Ratio(14, "actual-to-planned-scrap-ratio", "Actual to planned scrap ratio", "SQ / PSQ", null, KpiTrend.Lower, [SQ, PSQ], e => e(SQ) / e(PSQ)),
        Ratio(15, "first-pass-yield", "First pass yield", "GP / IP", 1, KpiTrend.Higher, [GP, IP], e => e(GP) / e(IP)),
        Ratio(16, "scrap-ratio", "Scrap ratio", "SQ / PQ", 1, KpiTrend.Lower, [SQ, PQ], e => e(SQ) / e(PQ)),
        Ratio(17, "rework-ratio", "Rework ratio", "RQ / PQ", 1, KpiTrend.Lower, [RQ, PQ], e => e(RQ) / e(PQ)),
        Ratio(18, "fall-off-ratio", "Fall off ratio", "SQ / PQF", 1, KpiTrend.Lower, [SQ, PQF], e => e(SQ) / e(PQF)),
        Index(19, "machine-capability-index", "Machine capability index Cm", "(USL − LSL) / (6 · s)", 0, [USL, LSL, SM], e => (e(USL) - e(LSL)) / (6 * e(SM))),
        Index(20, "critical-machine-capability-index", "Critical machine capability index Cmk", "min(USL − x̄, x̄ − LSL) / (3 · s)", null, [USL, LSL, XM, SM],
            e => Math.Min(e(USL) - e(XM), e(XM) - e(LSL)) / (3 * e(SM))),
        Index(21, "process-capability-index", "Process capability index Cp", "(USL − LSL) / (6 · σ̂)", 0, [USL, LSL, SP], e => (e(USL) - e(LSL)) / (6 * e(SP))),
        Index(22, "critical-process-capability-index", "Critical process capability index Cpk", "min(USL − x̿, x̿ − LSL) / (3 · σ̂)", null, [USL, LSL, XP, SP],
            e => Math.Min(e(USL) - e(XP), e(XP) - e(LSL)) / (3 * e(SP))),
        Of(23, "comprehensive-energy-consumption", "Comprehensive energy consumption", "E / PQ", "kWh/piece", null, KpiTrend.Lower, [E, PQ], e => e(E) / e(PQ)),
        Ratio(24, "inventory-turns", "Inventory turns", "TH / AI", null, KpiTrend.Higher, [TH, AI], e => e(TH) / e(AI)),
        Ratio(25, "finished-goods-ratio", "Finished goods ratio", "GQ / CM", 1, KpiTrend.Higher, [GQM, CM], e => e(GQM) / e(CM)),
        Ratio(26, "integrated-goods-ratio", "Integrated goods ratio", "IGQ / CM", 1, KpiTrend.Higher, [IGQ, CM], e => e(IGQ) / e(CM)),
        Ratio(27, "production-loss-ratio", "Production loss ratio", "PL / CM", 1, KpiTrend.Lower, [PL, CM], e => e(PL) / e(CM)),
        Ratio(28, "storage-and-transportation-loss-ratio", "Storage and transportation loss ratio", "STL / CM", 1, KpiTrend.Lower, [STL, CM], e => e(STL) / e(CM)),
        Ratio(29, "other-loss-ratio", "Other loss ratio", "OL / CM", 1, KpiTrend.Lower, [OL, CM], e => e(OL) / e(CM)),
        Ratio(30, "equipment-load-ratio", "Equipment load ratio", "PQ / EPC", null, KpiTrend.Higher, [PQ, EPC], e => e(PQ) / e(EPC)),
        Of(31, "mean-operating-time-between-failures", "Mean operating time between failures", "Σ TBF / (FE + 1)", "h", null, KpiTrend.Higher, [TBF, FE], e => e(TBF) / (e(FE) + 1) / 3600),
        Of(32, "mean-time-to-failure", "Mean time to failure", "Σ TTF / (FE + 1)", "h", null, KpiTrend.Higher, [TTF, FE], e => e(TTF) / (e(FE) + 1) / 3600),
        Of(33, "mean-time-to-restoration", "Mean time to restoration", "Σ TTR / (FE + 1)", "h", null, KpiTrend.Lower, [TTR, FE], e => e(TTR) / (e(FE) + 1) / 3600),
        Ratio(34, "corrective-maintenance-ratio", "Corrective maintenance ratio", "CMT / (CMT + PMT)", 1, KpiTrend.Lower, [CMT, PMT], e => e(CMT) / (e(CMT) + e(PMT))),
    ];

    private static KpiDefinition Of(int number, string id, string name, string formula, string unit, double? high, KpiTrend better,
        ImmutableArray<KpiElement> inputs, Func<Func<KpiElement, double>, double> compute, double? low = 0) =>
        new(number, id, name, formula, unit, low, high, better, inputs) { Compute = compute };

    private static KpiDefinition Ratio(int number, string id, string name, string formula, double? high, KpiTrend better,
        ImmutableArray<KpiElement> inputs, Func<Func<KpiElement, double>, double> compute) => Of(number, id, name, formula, "1", high, better, inputs, compute);

    private static KpiDefinition Index(int number, string id, string name, string formula, double? low,
        ImmutableArray<KpiElement> inputs, Func<Func<KpiElement, double>, double> compute) =>
        Of(number, id, name, formula, "1", null, KpiTrend.Higher, inputs, compute, low);

    /// <summary>Every indicator from the elements that are known; what cannot be computed says why.</summary>
    public static ImmutableArray<KpiValue> Compute(IReadOnlyDictionary<KpiElement, double> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        return [.. All.Select(d => Compute(d, known))];
    }

    private static KpiValue Compute(KpiDefinition d, IReadOnlyDictionary<KpiElement, double> known)
    {
        var missing = d.Inputs.Where(i => !known.ContainsKey(i)).ToImmutableArray();
        if (missing.Length > 0) return new(d, null, missing, KpiReason.InputMissing);
        var value = d.Compute(i => known[i]);
        // 0/0 and x/0: nothing was there to be divided by, and 0 would be a claim.
        return double.IsFinite(value) ? new(d, value, [], KpiReason.None) : new(d, null, [], KpiReason.NothingToDivideBy);
    }
}

/// <summary>Why an indicator has no value.</summary>
public enum KpiReason : byte { None = 0, InputMissing = 1, NothingToDivideBy = 2 }

/// <param name="Value">In the unit of the definition; null when it cannot be computed, never 0 instead.</param>
/// <param name="Missing">Elements that nobody delivered; empty when all are there.</param>
public sealed record KpiValue(KpiDefinition Definition, double? Value, ImmutableArray<KpiElement> Missing, KpiReason Reason);

/// <summary>What a result rests on; stands with every result of the room.</summary>
/// <param name="Model">How it was computed, a stable name.</param>
/// <param name="Version">Raised whenever the same data would give another result.</param>
/// <param name="Window">The data it was computed from.</param>
/// <param name="Count">Observations in the window: state stretches, parts, values.</param>
/// <param name="Confidence">0 to 1; what it means is said with the model.</param>
public sealed record Basis(string Model, int Version, Model.TimeRange Window, long Count, double Confidence);

/// <summary>All indicators of one machine in one range.</summary>
/// <param name="Elements">What they were computed from.</param>
/// <param name="Basis">Confidence: share of the planned busy time about which anything is known.</param>
public sealed record KpiAnswer(Model.MachineId Machine, Model.TimeRange Range, ImmutableSortedDictionary<KpiElement, double> Elements, ImmutableArray<KpiValue> Values, Basis Basis);
