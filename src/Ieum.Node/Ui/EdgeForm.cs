using Ieum.Connect;
using Ieum.Model;

namespace Ieum.Node.Ui;

/// <summary>The settings of the edge node while a person changes them.</summary>
public sealed class EdgeForm
{
    /// <summary>One machine; what is chosen of its signals counts only without <see cref="EverySignal"/>, names count always.</summary>
    public sealed class MachineRow(string id)
    {
        public string Id { get; } = id;
        public bool Published { get; set; }
        public string Device { get; set; } = "";
        public bool EverySignal { get; set; } = true;
        public HashSet<string> Chosen { get; } = new(StringComparer.Ordinal);
        public Dictionary<string, string> Names { get; } = new(StringComparer.Ordinal);

        /// <summary>Whether it says anything that "all of it, as it is called" does not.</summary>
        public bool IsSpecial => Device.Trim().Length > 0 || !EverySignal || Names.Values.Any(n => n.Trim().Length > 0);

        public SparkplugEdgeDevice ToDevice() => new(Id, Device.Trim(), EverySignal,
            [.. (EverySignal ? Names.Keys.Where(s => Name(s).Length > 0) : Chosen).Order(StringComparer.Ordinal).Select(s => new SparkplugEdgeMetric(s, Name(s)))]);

        private string Name(string signal) => Names.GetValueOrDefault(signal, "").Trim() is var n && n != signal ? n : "";
    }

    public bool Enabled { get; set; }
    public bool Outside { get; set; }
    public string Broker { get; set; } = "";
    public string User { get; set; } = "";
    public string Password { get; set; } = "";
    public bool HasPassword { get; private set; }
    public string Ca { get; set; } = "";
    public string Group { get; set; } = "";
    public string Node { get; set; } = "";
    public string PrimaryHost { get; set; } = "";
    public string WriteAs { get; set; } = "";
    public double GatherSeconds { get; set; }
    public bool EveryMachine { get; set; }
    public List<MachineRow> Machines { get; private init; } = [];

    public static EdgeForm Of(SparkplugEdgeSettings s, IEnumerable<Machine> machines)
    {
        var form = new EdgeForm
        {
            Enabled = s.Enabled, Outside = s.Broker.Length > 0, Broker = s.Broker, User = s.User, HasPassword = s.Password.Length > 0, Ca = s.Ca, Group = s.Group, Node = s.Node,
            PrimaryHost = s.PrimaryHost, WriteAs = s.WriteAs, GatherSeconds = s.Gather.TotalSeconds, EveryMachine = s.EveryMachine,
            // A machine that is named and gone stays on the form, so that the owner can take it off.
            Machines = [.. machines.Select(m => m.Id.Value).Union(s.Devices.Select(d => d.Machine)).Select(id => new MachineRow(id))],
        };
        foreach (var row in form.Machines)
        {
            if (s.Devices.FirstOrDefault(d => d.Machine == row.Id) is not { } device) continue;
            (row.Published, row.Device, row.EverySignal) = (true, device.Device, device.EverySignal);
            foreach (var m in device.Metrics)
            {
                if (!device.EverySignal) row.Chosen.Add(m.Signal);
                if (m.Name.Length > 0) row.Names[m.Signal] = m.Name;
            }
        }
        return form;
    }

    /// <param name="old">An empty password keeps the one that is set, as long as the user is the same.</param>
    public SparkplugEdgeSettings ToSettings(SparkplugEdgeSettings old) => new()
    {
        Enabled = Enabled, Broker = Outside ? Broker.Trim() : "", User = Outside || old.Broker.Length == 0 ? User.Trim() : "",
        Password = Password.Length > 0 ? Password : User.Trim() == old.User && (Outside || old.Broker.Length == 0) ? old.Password : "",
        Ca = Outside ? Ca.Trim() : "", Group = Group.Trim(), Node = Node.Trim(), PrimaryHost = PrimaryHost.Trim(), WriteAs = WriteAs,
        Gather = TimeSpan.FromSeconds(double.IsFinite(GatherSeconds) ? Math.Clamp(GatherSeconds, 0, 3600) : 0), EveryMachine = EveryMachine,
        Devices = [.. Machines.Where(m => EveryMachine ? m.IsSpecial : m.Published).Select(m => m.ToDevice())],
    };
}
