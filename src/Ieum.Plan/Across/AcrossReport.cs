using System.Text.Json;

namespace Ieum.Plan.Across;

/// <summary>Where and when one step of a shared order runs; its machine stays inside the company.</summary>
/// <param name="Order">Index into the instance's orders.</param>
/// <param name="Step">0 is the first.</param>
/// <param name="Company">Index into the instance's companies.</param>
public readonly record struct AcrossSlot(int Order, int Step, int Company, long Start, long End);

/// <summary>What a closed-book run came to, in the shape that others recompute it from.</summary>
public sealed class AcrossReport
{
    private readonly FedInstance _instance;
    private readonly AcrossRequest _request;
    private readonly FedObjective _found, _silo, _lead, _net;
    private readonly Negotiation _negotiation;
    private readonly Leak _leak, _neighbour, _two;
    private readonly FedSchedule _schedule;

    internal AcrossReport(FedInstance instance, AcrossRequest request, FedObjective found, long? reference, long? bound, FedObjective silo, FedObjective lead,
        FedObjective net, Negotiation negotiation, double seconds, Leak leak, Leak neighbour, Leak two, IReadOnlyList<string> faults, FedSchedule schedule)
    {
        (_instance, _request, _found, Reference, ReferenceBound, _silo, _lead, _net) = (instance, request, found, reference, bound, silo, lead, net);
        (_negotiation, Seconds, _leak, _neighbour, _two, Faults, _schedule) = (negotiation, seconds, leak, neighbour, two, faults, schedule);
    }

    public string Instance => _instance.Name;
    public long Objective => _found.Value;
    /// <summary>Best plan found with open books; null when none was asked for.</summary>
    public long? Reference { get; }
    /// <summary>No plan at all, with open books, costs less.</summary>
    public long? ReferenceBound { get; }
    /// <summary>(objective − reference) / reference; below 0 when the closed-book plan is better than the reference.</summary>
    public double? Gap => Reference is { } r ? (Objective - r) / (double)Math.Max(1, r) : null;
    public long Silo => _silo.Value;
    public long SiloFixedLead => _lead.Value;
    public long ContractNet => _net.Value;
    public int Messages => _negotiation.Messages;
    public long Bytes => _negotiation.Bytes;
    public int Rounds => _negotiation.Rounds;
    public double TimesRecovered => _leak.Recovered;
    /// <summary>Share of the others' times that the luckiest single company, and the luckiest two together, recover exactly from hand-overs in rehearsals.</summary>
    public double TimesRecoveredByNeighbour => _neighbour.Recovered;
    public double TimesRecoveredByTwo => _two.Recovered;
    public double Seconds { get; }
    public bool Verified => Faults.Count == 0;
    public IReadOnlyList<string> Faults { get; }
    /// <summary>Lead time against the better silo: mean time from release to end, as ratio; 0.9 is 10 % shorter.</summary>
    public double LeadTimeRatio => _found.FlowTime / Math.Max(1, Math.Min(_silo.FlowTime, _lead.FlowTime));
    /// <summary>The search as it went: rounds, messages, best promised objective.</summary>
    public IEnumerable<(int Round, int Messages, long Best)> Curve => _negotiation.Curve.Select(p => (p.Round, p.Messages, p.Best));
    /// <summary>The best that today's practice reaches: of silo, silo with fixed lead times and contract net.</summary>
    public long Today => BestToday.Value;
    /// <summary>Shared orders that end after their due time; today, and with closed books.</summary>
    public (int Today, int Closed) LateOrders => (BestToday.Late, _found.Late);
    /// <summary>The shared work as it is carried out, by true times. Private work is left out: nobody outside its company may see it.</summary>
    public IEnumerable<AcrossSlot> Slots => _schedule.Shared.Select(s => new AcrossSlot(s.Order, s.Operation, s.Company, s.Start, s.End));

    private FedObjective BestToday => new[] { _silo, _lead, _net }.MinBy(o => o.Value);

