using System.Text;
using Ieum.Connect.Broker;
using Ieum.Connect.Sparkplug;
using Ieum.Model;

namespace Ieum.Connect;

/// <summary>Judges settings of the edge node by the words of Sparkplug B 3.0, chapters 4 and 5, before anything of them is published.</summary>
public static class SparkplugEdgeCheck
{
    public const int MostName = 128;

    /// <summary>What is wrong, in the order of the form; empty when the settings may be used.</summary>
    /// <param name="machines">Machines that the company has.</param>
    public static IReadOnlyList<SparkplugEdgeFault> Wrong(SparkplugEdgeSettings s, IReadOnlyCollection<MachineId> machines)
    {
        var faults = new List<SparkplugEdgeFault>();
        if (s.Broker.Length > 0 && !BrokerAddress.TryParse(s.Broker, null, null, null, out _)) Tell(SparkplugRules.EdgeBroker, "broker", $"'{s.Broker}' is no address of a broker; expected {BrokerAddress.Form}.");
        if (s.Broker.Length > 0 && s.Password.Length > 0 && s.User.Length == 0) Tell(SparkplugRules.EdgeBroker, "user", "a password without a user name cannot be sent; give both.");
        if (!BrokerAddress.IsAuthority(s.Ca)) Tell(SparkplugRules.EdgeCa, "ca", "the certificate authority is neither a PEM file on this computer nor the text of one (-----BEGIN CERTIFICATE-----).");
        else if (s.Ca.Length > 0 && !s.Broker.StartsWith("mqtts:", StringComparison.Ordinal)) Tell(SparkplugRules.EdgeCa, "ca", $"a certificate authority is of use only with mqtts://; the broker is '{(s.Broker.Length > 0 ? s.Broker : "the one inside this node")}'.");
        Id("group", s.Group, mayBeEmpty: true);
        // spBv1.0/STATE/… are the topics of host applications (5.11).
        if (s.Group == "STATE") Tell(SparkplugRules.EdgeId, "group", "'STATE' names the topics of host applications; choose another group id.");
        Id("node", s.Node, mayBeEmpty: false);
        Id("primaryHost", s.PrimaryHost, mayBeEmpty: true);
        if (s.Gather < TimeSpan.FromMilliseconds(10) || s.Gather > TimeSpan.FromSeconds(10)) Tell(SparkplugRules.EdgeRange, "gather", $"{s.Gather.TotalSeconds:0.###} s of gathering lies outside 0.01 to 10 s.");
        if (!s.EveryMachine && s.Devices.IsEmpty && s.Enabled) Tell(SparkplugRules.EdgeNothing, "devices", "no machine is chosen; choose one, all of them, or switch the edge node off.");
        foreach (var machine in s.Devices.GroupBy(d => d.Machine).Where(g => g.Count() > 1)) Tell(SparkplugRules.EdgeTwice, "devices", $"machine '{machine.Key}' stands {machine.Count()} times.");
        // Ids and names that differ only by case are one to some hosts (5.2, case sensitivity).
        var others = s.EveryMachine ? machines.Where(m => s.Devices.All(d => d.Machine != m.Value)).Select(m => (Id: m.Value, Machine: m.Value)) : [];
        foreach (var twice in s.Devices.Select(d => (Id: d.DeviceId, d.Machine)).Concat(others).GroupBy(d => d.Id, StringComparer.OrdinalIgnoreCase).Where(g => g.Select(d => d.Machine).Distinct().Count() > 1))
            Tell(SparkplugRules.EdgeTwice, "devices", $"machines {string.Join(" and ", twice.Select(d => $"'{d.Machine}'"))} would both be device '{twice.Key}'; device ids must differ, not only by case.");
        foreach (var d in s.Devices)
        {
            if (!Identifier.IsValid(d.Machine) || !machines.Contains(new(d.Machine))) Tell(SparkplugRules.EdgeMachine, d.Machine, $"the company has no machine '{d.Machine}'; known are {string.Join(", ", machines.Take(20))}.");
            Id(d.Machine, d.DeviceId, mayBeEmpty: false);
            Metrics(d);
        }
        return faults;

        void Tell(string rule, string field, string message) => faults.Add(new(rule, field, message));

        void Id(string field, string id, bool mayBeEmpty)
        {
            if (id.Length == 0 ? mayBeEmpty : id.Length <= MostName && IsText(id) && id.AsSpan().IndexOfAny("/+#") < 0 && id.Trim() == id) return;
            Tell(SparkplugRules.EdgeId, field, $"'{id}' cannot be a Sparkplug id: 1 to {MostName} characters without '/', '+' and '#', no blanks at the ends.");
        }

        void Metrics(SparkplugEdgeDevice d)
        {
            if (!d.EverySignal && d.Metrics.IsEmpty) Tell(SparkplugRules.EdgeNothing, d.Machine, $"of machine '{d.Machine}' no signal is chosen; choose one, all of them, or leave the machine out.");
            foreach (var m in d.Metrics)
                if (m.Signal.Length == 0 || m.MetricName.Length > 512 || !IsText(m.MetricName) || m.MetricName.Trim() != m.MetricName) Tell(SparkplugRules.EdgeMetric, d.Machine, $"'{m.MetricName}' cannot name a metric: 1 to 512 characters, no control characters, no blanks at the ends.");
                else if (m.MetricName == "bdSeq" || m.MetricName.StartsWith("Node Control/", StringComparison.OrdinalIgnoreCase) || m.MetricName.StartsWith("Device Control/", StringComparison.OrdinalIgnoreCase))
                    Tell(SparkplugRules.EdgeMetric, d.Machine, $"'{m.MetricName}' has a meaning of its own in Sparkplug; give signal '{m.Signal}' another name.");
            foreach (var signal in d.Metrics.GroupBy(m => m.Signal, StringComparer.Ordinal).Where(g => g.Count() > 1)) Tell(SparkplugRules.EdgeTwice, d.Machine, $"signal '{signal.Key}' of machine '{d.Machine}' stands {signal.Count()} times.");
            foreach (var name in d.Metrics.GroupBy(m => m.MetricName, StringComparer.OrdinalIgnoreCase).Where(g => g.Select(m => m.Signal).Distinct(StringComparer.Ordinal).Count() > 1))
                Tell(SparkplugRules.EdgeTwice, d.Machine, $"signals {string.Join(" and ", name.Select(m => $"'{m.Signal}'"))} of machine '{d.Machine}' would both be metric '{name.Key}'; names must differ, not only by case.");
        }
    }

    /// <summary>Valid UTF-16 without control characters, so that it stands in an MQTT topic and in UTF-8.</summary>
    private static bool IsText(string text)
    {
        foreach (var rune in text.EnumerateRunes())
            if (rune == Rune.ReplacementChar || Rune.IsControl(rune)) return false;
        return text.Length > 0;
    }
}

/// <param name="Rule">Stable id, also the key of the translated text.</param>
/// <param name="Field">Which field of the form: <c>broker</c>, <c>group</c> … or the id of a machine.</param>
/// <param name="Message">What, which rule, what to do. English.</param>
public sealed record SparkplugEdgeFault(string Rule, string Field, string Message);
