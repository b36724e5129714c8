namespace Ieum.Analyze;

/// <summary>Supporting elements of ISO 22400-2 by their symbols. Times in seconds, quantities in pieces unless said otherwise.</summary>
public enum KpiElement : byte
{
    /// <summary>Actual production time.</summary>
    APT,
    /// <summary>Actual unit set-up time.</summary>
    AUST,
    /// <summary>Actual unit delay time: an order waits, the machine stands, broken or not.</summary>
    ADET,
    /// <summary>Actual unit down time: inside the calendar without an order (OPC 40001-1, table C.2).</summary>
    ADOT,
    /// <summary>Actual unit processing time: APT + AUST.</summary>
    AUPT,
    /// <summary>Actual unit busy time: AUPT + ADET.</summary>
    AUBT,
    /// <summary>Planned busy time: calendar time with an order on the machine.</summary>
    PBT,
    /// <summary>Actual order execution time: by the clock, from begin to end of the orders.</summary>
    AOET,
    /// <summary>Actual personnel work time.</summary>
    APWT,
    /// <summary>Actual personnel attendance time.</summary>
    APAT,
    /// <summary>Planned run time of the pieces made: Σ PRI · PQ.</summary>
    PRIPQ,
    /// <summary>Produced quantity.</summary>
    PQ,
    /// <summary>Good quantity.</summary>
    GQ,
    /// <summary>Scrap quantity.</summary>
    SQ,
    /// <summary>Planned scrap quantity.</summary>
    PSQ,
    /// <summary>Rework quantity.</summary>
    RQ,
    /// <summary>Good parts at the first pass.</summary>
    GP,
    /// <summary>Inspected parts.</summary>
    IP,
    /// <summary>Produced quantity in the first operation of the orders.</summary>
    PQF,
    /// <summary>Upper specification limit, in the unit of the characteristic.</summary>
    USL,
    /// <summary>Lower specification limit.</summary>
    LSL,
    /// <summary>Mean of a short run on the machine alone.</summary>
    XM,
    /// <summary>Standard deviation of a short run on the machine alone.</summary>
    SM,
    /// <summary>Mean of the process.</summary>
    XP,
    /// <summary>Estimated standard deviation of the process, from within the samples.</summary>
    SP,
    /// <summary>Energy consumed, kWh.</summary>
    E,
    /// <summary>Throughput of the stock: pieces that left it.</summary>
    TH,
    /// <summary>Average inventory, pieces.</summary>
    AI,
    /// <summary>Consumed material, pieces or kg, as the quantities beside it.</summary>
    CM,
    /// <summary>Good quantity in the unit of the material.</summary>
    GQM,
    /// <summary>Integrated good quantity, co-products included, in the unit of the material.</summary>
    IGQ,
    /// <summary>Loss in production, in the unit of the material.</summary>
    PL,
    /// <summary>Loss in storage and transport, in the unit of the material.</summary>
    STL,
    /// <summary>Other losses, in the unit of the material.</summary>
    OL,
    /// <summary>Equipment production capacity in the planned busy time.</summary>
    EPC,
    /// <summary>Failure events.</summary>
    FE,
    /// <summary>Sum of times between failures: busy time, repairs included.</summary>
    TBF,
    /// <summary>Sum of times to failure: busy time without repairs.</summary>
    TTF,
    /// <summary>Sum of times to repair.</summary>
    TTR,
    /// <summary>Corrective maintenance time.</summary>
    CMT,
    /// <summary>Preventive maintenance time.</summary>
    PMT,
}

/// <summary>How several readings of an element inside one range become one.</summary>
public enum KpiSum : byte { Sum = 0, Mean = 1, Last = 2 }

internal static class KpiElements
{
    public static KpiSum SumOf(KpiElement element) => element switch
    {
        KpiElement.AI => KpiSum.Mean,
        KpiElement.USL or KpiElement.LSL or KpiElement.XM or KpiElement.SM or KpiElement.XP or KpiElement.SP => KpiSum.Last,
        _ => KpiSum.Sum,
    };
}