    /// <summary>One JSON document; keys as documented for <c>ieum plan across</c>.</summary>
    public string ToJson()
    {
        using var stream = new MemoryStream();
        using (var w = new Utf8JsonWriter(stream, new() { Indented = false }))
        {
            w.WriteStartObject();
            w.WriteString("instance", Instance);
            w.WriteNumber("companies", _instance.Companies.Length);
            w.WriteNumber("seed", _request.Seed);
            w.WriteNumber("objective", Objective);
            Number("reference", Reference);
            Number("referenceBound", ReferenceBound);
            Number("gap", Gap);
            w.WriteNumber("silo", Silo);
            w.WriteNumber("siloFixedLead", SiloFixedLead);
            w.WriteNumber("contractNet", ContractNet);
            w.WriteNumber("messages", Messages);
            w.WriteNumber("bytes", Bytes);
            w.WriteNumber("rounds", Rounds);
            w.WriteNumber("timesRecovered", TimesRecovered);
            w.WriteNumber("timesRecoveredByNeighbour", Math.Round(TimesRecoveredByNeighbour, 4));
            w.WriteNumber("timesRecoveredByTwo", Math.Round(TimesRecoveredByTwo, 4));
            w.WriteNumber("timesIntervalWidth", Math.Round(_leak.Interval, 4));
            w.WriteNumber("rehearsals", _negotiation.Rehearsed().Begun);
            w.WriteNumber("timesGuessError", Math.Round(_leak.Error, 4));
            w.WriteNumber("seconds", Math.Round(Seconds, 3));
            w.WriteBoolean("verified", Verified);
            w.WriteStartObject("parts");
            w.WriteNumber("sharedTardiness", _found.Shared);
            w.WriteNumber("privateTardiness", _found.Private);
            w.WriteNumber("makespan", _found.Makespan);
            w.WriteNumber("lateOrders", _found.Late);
            w.WriteNumber("meanLeadTime", Math.Round(_found.FlowTime, 2));
            w.WriteNumber("siloMeanLeadTime", Math.Round(Math.Min(_silo.FlowTime, _lead.FlowTime), 2));
            w.WriteEndObject();
            w.WriteStartArray("quarantined");
            foreach (var (c, why) in _negotiation.Quarantined)
            {
                w.WriteStartObject();
                w.WriteString("company", _instance.Companies[c].Id);
                w.WriteString("reason", why);
                w.WriteEndObject();
            }
            w.WriteEndArray();
            w.WriteStartArray("curve");
            foreach (var (round, messages, best) in Curve)
            {
                w.WriteStartArray();
                w.WriteNumberValue(round);
                w.WriteNumberValue(messages);
                w.WriteNumberValue(best);
                w.WriteEndArray();
            }
            w.WriteEndArray();
            w.WritePropertyName("instanceJson");
            w.WriteRawValue(FedJson.Write(_instance));
            w.WriteStartArray("schedule");
            foreach (var s in _schedule.Shared)
            {
                var company = _instance.Companies[s.Company];
                Slot(_instance.Orders[s.Order].Id, s.Operation, company.Id, company.Machines[s.Machine], s.Start, s.End);
            }
            // The private orders too, so that others can recompute every term; outside a benchmark nobody could write this list.
            foreach (var p in _schedule.Private)
            {
                var company = _instance.Companies[p.Company];
                Slot(company.Private[p.Index].Id, 0, company.Id, company.Machines[company.Private[p.Index].Machine], p.Start, p.End);
            }
            w.WriteEndArray();
            w.WriteEndObject();

            void Number(string name, double? value)
            {
                if (value is { } v) w.WriteNumber(name, v);
                else w.WriteNull(name);
            }

            void Slot(string order, int operation, string company, string machine, long start, long end)
            {
                w.WriteStartObject();
                w.WriteString("order", order);
                w.WriteNumber("operation", operation);
                w.WriteString("company", company);
                w.WriteString("machine", machine);
                w.WriteNumber("start", start);
                w.WriteNumber("end", end);
                w.WriteEndObject();
            }
        }
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
