using System.Globalization;

namespace Ieum.Plan;

/// <summary>Checks a schedule of a job shop instance from the instance alone; shares no code with the search.</summary>
internal static class ShopScheduleCheck
{
    /// <returns>What is wrong, in words; empty when the schedule holds.</returns>
    public static IReadOnlyList<string> Faults(JobShop shop, ShopSchedule schedule)
    {
        List<string> faults = [];
        if (schedule.Slots.Length != shop.Operations.Length)
            return [Say($"{schedule.Slots.Length} operations are scheduled, the instance has {shop.Operations.Length}")];
        for (var i = 0; i < schedule.Slots.Length; i++)
        {
            var (slot, operation) = (schedule.Slots[i], shop.Operations[i]);
            var time = operation.Options.Where(o => o.Machine == slot.Machine).Select(o => (int?)o.Time).FirstOrDefault();
            if (time is null) faults.Add(Say($"{Name(shop, i)} runs on machine {slot.Machine}, which cannot do it"));
            else if (slot.End - slot.Start != time) faults.Add(Say($"{Name(shop, i)} runs from {slot.Start} to {slot.End}; it takes {time} on machine {slot.Machine}"));
            if (slot.Start < 0) faults.Add(Say($"{Name(shop, i)} starts at {slot.Start}, before 0"));
            foreach (var b in operation.Before)
                if (slot.Start < schedule.Slots[b].End)
                    faults.Add(Say($"{Name(shop, i)} starts at {slot.Start}, before {Name(shop, b)} ends at {schedule.Slots[b].End}"));
        }
        foreach (var machine in Enumerable.Range(0, schedule.Slots.Length).GroupBy(i => schedule.Slots[i].Machine))
        {
            var inOrder = machine.OrderBy(i => schedule.Slots[i].Start).ThenBy(i => schedule.Slots[i].End).ToArray();
            if (!shop.SetUps.IsEmpty && machine.Key >= 0 && machine.Key < shop.Machines) OrderInstants(shop, schedule, machine.Key, inOrder);
            for (var k = 1; k < inOrder.Length; k++)
            {
                var (a, b) = (inOrder[k - 1], inOrder[k]);
                var setUp = shop.SetUps.IsEmpty || machine.Key < 0 || machine.Key >= shop.Machines ? 0 : shop.SetUps[machine.Key][a * shop.Operations.Length + b];
                if (schedule.Slots[b].Start < schedule.Slots[a].End + setUp)
                    faults.Add(Say($"on machine {machine.Key} {Name(shop, b)} starts at {schedule.Slots[b].Start}; {Name(shop, a)} ends at {schedule.Slots[a].End}{(setUp > 0 ? Say($" and a set-up of {setUp} follows") : "")}"));
            }
        }
        return faults;
    }

    /// <summary>Operations without duration at one instant may stand in any order: each time the one with the least set-up is taken.</summary>
    private static void OrderInstants(JobShop shop, ShopSchedule schedule, int machine, int[] inOrder)
    {
        for (var k = 1; k < inOrder.Length; k++)
            for (var j = k + 1; j < inOrder.Length && schedule.Slots[inOrder[j]] == schedule.Slots[inOrder[k]]; j++)
                if (shop.SetUps[machine][inOrder[k - 1] * shop.Operations.Length + inOrder[j]] < shop.SetUps[machine][inOrder[k - 1] * shop.Operations.Length + inOrder[k]])
                    (inOrder[k], inOrder[j]) = (inOrder[j], inOrder[k]);
    }

    private static string Name(JobShop shop, int i) => Say($"job {shop.Operations[i].Job}, operation {shop.Operations[i].Number}");

    private static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
